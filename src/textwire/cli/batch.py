"""`textwire batch`: one text with variables to everybody in a CSV file."""

import csv
import re
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import click

from . import tables
from .failures import Failed, Refused
from .finding import find, server_options
from .plain import line
from .progress import progress

MOST_BYTES: Final = 10 << 20
MOST_ROWS: Final = 100_000
AT_ONCE: Final = 10_000  # recipients that the API takes in one batch
TO: Final = ("to", "number", "phone", "recipient")  # columns that may hold the recipient
LOOK: Final = 0.2  # seconds between two looks at a batch
SHOWN: Final = 20  # refusals that are told one by one

VARIABLE: Final = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
FIRST_ROW: Final = 2  # below the names of the columns

Item = dict[str, Any]


@click.command("batch", short_help="Send one text to everybody in a CSV file.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--text", required=True, help="The text; {{name}} stands for the column of that name.")
@click.option("--from", "sender", metavar="NUMBER", help="One of the account's numbers, or a sender name.")
@click.option(
    "--column", metavar="NAME", help=f"Column of the recipients. [default: {', '.join(TO)} or the first]"
)
@click.option("--ref", metavar="NAME", help="Your own name for these messages.")
@click.option("--send-at", metavar="TIME", help="When to send, RFC 3339. [default: now]")
@click.option("--dry-run", is_flag=True, help="Send nothing: show the first texts.")
@click.option(
    "--timeout", type=click.FloatRange(0, 86_400), default=600.0, show_default=True, metavar="SECONDS",
    help="How long to wait until all are messages or refused.",
)  # fmt: skip
@server_options
def command(
    file: Path, text: str, sender: str | None, column: str | None, ref: str | None, send_at: str | None,
    dry_run: bool, timeout: float, data: str | None, url: str | None, key: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Send TEXT to every row of FILE, a CSV file (comma or semicolon) whose first row names the columns.

    It ends when every row is a message or refused, and fails if one was refused; what becomes of the messages then
    shows `textwire messages list --batch ID`.
    """
    from .call import Api

    items = list(read(file, column))
    if dry_run:
        for item in items[:5]:
            click.echo(line(f"{item['to']}: {filled(text, item['values'])}"))
        return
    wishes = {"text": text, "from": sender, "ref": ref, "send_at": send_at}
    form = {name: value for name, value in wishes.items() if value is not None}
    api = Api(*find(data, url, key))
    with progress("Sending") as moved:
        batches = list(_send(api, form, items, timeout, moved))
    _tell(api, batches, as_json)


def read(file: Path, column: str | None) -> Iterator[Item]:
    """The recipients of a file with their values; raises Refused with the row at fault."""
    if file.stat().st_size > MOST_BYTES:
        raise Refused(f"{file} is larger than {MOST_BYTES >> 20} MiB: split it")
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            first = stream.readline()
            stream.seek(0)
            delimiter = ";" if first.count(";") > first.count(",") else ","
            yield from _items(csv.DictReader(stream, delimiter=delimiter, strict=True), file, column)
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{file} is not CSV in UTF-8: {error}") from None


def _items(rows: "csv.DictReader[str]", file: Path, column: str | None) -> Iterator[Item]:
    names = [name.strip() for name in rows.fieldnames or ()]
    to = column or next((name for name in names if name.lower() in TO), names[0] if names else "")
    if to not in names:
        raise Refused(
            f"{file} has no column {to!r}; it has {', '.join(names) or 'none'} (--column names one)"
        )
    for count, row in enumerate(rows, 1):
        if count > MOST_ROWS:
            raise Refused(f"{file} has more than {MOST_ROWS} rows: split it")
        if None in row or None in row.values():
            raise Refused(f"{file}, row {rows.line_num}: it has not as many values as there are columns")
        values = {name.strip(): value for name, value in row.items()}
        # A leading ' is how spreadsheets are kept from reading +44… as a sum.
        number = values.pop(to).strip().removeprefix("'")
        if not number:
            raise Refused(f"{file}, row {rows.line_num}: there is no recipient in column {to!r}")
        yield {"to": number, "values": values}


def filled(text: str, values: dict[str, str]) -> str:
    """The text of one recipient, as the server will make it."""
    return VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def _send(
    api: Any, form: dict[str, Any], items: list[Item], timeout: float, moved: Callable[[int, int], None]
) -> Iterator[Item]:
    """The batches, one after the other, each when it is done."""
    deadline = time.monotonic() + timeout
    for start in range(0, len(items), AT_ONCE):
        some = _named(form["text"], items[start : start + AT_ONCE])
        batch = api.post("/api/batches", {**form, "items": some}, idempotency_key=str(uuid.uuid4()))
        while batch["counts"].get("pending") and time.monotonic() < deadline:
            moved(start + batch["total"] - batch["counts"]["pending"], len(items))
            time.sleep(LOOK)
            batch = api.get(f"/api/batches/{batch['id']}")
        moved(start + batch["total"] - batch["counts"].get("pending", 0), len(items))
        yield {**batch, "first_row": start + FIRST_ROW}


def _named(text: str, items: list[Item]) -> list[Item]:
    """Only the values that the text asks for: columns may have any name."""
    names = set(VARIABLE.findall(text)) & {name for item in items[:1] for name in item["values"]}
    return [{"to": item["to"], "values": {name: item["values"][name] for name in names}} for item in items]


def _tell(api: Any, batches: list[Item], as_json: bool) -> None:
    for batch in batches:
        if as_json:
            tables.say_json(batch)
        else:
            counts = ", ".join(f"{count} {state}" for state, count in batch["counts"].items())
            click.echo(line(f"batch {batch['id']}: {counts}"))
    refused = sum(batch["counts"].get("refused", 0) for batch in batches)
    for batch in batches:
        for item in _refusals(api, batch):
            fault = item["refusal"]
            click.echo(
                line(f"row {item['n'] + batch['first_row']}: {fault['detail']} [{fault['code']}]"), err=True
            )
    if refused:
        raise Failed(f"{refused} of {sum(batch['total'] for batch in batches)} were refused")
    if any(batch["counts"].get("pending") for batch in batches):
        raise Failed("not all are messages yet; the server goes on with them by itself")


def _refusals(api: Any, batch: Item) -> Iterator[Item]:
    """The first refusals of a batch."""
    from .calls import pages

    left = min(SHOWN, batch["counts"].get("refused", 0))
    if left:
        for item in pages(api, f"/api/batches/{batch['id']}/items", AT_ONCE):
            if item and item["refusal"]:
                yield item
                left -= 1
            if not left:
                return
