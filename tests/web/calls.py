"""Calls an application as a server would, in memory."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from textwire.web.asgi import App, Message, Receive, Scope


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def scope_of(
    method: str, target: bytes, headers: dict[str, str] | None = None, kind: str = "http",
    address: str = "127.0.0.1",
) -> Scope:  # fmt: skip
    path, _, query = target.partition(b"?")
    lines = [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
    scope: Scope = {
        "type": kind,
        "method": method,
        "raw_path": path,
        "query_string": query,
        "headers": lines,
        "scheme": "http",
        "client": (address, 40000),
    }
    if kind == "websocket":
        del scope["method"]
        scope["extensions"] = {"websocket.http.response": {}}
    return scope


def body_of(*pieces: bytes) -> Receive:
    """A body that comes in these pieces; after them the client is gone."""
    left: list[Message] = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    if left:
        left[-1]["more_body"] = False
    return events(*left, {"type": "http.disconnect"})


def events(*messages: Message) -> Receive:
    left = list(messages)

    async def receive() -> Message:
        return left.pop(0)

    return receive


async def call(
    app: App,
    method: str,
    target: bytes,
    headers: dict[str, str] | None = None,
    body: Sequence[bytes] = (b"",),
    address: str = "127.0.0.1",
) -> Answer:
    """The answer; an empty one with status 0 if the application sent none."""
    sent: list[Any] = []

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope_of(method, target, headers, address=address), body_of(*body), send)
    if not sent:
        return Answer(0, {}, b"")
    start, payload = sent
    names = [name for name, _ in start["headers"]]
    assert len(names) == len(set(names)), "a header is sent twice"
    lines = {name.decode(): value.decode("latin-1") for name, value in start["headers"]}
    return Answer(start["status"], lines, payload["body"])
