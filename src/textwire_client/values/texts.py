"""What a text will be on the network, as the server tells it."""

from __future__ import annotations

from decimal import Decimal

from .base import Value


class Cost(Value, frozen=True, kw_only=True):
    """Segments and what they cost; no price without a recipient."""

    segments: int
    price: Decimal | None


class Piece(Value, frozen=True, kw_only=True):
    """A segment to be."""

    n: int
    text: str
    characters: int
    units: int


class Culprit(Value, frozen=True, kw_only=True):
    """A character that forces UCS-2."""

    character: str
    code: str
    name: str
    positions: tuple[int, ...]
    instead: str | None
    cost: Cost


class Suggestion(Value, frozen=True, kw_only=True):
    """The same in GSM 03.38."""

    text: str
    segments: int
    price: Decimal | None
    saves: Cost


class Preview(Value, frozen=True, kw_only=True):
    """What a text will be."""

    encoding: str
    characters: int
    segments: tuple[Piece, ...]
    room: int
    price: Decimal | None
    forced: int
    characters_forcing_ucs2: tuple[Culprit, ...]
    suggestion: Suggestion | None
