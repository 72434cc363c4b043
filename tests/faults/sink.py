"""The webhook's other end, outside of what gets killed: it writes down what it was told before it says yes."""

import asyncio
import random
from typing import Self

import msgspec
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.faults.journal import Book, Heard

REFUSED, CUT = 0.05, 0.02  # of the posts: answered 503, and not answered at all
YES, NOT_NOW = (
    b"HTTP/1.1 204 OK\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n",
)


class _About(msgspec.Struct):
    id: str
    state: str


class _Body(msgspec.Struct):
    id: str
    type: str
    sequence: int
    data: _About


class Sink:
    """One address that lives as long as the campaign. `secret` is known once the hook has been made."""

    def __init__(self, book: Book, seed: int) -> None:
        self._book, self._chance = book, random.Random(f"sink {seed}")
        self.secret = ""
        self.url = ""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._listen, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/hook"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _listen(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                fields = dict(line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:-2])
                headers = {name.lower(): value for name, value in fields.items()}
                body = await reader.readexactly(int(headers["content-length"]))
                luck = self._chance.random()
                if luck < CUT:
                    break
                if luck >= CUT + REFUSED:
                    self._book.note(self._heard(headers, body))
                writer.write(NOT_NOW if luck < CUT + REFUSED else YES)
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.transport.abort()

    def _heard(self, headers: dict[str, str], body: bytes) -> Heard:
        said = msgspec.json.decode(body, type=_Body)
        return Heard(
            id=headers["webhook-id"], message=int(said.data.id), sequence=said.sequence, kind=said.type,
            state=said.data.state, genuine=said.id == headers["webhook-id"] and self._is_genuine(headers, body),
        )  # fmt: skip

    def _is_genuine(self, headers: dict[str, str], body: bytes) -> bool:
        try:
            Webhook(self.secret).verify(body, headers)
        except (WebhookVerificationError, ValueError):
            return False
        return True
