"""The filters of the history's list: repeated keys, times, numbers."""

from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl

import msgspec

from textwire.domain.ids import MAX_INT
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.store.listing import Filter
from textwire.store.marks import Mark
from textwire.web.request import Request

from .values import truth

MOST_FIELDS: Final = 300
TYPES: Final = frozenset(("CALL", "VOICEMAIL", "SMS", "FAX"))
DIRECTIONS: Final = frozenset(("INCOMING", "OUTGOING", "MISSED_INCOMING", "MISSED_OUTGOING"))
STARRED: Final = frozenset(("STARRED", "UNSTARRED"))


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry has to be; an empty set asks for nothing."""

    types: frozenset[str]
    directions: frozenset[str]
    connections: frozenset[str]
    starred: frozenset[str]
    archived: bool
    since: int
    until: int
    number: str

    @property
    def possible(self) -> bool:
        """Whether any text can pass: no call or fax is one, and none is missed."""
        return (not self.types or "SMS" in self.types) and (
            not self.directions or bool(self.directions & {"INCOMING", "OUTGOING"})
        )

    @property
    def stored(self) -> Filter:
        """As far as the store looks."""
        known = self.directions & {"INCOMING", "OUTGOING"}
        direction = {"INCOMING": "in", "OUTGOING": "out"}[next(iter(known))] if len(known) == 1 else ""
        return Filter(direction=direction, since=self.since, until=self.until)

    def passes(self, message: Message, mark: Mark, extension: str) -> bool:
        """The rest."""
        star = "STARRED" if mark.starred else "UNSTARRED"
        return (
            bool(mark.archived) == self.archived
            and (not self.starred or star in self.starred)
            and (not self.connections or extension in self.connections)
            and (not self.number or self.number in (message.sender, message.recipient))
        )


def repeated(request: Request) -> dict[str, list[str]]:
    """Every value of every parameter. Refusal invalid_field for what cannot be read."""
    try:
        pairs = parse_qsl(
            request.scope["query_string"].decode("ascii"), keep_blank_values=True, errors="strict",
            max_num_fields=MOST_FIELDS,
        )  # fmt: skip
    except ValueError:
        raise Refusal("invalid_field", "The parameters cannot be read.") from None
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if "\0" in value:
            raise Refusal("invalid_field", "A parameter contains NUL.", name[:40])
        found.setdefault(name, []).append(value)
    return found


def wanted(given: dict[str, list[str]], number: str) -> Wanted:
    """`number` is what `phonenumber` names, as it is kept."""
    return Wanted(
        types=_some(given, "types", TYPES),
        directions=_some(given, "directions", DIRECTIONS),
        connections=frozenset(given.get("connectionIds", ())),
        starred=_some(given, "starred", STARRED),
        archived=truth(given.get("archived", ["false"])[-1], "archived"),
        since=_time(given, "from", 0),
        until=_time(given, "to", MAX_INT),
        number=number,
    )


def _some(given: dict[str, list[str]], name: str, known: frozenset[str]) -> frozenset[str]:
    values = frozenset(given.get(name, ()))
    if not values <= known:
        raise Refusal("invalid_field", f"{name} may be {', '.join(sorted(known))}.", name)
    return values


def _time(given: dict[str, list[str]], name: str, usual: int) -> int:
    """ISO 8601 with a zone; without one it is UTC."""
    if name not in given:
        return usual
    written = given[name][-1].strip().replace(" ", "+")  # a + that nobody encoded
    try:
        at = datetime.fromisoformat(written)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(int(at.timestamp() * 1_000_000), 0)
    except (ValueError, OverflowError):
        raise Refusal("invalid_field", f"{name} has to be an ISO 8601 time.", name) from None
