"""Cuts lists into pages: newest first, at most 100, continued by a cursor."""

import binascii
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

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
_LIMIT: Final = re.compile(r"[0-9]{1,4}")
_PLACE: Final = re.compile(r"(-?[0-9]{1,19}):(.{0,64})")


class Wanted(msgspec.Struct, frozen=True):
    """Which page: at most `limit` rows behind the place `after`."""

    limit: int
    after: Place


def wanted(request: Request, *more: str) -> Wanted:
    """The page that a query asks for; `more` are other parameters that the call knows. Raises Refusal."""
    found = reading.query(request, ("limit", "cursor", *more))
    limit = found.get("limit")
    if limit is not None and not (_LIMIT.fullmatch(limit) and 1 <= int(limit) <= MOST):
        raise Refusal("invalid_field", f"The limit is a number from 1 to {MOST}.", "limit")
    cursor = found.get("cursor")
    return Wanted(int(limit) if limit else USUAL, START if cursor is None else _read(cursor))


def page(rows: Sequence[T], page: Wanted, place: Callable[[T], Place], view: Callable[[T], Any]) -> Response:
    """A page of rows that rise by place; rows before the page, and any number behind it, may be among them."""
    behind = [row for row in rows if place(row) > page.after]
    shown = behind[: page.limit]
    cursor = _write(place(shown[-1])) if len(behind) > page.limit else None
    return json_response({"items": [view(row) for row in shown], "next": cursor})


def of_ids(wanted: Wanted) -> int:
    """The identifier before which a page ends whose rows stand at (−identifier, "")."""
    return min(-wanted.after[0], MAX_INT)


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
