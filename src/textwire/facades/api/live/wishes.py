"""What a live socket asks for: from where on, which events, about which numbers."""

import re
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from textwire.domain.event import TYPES, mask
from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal
from textwire.facades.api import reading
from textwire.live.told import Told
from textwire.web.request import Request

MOST_NUMBERS: Final = 100
LONGEST: Final = 4_096  # characters of a list
EVENTS: Final = tuple(
    name for name in TYPES if name != "subscription.canceled"
)  # that one is vendors' business
_EVENT: Final = re.compile(r"(?:evt_)?([0-9]{1,19})(?:\.[0-9]{1,19})?")


class LiveQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters."""

    after: (
        Annotated[
            str,
            Meta(
                max_length=64, description="The id of the last event that you had: what came since follows."
            ),
        ]
        | None
    ) = None
    events: (
        Annotated[
            str, Meta(max_length=LONGEST, description="Types of events, parted by commas; all without it.")
        ]
        | None
    ) = None
    numbers: (
        Annotated[
            str,
            Meta(max_length=LONGEST, description="Numbers of the account, parted by commas; all without it."),
        ]
        | None
    ) = None
    access_token: (
        Annotated[
            str, Meta(max_length=1_024, description="The key, for browsers, which cannot send a header here.")
        ]
        | None
    ) = None


class Wishes(msgspec.Struct, frozen=True):
    """The same, understood. `after` None: from now on; no numbers: all of them, and what is about none."""

    after: int | None
    types: int
    numbers: frozenset[str]

    def __call__(self, told: Told) -> bool:
        """Whether it asks for an event."""
        return bool(told.bit & self.types) and (not self.numbers or told.own_number in self.numbers)


def read(request: Request) -> Wishes:
    """What a handshake asks for; raises Refusal and BadBody."""
    asked = reading.parameters(request, LiveQuery)
    return Wishes(_after(asked.after), _types(asked.events), _numbers(asked.numbers))


def _after(written: str | None) -> int | None:
    if written is None:
        return None
    match = _EVENT.fullmatch(written)
    if match is None or int(match[1]) > MAX_INT:
        raise Refusal("invalid_field", "Give the id of an event, such as evt_123.", "after")
    return int(match[1])


def _types(written: str | None) -> int:
    if written is None:
        return mask(list(EVENTS))
    names = written.split(",")
    if unknown := [name for name in names if name not in EVENTS]:
        raise Refusal("invalid_field", f"There is no event {unknown[0]!r:.80}.", "events")
    return mask(list(set(names)))


def _numbers(written: str | None) -> frozenset[str]:
    if written is None:
        return frozenset()
    some = written.split(",")
    if len(some) > MOST_NUMBERS:
        raise Refusal("invalid_field", f"Name at most {MOST_NUMBERS} numbers.", "numbers")
    # A `+` that was not percent-encoded has become a space.
    return frozenset(reading.number(one.strip(), "numbers") for one in some)
