"""/api/opt-outs/import and /export: whole lists of opt-outs, all or nothing."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal

import msgspec

from textwire.domain.account import Caller
from textwire.domain.address import MAX_RAW, BadAddress, parse_recipient
from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages, reading
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.pages import LONGEST_CURSOR
from textwire.switch.consent.importing import MOST as MOST_IMPORTED
from textwire.switch.desk import Desk
from textwire.web.problem import Problem, Refused
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import sheets
from .opt_outs import PATH, place, view
from .sheets import Row

LARGEST: Final = 10 * 1_048_576  # bytes of an uploaded list
SHOWN: Final = 1000  # bad rows that an answer names
SLICE: Final = 1000  # rows that are read before others have their turn
EXPORTED: Final = 10_000  # opt-outs of one answer
CURSOR: Final = "X-Next-Cursor"

_NOT_A_LIST: Final = Problem(
    status=415,
    code="unsupported_media_type",
    detail=f"Send the list as {sheets.CSV} or {sheets.LINES[0]}.",
    headers=(("Accept", f"{sheets.CSV}, {sheets.LINES[0]}"),),
)


class ImportQuery(msgspec.Struct, frozen=True, kw_only=True):
    """How to import."""

    partial: Annotated[bool, msgspec.Meta(description="Import the good rows though there are bad ones.")] = (
        False
    )


class BadRow(msgspec.Struct, frozen=True):
    """A row that could not be read, by its line in the file."""

    line: int
    detail: str


class Imported(msgspec.Struct, frozen=True):
    """What became of a list. `applied` false: some rows are bad, so nothing was done.

    `added`: numbers that were welcome until now; `bad`: the first 1,000 bad rows of `bad_rows`.
    """

    applied: bool
    rows: int
    added: int
    known: int
    bad_rows: int
    bad: list[BadRow]


class ExportQuery(msgspec.Struct, frozen=True, kw_only=True):
    """How to export."""

    format: Literal["csv", "jsonl"] = "csv"
    raw: Annotated[
        bool, msgspec.Meta(description="Cells as they are: for machines, never for a spreadsheet.")
    ] = False
    cursor: (
        Annotated[str, msgspec.Meta(max_length=LONGEST_CURSOR, description=f"{CURSOR} of the answer before.")]
        | None
    ) = None


class Lists:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._opting, self._importing = desk.opting, desk.importing

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """The two calls."""
        return (
            entrance.route("POST", PATH + "/import", self._import, body_limit=LARGEST, about=About(
                summary="Opt a whole list of numbers out: all of them or none", query=ImportQuery, answer=Imported,
                takes=(sheets.CSV, *sheets.LINES),
                note=f"The body is CSV ({sheets.CSV}) or JSON lines ({sheets.LINES[0]}): up to 10 MiB and 100,000 rows.",
                codes=("invalid_body", "too_large", "unsupported_media_type", "unsupported_encoding", "body_timeout"),
            )),
            entrance.route("GET", PATH + "/export", self._export, about=About(
                summary="Everybody who has opted out, as CSV or as JSON lines", query=ExportQuery, media=sheets.CSV,
                also=sheets.LINES[:1],
                note=f"Up to 10,000 at once, newest first; the header {CURSOR} says how to go on.",
            )),
        )  # fmt: skip

    async def _import(self, request: Request, caller: Caller) -> Response:
        query = reading.parameters(request, ImportQuery)
        good, bad = await _judged(_rows(request.media_type, await _text(request)))
        applied = not bad or query.partial
        added = await self._importing.take(caller.account, good, caller.public_id) if applied and good else 0
        rows = len(good) + len(bad)
        known = len(set(good)) - added if applied else 0
        return json_response(Imported(applied, rows, added, known, len(bad), bad[:SHOWN]))

    async def _export(self, request: Request, caller: Caller) -> Response:
        query = reading.parameters(request, ExportQuery)
        wanted = pages.asked(pages.Paging(limit=1, cursor=query.cursor))
        found = await self._opting.page(
            caller.account, at=min(-wanted.after[0], MAX_INT), number=wanted.after[1], limit=EXPORTED + 1
        )
        shown = [view(one) for one in found[:EXPORTED]]
        headers = ((CURSOR, pages.cursor_of(place(found[EXPORTED - 1]))),) if len(found) > EXPORTED else ()
        if query.format == "jsonl":
            body = b"".join(msgspec.json.encode(one) + b"\n" for one in shown)
            return Response(200, body, sheets.LINES[0], headers)
        table = sheets.written(
            ((one.number, one.source, one.since) for one in shown),
            ("number", "source", "since"),
            raw=query.raw,
        )
        return Response(200, table, f"{sheets.CSV}; charset=utf-8", headers)


async def _text(request: Request) -> str:
    if request.media_type not in (sheets.CSV, *sheets.LINES):
        raise Refused(_NOT_A_LIST)
    try:
        text = (await request.body()).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal("invalid_body", "The list must be UTF-8.") from None
    if "\0" in text:
        raise Refusal("invalid_body", "The list contains a NUL character.")
    return text


def _rows(media_type: str, text: str) -> Iterator[Row]:
    return sheets.read_csv(text) if media_type == sheets.CSV else sheets.read_lines(text)


async def _judged(rows: Iterator[Row]) -> tuple[Sequence[str], list[BadRow]]:
    """The numbers of the good rows, and the bad ones; a long list lets others have their turn."""
    good: list[str] = []
    bad: list[BadRow] = []
    for n, row in enumerate(rows):
        if n >= MOST_IMPORTED:
            raise Refusal("invalid_body", f"A list has at most {MOST_IMPORTED:,} rows.")
        if n % SLICE == SLICE - 1:
            await asyncio.sleep(0)
        number, wrong = _number(row)
        if wrong:
            bad.append(BadRow(row.line, wrong))
        else:
            good.append(number)
    return good, bad


def _number(row: Row) -> tuple[str, str]:
    if row.wrong:
        return "", row.wrong
    try:
        return parse_recipient(row.number[: MAX_RAW + 1], plus=False).value, ""
    except BadAddress as error:
        return "", f"{error}."
