"""Rows out and in: CSV that no spreadsheet takes for formulas, and JSON lines."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import msgspec

CSV: Final = "text/csv"
LINES: Final = ("application/x-ndjson", "application/jsonl", "application/x-jsonlines")

# What makes a spreadsheet take a cell for a formula, or hides that it is one (OWASP ASVS 5.0, 1.2.10).
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\0")
LONGEST_LINE: Final = 4096
HEADER: Final = "number"


class Row(msgspec.Struct, frozen=True):
    """A row as it came: its line, and the number that it names, or what is wrong with it."""

    line: int
    number: str = ""
    wrong: str = ""


class _Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    number: str
    source: str = ""
    since: str = ""


_decode: Final = msgspec.json.Decoder(_Line).decode


def tamed(cell: str) -> str:
    """The cell as text: what a spreadsheet would calculate gets an apostrophe in front."""
    return "'" + cell if cell.startswith(_FORMULA) else cell


def written(rows: Iterable[Sequence[str]], header: Sequence[str], *, raw: bool) -> bytes:
    """A CSV file (RFC 4180); `raw`: for machines, with cells as they are."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows(rows if raw else ([tamed(cell) for cell in row] for row in rows))
    return out.getvalue().encode()


def read_lines(text: str) -> Iterator[Row]:
    """The rows of JSON lines: {"number": …} each; empty lines do not count."""
    for n, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if len(line) > LONGEST_LINE:
            yield Row(n, wrong="The line is too long.")
            continue
        try:
            yield Row(n, _decode(line.encode()).number)
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            yield Row(n, wrong='Write {"number": "+447700900123"}.')


def read_csv(text: str) -> Iterator[Row]:
    """The rows of CSV: the column `number` of a file with a header, else the first."""
    reader, column, first = csv.reader(io.StringIO(text, newline=""), strict=True), 0, True
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:  # behind a broken quote nobody knows where rows end
            yield Row(reader.line_num, wrong="This is not CSV: a quote is not closed, or closed too early.")
            return
        names = [cell.strip().lower() for cell in cells]
        if first and HEADER in names:
            column = names.index(HEADER)
        elif any(names):
            yield _row(reader.line_num, cells, column)
        first = False


def _row(line: int, cells: Sequence[str], column: int) -> Row:
    if column >= len(cells):
        return Row(line, wrong="The row has no number.")
    return Row(line, cells[column].strip().removeprefix("'"))
