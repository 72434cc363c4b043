"""What a shell may offer for values: states, events and countries from here, numbers and identifiers from the server."""

from collections.abc import Callable, Iterator
from typing import Any, Final

import click

from textwire.cli.calls import Complete

SECONDS: Final = 1.0  # a person waits for the tab key


def of(values: Callable[[], Any]) -> Complete:
    """Offers some of a list of ours; with commas in what is typed, the part behind the last."""

    def complete(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
        before, comma, last = typed.rpartition(",")
        return [f"{before}{comma}{one}" for one in sorted(values()) if one.startswith(last)]

    return complete


def from_server(path: str, key: str) -> Complete:
    """Offers what a list of the API has under `key`; nothing while no server answers."""

    def complete(ctx: click.Context, parameter: click.Parameter, typed: str) -> list[str]:
        return [one for one in _asked(ctx, path, key) if one.startswith(typed)]

    return complete


def _asked(ctx: click.Context, path: str, key: str) -> Iterator[str]:
    from textwire.cli.call import Api
    from textwire.cli.failures import Failed
    from textwire.cli.finding import find

    given = (ctx.params.get(name) for name in ("data", "url", "key"))
    try:
        page = Api(*find(*given)).get(path, wait=SECONDS - 30)
    except Failed:
        return
    yield from (str(entry[key]) for entry in page["items"])


def _states() -> Any:
    from textwire.domain.message import STATES

    return STATES


def _events() -> Any:
    from textwire.domain.event import TYPES

    return [name for name in TYPES if name != "subscription.canceled"]


def _countries() -> Any:
    import phonenumbers

    return phonenumbers.SUPPORTED_REGIONS


def _scopes() -> Any:
    from textwire.domain.account import SCOPES

    return SCOPES


def _token_scopes() -> Any:
    from textwire.domain.token import TOKEN_SCOPES

    return TOKEN_SCOPES


states: Final = of(_states)
events: Final = of(_events)
countries: Final = of(_countries)
scopes: Final = of(_scopes)
token_scopes: Final = of(_token_scopes)
users: Final = from_server("/api/users?limit=100", "id")
tokens: Final = from_server("/api/tokens?limit=100", "id")
numbers: Final = from_server("/api/numbers?limit=100", "number")
hooks: Final = from_server("/api/hooks?limit=100", "id")
messages: Final = from_server("/api/messages?limit=20", "id")
