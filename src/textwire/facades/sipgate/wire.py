"""How sipgate's wire spells things: paths, identifiers of users and extensions, and money."""

import re
from typing import Any, Final

import msgspec

ROOT: Final = "/v2"
USER: Final = "{user:w(?:0|[1-9][0-9]{0,8})}"
SMS: Final = "{sms:s.*}"
CALLER: Final = "{id:[0-9]{1,10}}"
_SMS_ID: Final = re.compile(r"s(0|[1-9][0-9]{0,8})")
MONEY: Final = 10_000  # 10⁻⁸ EUR in the unit of a balance, 10⁻⁴ EUR


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A piece of a body. Unknown members are ignored."""


class Items(msgspec.Struct, frozen=True):
    """Every collection."""

    items: list[Any]


def user_id(number: int) -> str:
    """A user, by the number of its extension."""
    return f"w{number}"


def sms_id(number: int) -> str:
    """An extension."""
    return f"s{number}"


def number_of(sms: str) -> int | None:
    """The number of an extension, None for what names none."""
    found = _SMS_ID.fullmatch(sms)
    return int(found[1]) if found else None
