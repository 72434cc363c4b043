"""Finds the running server that a command shall speak to, and the key for it."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from .failures import Failed, Refused

if TYPE_CHECKING:
    from textwire.config import Config

F = TypeVar("F", bound=Callable[..., Any])

URL: Final = "TEXTWIRE_URL"
KEY: Final = "TEXTWIRE_KEY"
# As the server names them; not imported from there, because that takes longer than the whole command.
READY: Final = "ready.json"
CREDENTIALS: Final = "credentials.json"
AUTHORITY: Final = "tls/ca.pem"

data_option: Final = click.option(
    "--data", metavar="DIR", help="The server's data directory. [default: ./textwire-data]"
)


def server_options(command: F) -> F:
    """Where the server is, and how to answer."""
    json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON.")
    key = click.option("--key", metavar="KEY", help=f"API key. [default: {KEY}, else the data directory's]")
    url = click.option("--url", metavar="URL", help=f"Server. [default: {URL}, else the data directory's]")
    return data_option(url(key(json(command))))


def directory(data: str | None) -> Path:
    """The data directory by the same rules as the server's."""
    return settings(data).directory


def settings(data: str | None, file: str | None = None, database: str | None = None) -> "Config":
    """The settings that a server would have by the same rules; raises Refused for one that cannot be."""
    from textwire.config import BadConfig, load

    try:
        return load({"data": data, "database": database}, file)
    except BadConfig as error:
        raise Refused(str(error)) from None


def ready(place: Path) -> dict[str, Any]:
    """What the server of a data directory says of itself; empty if none is ready."""
    return _object(place / READY)


def credentials(place: Path) -> dict[str, Any]:
    """What was generated on the first start; empty if nothing is kept here."""
    return _object(place / CREDENTIALS)


def find(data: str | None, url: str | None, key: str | None) -> tuple[str, str, Path]:
    """(URL, key, the CA's file if there is one); raises Failed with what is missing and what to do."""
    place = directory(data)
    return _url(place, url), _key(place, key), place / AUTHORITY


def _url(place: Path, given: str | None) -> str:
    if found := given or os.environ.get(URL):
        return found
    said = ready(place)
    if found := said.get("http") or said.get("https"):
        return str(found)
    raise Failed(
        f"no server is running on {place}: start one with `textwire serve`, or name one with --url or {URL}"
    )


def _key(place: Path, given: str | None) -> str:
    if found := given or os.environ.get(KEY):
        return found
    try:
        return str(credentials(place)["api"]["key"])
    except (KeyError, TypeError):
        raise Failed(f"there is no key in {place / CREDENTIALS}: give one with --key or {KEY}") from None


def _object(path: Path) -> dict[str, Any]:
    import msgspec

    try:
        found: dict[str, Any] = msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        raise Failed(f"{path}: {getattr(error, 'strerror', None) or error}") from None
    return found
