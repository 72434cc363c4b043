"""Cuts lists into pages: newest first, at most 100, continued by a cursor."""

import binascii
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final, Generic, TypeVar

import msgspec

from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal
from textwire.web.request import Request
from textwire.web.response import Response, json_response

from . import reading

T = TypeVar("T")

USUAL: Final = 25
MOST: Final = 100

Place = tuple[int, str]
"""Where a row stands: lists rise by place. A newer row has a lower place, say its identifier's negative."""

START: Final[Place] = (-MAX_INT - 1, "")
LONGEST_CURSOR: Final = 128
_PLACE: Final = re.compile(r"(-?[0-9]{1,19}):(.{0,64})")


class Paging(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of every list; a list that can be filtered has a Struct of its own below this one."""

    limit: Annotated[int, msgspec.Meta(ge=1, le=MOST, description="How many at most.")] = USUAL
    cursor: (
        Annotated[str, msgspec.Meta(max_length=LONGEST_CURSOR, description="`next` of the page before.")]
        | None
    ) = None


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page of a list, newest first; `next` is the cursor of the following page, null on the last."""

    items: list[T]
    next: str | None


class Wanted(msgspec.Struct, frozen=True):
    """Which page: at most `limit` rows behind the place `after`."""

    limit: int
    after: Place


def asked(paging: Paging) -> Wanted:
    """The page that a query asks for. Raises Refusal for a cursor that is none of ours."""
    return Wanted(paging.limit, START if paging.cursor is None else _read(paging.cursor))


def wanted(request: Request) -> Wanted:
    """The page of a list that nothing filters. Raises Refusal and BadBody."""
    return asked(reading.parameters(request, Paging))


def page(rows: Sequence[T], page: Wanted, place: Callable[[T], Place], view: Callable[[T], Any]) -> Response:
    """A page of rows that rise by place; rows before the page, and any number behind it, may be among them."""
    behind = [row for row in rows if place(row) > page.after]
    shown = behind[: page.limit]
    cursor = _write(place(shown[-1])) if len(behind) > page.limit else None
    return json_response(Page([view(row) for row in shown], cursor))


def cut(items: Sequence[Any], place: Place | None) -> Response:
    """A page that was cut already; the next one begins behind `place`, if there is one."""
    return json_response(Page(list(items), None if place is None else _write(place)))


def of_ids(wanted: Wanted) -> int:
    """The identifier before which a page ends whose rows stand at (−identifier, "")."""
    return min(-wanted.after[0], MAX_INT)


def cursor_of(place: Place) -> str:
    """The cursor of what stands behind a place, for an answer that is no Page."""
    return _write(place)


def _write(place: Place) -> str:
    raw = f"{place[0]}:{place[1]}".encode()
    return binascii.b2a_base64(raw, newline=False).rstrip(b"=").translate(_TO_URL).decode()


def _read(cursor: str) -> Place:
    try:
        raw = cursor.encode("ascii").translate(_FROM_URL)
        if len(raw) > LONGEST_CURSOR:
            raise ValueError
        text = binascii.a2b_base64(raw + b"=" * (-len(raw) % 4), strict_mode=True).decode()
    except ValueError:
        text = ""
    match = _PLACE.fullmatch(text)
    if match is None or abs(int(match[1])) > MAX_INT:
        raise Refusal("invalid_field", "Take the cursor from `next` of the page before.", "cursor")
    return int(match[1]), match[2]


_TO_URL: Final = bytes.maketrans(b"+/", b"-_")
_FROM_URL: Final = bytes.maketrans(b"-_", b"+/")
