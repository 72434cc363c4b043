"""The kind of all values: frozen, by name, and with `from_` for what the API calls `from`."""

from __future__ import annotations

import msgspec


def _wire(name: str) -> str:
    return name.rstrip("_")


class Value(msgspec.Struct, frozen=True, kw_only=True, rename=_wire):
    """Something that the server answered."""
