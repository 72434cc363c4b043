"""The parameters of the list of messages, and what they ask of the store."""

from typing import Annotated, Final, Literal

import msgspec

from textwire.domain.address import BadAddress, parse_sender
from textwire.domain.ids import MAX_INT
from textwire.domain.message import STATES
from textwire.domain.refusal import Refusal
from textwire.facades.api import reading
from textwire.facades.api.pages import Paging
from textwire.store.listing import Filter

LONGEST_SEARCH: Final = 200  # characters

Address = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
When = Annotated[
    str, msgspec.Meta(min_length=1, max_length=40, description="RFC 3339, or seconds since 1970.")
]


class Filters(Paging, frozen=True, kw_only=True, rename={"sender": "from"}):
    """All of them have to be true of a message."""

    direction: Annotated[
        Literal["in", "out"] | None, msgspec.Meta(description="`in`: received, `out`: sent.")
    ] = None
    state: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=200)] | None,
        msgspec.Meta(description="One state, or several with commas between."),
    ] = None
    sender: Annotated[Address | None, msgspec.Meta(description="A number or sender name.")] = None
    to: Annotated[Address | None, msgspec.Meta(description="A number.")] = None
    ref: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=255)] | None,
        msgspec.Meta(description="Your own name for a message."),
    ] = None
    batch: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=19)] | None, msgspec.Meta(description="A batch.")
    ] = None
    created_after: Annotated[When | None, msgspec.Meta(description="Then or later.")] = None
    created_before: Annotated[When | None, msgspec.Meta(description="Earlier than that.")] = None
    q: Annotated[
        Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_SEARCH)] | None,
        msgspec.Meta(description="A part of the text, in upper or lower case."),
    ] = None


def filter_of(asked: Filters) -> Filter:
    """What the store looks for. Raises Refusal for a parameter that cannot be read."""
    return Filter(
        direction=asked.direction or "",
        states=_states(asked.state),
        sender=address(asked.sender, "from") if asked.sender else "",
        recipient=address(asked.to, "to") if asked.to else "",
        ref=asked.ref or "",
        batch=_batch(asked.batch),
        since=_moment(asked.created_after, "created_after") if asked.created_after else 0,
        until=_moment(asked.created_before, "created_before") if asked.created_before else MAX_INT,
        q=asked.q or "",
    )


def _states(written: str | None) -> tuple[str, ...]:
    if written is None:
        return ()
    states = tuple(dict.fromkeys(written.split(",")))
    for state in states:
        if state not in STATES:
            raise Refusal("invalid_field", f"The states are {', '.join(sorted(STATES))}.", "state")
    return states


def _batch(written: str | None) -> int:
    if written is None:
        return 0
    try:
        return reading.identifier(written)
    except Refusal:
        raise Refusal("invalid_field", "This is no identifier.", "batch") from None


def _moment(written: str, field: str) -> int:
    seconds = written.removeprefix("-").replace(".", "", 1)
    plain = seconds.isascii() and seconds.isdigit()
    return reading.instant(float(written) if plain else written, field)


def address(written: str, field: str) -> str:
    """A number or sender name as it is kept. Raises Refusal."""
    try:
        return parse_sender(written, plus=False).value
    except BadAddress as error:
        raise Refusal("invalid_address", f"{error}.", field) from None
