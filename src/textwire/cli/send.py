"""`textwire send`: one text through a running server, and what becomes of it."""

import sys
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol

import click

from .failures import Failed
from .finding import find, server_options
from .plain import document, line

MOST_TYPED: Final = 1 << 20  # bytes of a text from stdin; the server's own bound is far below
FIRST_LOOK: Final = 0.05  # seconds until a message is looked at again, doubled each time
SLOWEST_LOOK: Final = 1.0
REACHED: Final = "delivered"


class Server(Protocol):
    """What of the own API is used here."""

    def get(self, path: str) -> Any: ...
    def post(self, path: str, body: Any, **headers: str) -> Any: ...


@click.command("send", short_help="Send a text through a running server.")
@click.option("--to", metavar="NUMBER", required=True, help="Who gets it.")
@click.option("--from", "sender", metavar="NUMBER", help="One of the account's numbers, or a sender name.")
@click.option("--wait", is_flag=True, help="Show its states until it is final; fails unless it is delivered.")
@click.option(
    "--timeout", type=click.FloatRange(0, 86_400), default=60.0, show_default=True, metavar="SECONDS",
    help="How long --wait waits.",
)  # fmt: skip
@click.argument("text")
@server_options
def command(
    to: str, sender: str | None, wait: bool, timeout: float, text: str, data: str | None, url: str | None,
    key: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Send TEXT (- reads it from stdin) through a running server, on this machine or elsewhere.

    Without --from the default number of the key sends.
    """
    from .call import Api

    if text == "-":
        text = sys.stdin.read(MOST_TYPED).removesuffix("\n")
    api = Api(*find(data, url, key))
    form = {"to": to, "text": text} | ({"from": sender} if sender else {})
    # A key of its own: should the answer get lost, nobody's retry can make a second message of it.
    message = api.post("/api/messages", form, idempotency_key=str(uuid.uuid4()))
    if not as_json:
        click.echo(summary(message))
    if wait:
        message = follow(api, message["id"], timeout, (lambda _: None) if as_json else _print_step)
    if as_json:
        click.echo(document(message))
    if wait and message["state"] != REACHED:
        raise Failed(f"the message is {message['state']}" + _because(message))


def summary(message: dict[str, Any]) -> str:
    """A message in one line."""
    count = message["segments"]
    segments = f"{count} segment{'' if count == 1 else 's'}"
    ends = f"{message['from']} → {message['to']}"
    return line(f"{message['id']}  {ends}  {message['state']}  {segments}  {message['price']} EUR")


def follow(
    server: Server, identifier: str, seconds: float, show: Callable[[dict[str, Any]], None]
) -> dict[str, Any]:
    """Hands each step of a message to `show` until one is final, and returns it with its story.

    Raises Failed when that takes longer than so many seconds.
    """
    from textwire.domain.message import FINAL

    seen = 0
    for _ in _moments(seconds):
        message: dict[str, Any] = server.get(f"/api/messages/{identifier}")
        for step in message["timeline"][seen:]:
            show(step)
        seen = len(message["timeline"])
        if message["state"] in FINAL:
            return message
    raise Failed(f"after {seconds:g} seconds the message is still {message['state']}")


def _moments(seconds: float) -> Iterator[None]:
    """Times to look: at once, after short and then longer pauses, at last at the end."""
    end, pause = time.monotonic() + seconds, FIRST_LOOK
    yield
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(pause, left))
        pause = min(2 * pause, SLOWEST_LOOK)
        yield


def _print_step(step: dict[str, Any]) -> None:
    click.echo(line(f"{step['at']}  {step['state']}{_because(step['data'])}"))


def _because(told: dict[str, Any]) -> str:
    return f" ({told['reason']})" if told.get("reason") else ""
