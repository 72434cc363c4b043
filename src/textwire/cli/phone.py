"""`textwire phone`: a simulated handset in the terminal."""

import os
import queue
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import IO, Any, Final, Protocol
from urllib.parse import quote

import click

from .failures import Failed, Refused
from .finding import find, server_options
from .plain import document, line, plain

POLL: Final = 25.0  # seconds that the server may take to answer that nothing came
PAGE: Final = 100
PAGES: Final = 20  # a handset shows fewer messages than these hold
CHUNK: Final = 65_536
LONGEST: Final = 1 << 20  # bytes of one line
INDENT: Final = "         "  # below the text behind the time

# "+16139998877: hello". Digits without a plus only from 7 on, so that "10: see you" stays a text.
_ADDRESSED: Final = re.compile(r"\s*(\+[0-9][0-9 ()./-]{1,30}|[0-9]{7,15}):(?:\s+|$)(.*)", re.DOTALL)

Shown = dict[str, Any]


class Server(Protocol):
    """What of the own API is used here."""

    def get(self, path: str, wait: float = 0.0) -> Any: ...
    def post(self, path: str, body: Any) -> Any: ...


@click.command("phone", short_help="Be a simulated handset, here in the terminal.")
@click.argument("number")
@click.option("--to", metavar="NUMBER", help="Whom lines without a number go to. [default: who texted last]")
@click.option("--once", metavar="TEXT", help="Text this and end, reading nothing.")
@click.option("--new", is_flag=True, help="Leave out what the handset shows already.")
@click.option(
    "--linger", type=click.FloatRange(0, 86_400), default=0.0, metavar="SECONDS",
    help="Go on showing what arrives for so long after the last line of input.",
)  # fmt: skip
@server_options
def command(
    number: str, to: str | None, once: str | None, new: bool, linger: float, data: str | None, url: str | None,
    key: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Be the person with the simulated handset NUMBER of a running server: see what arrives, and text.

    A line `+16139998877: hello` texts that number, a line without one goes to --to, else to whoever texted
    last. Ctrl-D ends. With pipes it works the same: a line is a text, and one line of JSON per message with --json.
    """
    from .call import Api

    handset = Handset(Api(*find(data, url, key)), number, to, printer(as_json))
    if new or once is not None:
        handset.skip()
    if once is not None:
        handset.say(once)
        lines: Iterator[str] = iter(())
    else:
        if sys.stdin.isatty():
            click.echo(handset.title(), err=True)
        lines = typed(sys.stdin)
    Watch(handset).run(lines, linger)


class Handset:
    """One handset of the network: what it shows, and what its person writes."""

    def __init__(self, server: Server, number: str, to: str | None, show: Callable[[Shown], None]) -> None:
        self._server, self._to, self._show = server, to, show
        self._path = f"/api/simnet/phones/{quote(number, safe='')}"
        self._after = 0  # the id of the latest message that was shown
        self._last: str | None = None  # who texted last
        self._lock = threading.Lock()

    def title(self) -> str:
        """Which handset this is, and how to use it."""
        phone = self._server.get(self._path)
        return line(
            f"Handset {phone['number']} is {phone['state']}. Type a reply, or +NUMBER: text. Ctrl-D ends."
        )

    def skip(self) -> None:
        """Takes what is on the screen as seen."""
        for one in self._newer(0.0):
            self._note(one)

    def look(self, wait: float = 0.0) -> None:
        """Shows what is new on the screen, oldest first; waits so many seconds for something."""
        newer = self._newer(wait)
        # Two threads may have asked at the same time. Each message is shown once, and when this returns all are.
        with self._lock:
            for one in newer:
                if int(one["id"]) > self._after:
                    self._note(one)
                    self._show(one)

    def say(self, text: str) -> None:
        """The person texts: to the number the line begins with, to the one given, or to who texted last."""
        to = self._to or self._last
        if found := _ADDRESSED.fullmatch(text):
            to, text = found[1], found[2]
        if not to:
            raise Refused("to whom? Begin with the number (+16139998877: hello), or give --to")
        self._server.post(f"{self._path}/messages", {"to": to, "text": text})

    def _note(self, one: Shown) -> None:
        self._after = int(one["id"])
        if one["direction"] == "in":
            self._last = one["from"]

    def _newer(self, wait: float) -> list[Shown]:
        after = self._after
        query = f"{self._path}/messages?limit={PAGE}&after={after}"
        page = self._server.get(f"{query}&wait={wait:g}", wait)
        newer: list[Shown] = page["items"]
        for _ in range(PAGES):
            if not page["next"]:
                break
            page = self._server.get(f"{query}&cursor={page['next']}")
            newer += page["items"]
        return [one for one in reversed(newer) if int(one["id"]) > after]


class Watch:
    """Shows what arrives and sends what is typed, at the same time, until one of them ends."""

    def __init__(self, handset: Handset) -> None:
        self._handset = handset
        self._ended: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()
        self._failed = 0

    def run(self, lines: Iterator[str], linger: float) -> None:
        """Returns so many seconds after the last line, or at Ctrl-C; raises Failed if anything did."""
        with suppress(KeyboardInterrupt):
            self._handset.look()
            for work in (self._show, lambda: self._send(lines)):
                # Daemons: one waits for the server, the other for a person, and neither can be called back.
                threading.Thread(target=self._guarded, args=(work,), daemon=True).start()
            self._raise(self._ended.get())
            with suppress(queue.Empty):
                self._raise(self._ended.get(timeout=linger))
            self._handset.look()
        if self._failed:
            raise click.exceptions.Exit(Failed.exit_code)

    def _show(self) -> None:
        while True:
            self._handset.look(POLL)

    def _send(self, lines: Iterator[str]) -> None:
        for text in filter(str.strip, lines):
            try:
                self._handset.say(text)
            except Failed as error:  # a slip of the tongue does not end the conversation
                error.show()
                self._failed += 1

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            self._ended.put(error)
        else:
            self._ended.put(None)

    @staticmethod
    def _raise(error: BaseException | None) -> None:
        if error is not None:
            raise error


def printer(as_json: bool) -> Callable[[Shown], None]:
    """Prints a message of the screen: as a person reads it, or as one line of JSON."""

    def show(one: Shown) -> None:
        click.echo(document(one) if as_json else worded(one))

    return show


def worded(one: Shown) -> str:
    """Local time, who, text; further lines stay below the first, so that none passes for a message."""
    at = datetime.fromisoformat(one["at"]).astimezone().strftime("%H:%M:%S")
    who = f"→ {one['to']}" if one["direction"] == "out" else one["from"]
    return f"{at} {line(who)}: {plain(one['text'], INDENT)}"


def typed(stream: IO[str]) -> Iterator[str]:
    """The lines of a terminal, a pipe or a file, as they come.

    Read below Python's buffers: a thread that waits inside of one would hold up the end of the program.
    """
    try:
        descriptor = stream.fileno()
    except (OSError, ValueError):  # not of the operating system
        yield from stream
        return
    rest = b""
    while chunk := os.read(descriptor, CHUNK):
        *lines, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST:
            raise Refused(f"a line is longer than {LONGEST} bytes")
        yield from (one.decode(errors="replace") for one in lines)
    yield rest.decode(errors="replace")
