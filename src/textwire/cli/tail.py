"""`textwire tail`: events of a running server as they happen, also across its restarts."""

import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

import click
import msgspec

from . import completing
from .failures import Failed
from .finding import find, server_options
from .plain import document, line

OPEN_SECONDS: Final = 10.0
FIRST_PAUSE: Final = 0.2  # seconds until the connection is tried again, doubled each time
LONGEST_PAUSE: Final = 5.0
MOST_TEXT: Final = 80  # characters of a text that are shown
AGAIN: Final = (429, 503)  # what will pass; any other refusal will be the same the next time

COLOURS: Final = {
    "delivered": "green", "received": "cyan", "ambiguous": "yellow", "deferred": "yellow", "undelivered": "red",
    "failed": "red", "rejected": "red", "expired": "red", "disabled": "red",
}  # fmt: skip

Event = dict[str, Any]
Place = tuple[str, str, Path]


@click.command("tail", short_help="Follow events as they happen.")
@click.option("--events", metavar="EVENT[,EVENT]", help="Only these, such as message.received.",
              shell_complete=completing.events)  # fmt: skip
@click.option("--number", "numbers", metavar="NUMBER", multiple=True, shell_complete=completing.numbers,
              help="Only what is about this number of the account; can be given several times.")  # fmt: skip
@click.option("--after", metavar="EVENT_ID", help="Begin with what came after this event.")
@click.option("--count", type=click.IntRange(1), metavar="N", help="End after so many events.")
@server_options
def command(
    events: str | None, numbers: tuple[str, ...], after: str | None, count: int | None,
    data: str | None, url: str | None, key: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Follow the account's events as they happen, until Ctrl-C; with --json one object per line.

    When the connection breaks or the server starts anew, it goes on behind the last event that was shown, and none is
    shown twice.
    """
    wishes = {"events": events, "numbers": ",".join(numbers)}
    lines = Lines(lambda: find(data, url, key), {name: one for name, one in wishes.items() if one}, after)
    try:
        for number, event in enumerate(lines, 1):
            click.echo(document(event) if as_json else worded(event, sys.stdout.isatty()))
            sys.stdout.flush()
            if number == count:
                return
    except KeyboardInterrupt:
        return


class Lines:
    """Events one after the other, over as many connections as it takes."""

    def __init__(
        self, place: Callable[[], Place], wishes: dict[str, str], after: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self._place, self._wishes, self._after, self._sleep = place, wishes, after, sleep
        self._met = False  # whether there ever was a connection: the first one has to succeed at once

    def __iter__(self) -> Iterator[Event]:
        pause = FIRST_PAUSE
        while True:
            try:
                for event in self._connection():
                    pause = FIRST_PAUSE
                    if event is not None:
                        yield event
            except Lost as lost:
                if not self._met:
                    raise Failed(str(lost)) from None
                if pause == FIRST_PAUSE:
                    click.echo(f"textwire: {line(str(lost))}; trying again", err=True)
            self._sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _connection(self) -> Iterator[Event | None]:
        """The events of one connection, None when it stands; raises Lost at its end."""
        from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
        from websockets.sync.client import connect

        address, options = self._address()
        try:
            with connect(address, open_timeout=OPEN_SECONDS, proxy=None, **options) as socket:
                self._met = True
                yield None
                for frame in socket:
                    yield from self._heard(frame)
                raise Lost("the server has closed the connection")
        except InvalidStatus as error:
            raise _refused(error.response) from None
        except ConnectionClosed as error:
            raise Lost(f"the connection broke ({error.rcvd.reason if error.rcvd else 'lost'})") from None
        except (OSError, TimeoutError, InvalidHandshake, EOFError) as error:
            raise Lost(f"no server answers at {address.partition('?')[0]} ({type(error).__name__})") from None

    def _address(self) -> tuple[str, dict[str, Any]]:
        """Where to connect now: a server that was started anew may listen elsewhere."""
        from .call import trusting

        try:
            url, key, ca = self._place()
        except Failed as error:
            raise (Lost(error.message) if self._met else error) from None
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        query = urlencode(self._wishes | ({"after": self._after} if self._after else {}))
        address = f"{'wss' if secure else 'ws'}://{parts.netloc}{parts.path.rstrip('/')}/api/live{query and '?'}{query}"
        options: dict[str, Any] = {"additional_headers": {"Authorization": f"Bearer {key}"}}
        return address, options | ({"ssl": trusting(ca)} if secure else {})

    def _heard(self, frame: str | bytes) -> Iterator[Event]:
        event: Event = msgspec.json.decode(frame)
        if event["type"] != "hello":
            self._after = event["id"]
            yield event
            return
        if event["gap"]:
            click.echo("textwire: some events before this one are forgotten already", err=True)
        self._after = self._after or event["position"]


class Lost(Exception):
    """The connection is gone, or there is none yet; another may come."""


def _refused(response: Any) -> Exception:
    from .call import refused

    if response.status_code in AGAIN:
        return Lost(f"the server answers {response.status_code}")
    return refused(response.status_code, response.body or b"")


def worded(event: Event, coloured: bool = False) -> str:
    """An event in one line: local time, what happened, to what."""
    at = datetime.fromisoformat(event["timestamp"]).astimezone().strftime("%H:%M:%S.%f")[:-3]
    kind = line(event["type"])
    shown = f"{kind:<21}"
    if coloured and (colour := COLOURS.get(kind.rpartition(".")[2])):
        shown = click.style(shown, fg=colour)
    return f"{at} {shown} {_about(event['data'])}"


def _about(data: Any) -> str:
    if not isinstance(data, dict):
        return line(str(data))
    if "to" not in data or "from" not in data:
        return line(" ".join(f"{name}={value}" for name, value in data.items()))
    text = str(data.get("text") or "")
    text = text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"
    reason = f" ({data['reason']})" if data.get("reason") else ""
    return line(f"{data.get('id', '')} {data['from']} → {data['to']}{reason}: {text}")
