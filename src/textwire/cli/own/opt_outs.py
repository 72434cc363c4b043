"""`textwire opt-outs`: who does not want texts from this account; whole lists come and go as files."""

import sys
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click

from textwire.cli import tables
from textwire.cli.calls import Call, Take, group
from textwire.cli.failures import Failed, Refused
from textwire.cli.finding import find, server_options
from textwire.cli.plain import line

PATH: Final = "/api/opt-outs"
CURSOR: Final = "X-Next-Cursor"
MOST_BYTES: Final = 10 << 20
MEDIA: Final = {".jsonl": "application/x-ndjson", ".ndjson": "application/x-ndjson"}
SHOWN: Final = 20  # bad rows that are told one by one
ONE: Final = Take(name="NUMBER", key="number", place="path")


@click.command("import", short_help="Opt a whole list of numbers out.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--partial", is_flag=True, help="Import the good rows though there are bad ones.")
@server_options
def import_(
    file: Path, partial: bool, data: str | None, url: str | None, key: str | None, as_json: bool
) -> None:
    """Opt everybody in FILE out: CSV with the number in the first column, or JSON lines (.jsonl).

    One bad row and nothing is done, unless --partial says so.
    """
    from textwire.cli.call import Api

    if file.stat().st_size > MOST_BYTES:
        raise Refused(f"{file} is larger than {MOST_BYTES >> 20} MiB: split it")
    media = MEDIA.get(file.suffix.lower(), "text/csv")
    path = f"{PATH}/import" + ("?partial=true" if partial else "")
    found = Api(*find(data, url, key)).upload(path, file.read_bytes(), media)
    if as_json:
        tables.say_json(found)
    else:
        click.echo(
            f"{found['rows']} rows: {found['added']} added, {found['known']} known, {found['bad_rows']} bad"
        )
    for bad in found["bad"][:SHOWN]:
        click.echo(line(f"line {bad['line']}: {bad['detail']}"), err=True)
    if not found["applied"]:
        raise Failed("nothing was imported: mend the bad rows, or leave them out with --partial")


@click.command("export", short_help="Write everybody who has opted out to a file.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path, allow_dash=True), default="-")
@click.option("--raw", is_flag=True, help="Numbers as they are: for programs, not for spreadsheets.")
@server_options
def export(file: Path, raw: bool, data: str | None, url: str | None, key: str | None, as_json: bool) -> None:
    """Write everybody who has opted out to FILE (-: stdout), newest first, as CSV or with --json as JSON lines."""
    from textwire.cli.call import Api

    api = Api(*find(data, url, key))
    if str(file) == "-":
        for part in _parts(api, raw, as_json):
            sys.stdout.write(part)
        return
    try:
        with file.open("x", encoding="utf-8", newline="") as stream:
            for part in _parts(api, raw, as_json):
                stream.write(part)
    except FileExistsError:
        raise Refused(f"{file} is there already: name another") from None
    except OSError as error:
        raise Refused(f"{file}: {error.strerror}") from None


def _parts(api: Any, raw: bool, as_json: bool) -> Any:
    """The answers one after the other; of CSV only the first keeps its titles."""
    path = f"{PATH}/export?format={'jsonl' if as_json else 'csv'}&raw={'true' if raw else 'false'}"
    cursor: str | None = ""
    while cursor is not None:
        answer, headers = api.download(path + (f"&cursor={quote(cursor, safe='')}" if cursor else ""))
        text = answer.decode()
        yield text if not cursor or as_json else text.partition("\n")[2]
        cursor = headers.get(CURSOR)


command = group(
    "opt-outs",
    "See and change who does not want texts.",
    [
        Call(name="list", help="List who has opted out, newest first.", method="GET", path=PATH,
             columns=tables.columns("number", "source", "since"), empty="nobody has opted out"),
        Call(name="show", help="Show whether a number has opted out; fails if not.", method="GET",
             path=PATH + "/{number}", takes=(ONE,)),
        Call(name="add", help="Opt a number out: nothing leaves to it from this moment on.", method="PUT",
             path=PATH + "/{number}", takes=(ONE,)),
        Call(name="remove", help="Opt a number in again, because its person has asked for it.", method="DELETE",
             path=PATH + "/{number}", takes=(ONE,), done="{number} may be texted again"),
    ],
    import_,
    export,
)  # fmt: skip
