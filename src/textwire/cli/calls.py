"""Commands described as data: what is typed, which call of the own API it becomes, how the answer is shown."""

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Literal
from urllib.parse import quote, urlencode

import click
import msgspec

from . import tables
from .failures import Refused
from .finding import find, server_options
from .plain import line
from .tables import Column

PAGE: Final = 100  # entries that the API gives at once
MOST: Final = 100_000  # entries of one list here

Place = Literal["path", "query", "body"]
Complete = Callable[[click.Context, click.Parameter, str], list[str]]


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """Something typed: an option ("--country") or an argument ("NUMBER"), and its place in the request.

    `key` is its name there; dots lead into objects. `turn` makes the API's value of what was typed.
    """

    name: str
    key: str
    place: Place = "body"
    help: str = ""
    kind: Any = str
    required: bool = False
    many: bool = False
    flag: bool = False
    turn: Callable[[Any], Any] | None = None
    complete: Complete | None = None
    metavar: str | None = None

    @property
    def variable(self) -> str:
        """Its name among the values of a command line."""
        return self.name.lstrip("-").replace("-", "_").lower()


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A command that makes one call. With `columns` the answer is a list, whose pages are followed.

    `fixed` is part of every body, `done` is said of an empty answer ({name} is what was typed), `ask` before the
    call where a person sits, `needs` names options of which one must be given.
    """

    name: str
    help: str
    method: str
    path: str
    takes: tuple[Take, ...] = ()
    columns: tuple[Column, ...] = ()
    show: Callable[[Any], Iterable[str]] = tables.card
    fixed: dict[str, Any] = {}
    done: str = ""
    ask: str = ""
    needs: tuple[str, ...] = ()
    empty: str = "there is nothing to list"


class Described(click.Command):
    """The command that a call became."""

    def __init__(self, call: Call, **named: Any) -> None:
        super().__init__(call.name, help=call.help, short_help=call.help.partition("\n")[0], **named)
        self.call = call


class Ordered(click.Group):
    """A group whose commands are listed as they were added: what one does first comes first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


def group(name: str, help: str, calls: Iterable[Call], *others: click.Command) -> click.Group:
    """A command whose subcommands are these calls, and commands written by hand."""
    made = Ordered(name, help=help, short_help=help.partition("\n")[0])
    for call in calls:
        made.add_command(command(call))
    for other in others:
        made.add_command(other)
    return made


def command(call: Call) -> Described:
    """The command of a call."""

    def run(data: str | None, url: str | None, key: str | None, as_json: bool, **typed: Any) -> None:
        _run(call, typed, as_json, find(data, url, key))

    parameters = [_parameter(take) for take in call.takes]
    if call.columns:
        parameters.append(_limit())
    if call.ask:
        parameters.append(click.Option(["--yes"], is_flag=True, help="Do not ask whether you are sure."))
    return server_options(Described(call, callback=run, params=parameters))


def request(call: Call, typed: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """(path with its query, body) of what was typed; raises Refused for a command line that says nothing."""
    given = {take: typed.get(take.variable) for take in call.takes}
    if call.needs and not any(
        given[take] not in (None, (), False) for take in given if take.name in call.needs
    ):
        raise Refused(f"say what: one of {', '.join(call.needs)} is needed")
    path, query, body = call.path, [], dict(call.fixed)
    for take, value in given.items():
        if value in (None, ()) or (take.flag and not value):
            continue
        value = list(value) if take.many else value
        value = take.turn(value) if take.turn else value
        if take.place == "path":
            path = path.replace(f"{{{take.key}}}", quote(str(value), safe=""))
        elif take.place == "query":
            query.append((take.key, _written(value)))
        else:
            _put(body, take.key.split("."), value)
    return path + (f"?{urlencode(query)}" if query else ""), body


def pages(api: Any, path: str, most: int) -> Iterator[Any]:
    """The entries of a list, newest first, up to so many; then None if there are more."""
    cursor, sign = "", "&" if "?" in path else "?"
    left = most
    while left > 0:
        page = api.get(f"{path}{sign}limit={min(left, PAGE)}{cursor}")
        yield from page["items"][:left]
        left -= len(page["items"])
        if not page.get("next"):
            return
        cursor = f"&cursor={quote(page['next'], safe='')}"
    yield None


def _run(call: Call, typed: dict[str, Any], as_json: bool, place: tuple[Any, ...]) -> None:
    from .call import Answered, Api

    path, body = request(call, typed)
    if call.ask and not typed["yes"] and sys.stdin.isatty():
        click.confirm(call.ask.format(**typed), abort=True, err=True)
    api = Api(*place)
    try:
        if call.columns:
            _list(call, api, path, typed["limit"], as_json)
        else:
            _one(
                call, api.call(call.method, path, body if call.method in WITH_BODY else None), typed, as_json
            )
    except Answered as error:
        raise Answered(error.detail, error.code, spelled(call, error.field)) from None


WITH_BODY: Final = ("POST", "PUT", "PATCH")


def spelled(call: Call, field: str) -> str:
    """A field of the request as it is typed: what the API calls `assign.principal` is `--to` here, perhaps."""
    known = {take.key: take.name for take in call.takes}
    head = field.partition("[")[0]
    return known.get(head, field) if head == field else known.get(head, head) + field[len(head) :]


def _list(call: Call, api: Any, path: str, limit: int, as_json: bool) -> None:
    entries = list(pages(api, path, limit))
    more = bool(entries) and entries[-1] is None
    entries = entries[: len(entries) - more]
    if as_json:
        for entry in entries:
            tables.say_json(entry)
    elif entries:
        tables.say(tables.table(entries, call.columns))
    else:
        click.echo(call.empty, err=True)
    if more:
        click.echo(f"there are more: --limit shows up to {MOST}", err=True)


def _one(call: Call, answer: Any, typed: dict[str, Any], as_json: bool) -> None:
    if as_json:
        tables.say_json({} if answer is None else answer)
    elif answer is None:
        click.echo(line(call.done.format(**typed)))
    else:
        for text in call.show(answer):
            click.echo(text)


def _parameter(take: Take) -> click.Parameter:
    completing: dict[str, Any] = {"shell_complete": take.complete} if take.complete else {}
    if not take.name.startswith("-"):
        return click.Argument(
            [take.variable], metavar=take.name, type=take.kind, nargs=-1 if take.many else 1,
            required=take.required or take.place == "path", **completing,
        )  # fmt: skip
    if take.flag:
        return click.Option([take.name, take.variable], is_flag=True, help=take.help)
    kind = take.kind
    metavar = take.metavar or (None if isinstance(kind, click.ParamType) else take.variable.upper())
    return click.Option(
        [take.name, take.variable], type=kind, help=take.help, required=take.required, multiple=take.many,
        metavar=metavar, **completing,
    )  # fmt: skip


def _limit() -> click.Option:
    return click.Option(
        ["--limit"], type=click.IntRange(1, MOST), default=25, show_default=True, metavar="N",
        help="How many at most, newest first.",
    )  # fmt: skip


def _written(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return ",".join(map(str, value))
    return str(value)


def _put(body: dict[str, Any], names: list[str], value: Any) -> None:
    for name in names[:-1]:
        body = body.setdefault(name, {})
    body[names[-1]] = value
