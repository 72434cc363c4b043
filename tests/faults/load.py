"""The load: what is asked for, drawn from one seed, and the kept connections that ask for it."""

import asyncio
import random
import time
from collections import deque
from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec

from tests.faults.journal import Answer, Attempt, SyncedBook

CONNECTIONS = 64
THINK_SECONDS = 0.2  # at most, between an answer and the next request of a connection
ANSWER_SECONDS = 20.0  # a living server that keeps us waiting longer than this is a fault of its own
OWNED = ("+447700900001", "+4915799912345")
NOT_NOW = (429, 503)
# Manners (the contract's numbers): refused, gone, throttled, slow, early, doubled and missing receipts, an echo.
MANNERS = ("0001", "0003", "0004", "0004", "0004", "0005", "0006", "0006", "0007", "0007", "0008", "0009")
GSM, UCS2 = "the quick brown fox ", "ночь, улица, фонарь "
STALE_SECONDS = (
    45  # after which a time to send may be too long ago to be asked for again (the server takes a minute)
)
SEGMENT = {GSM: 153, UCS2: 67}  # characters in a segment of a longer text


class Cut(Exception):
    """The connection ended before an answer: whoever asked cannot know."""


class Connection:
    """One kept HTTP/1.1 connection of one caller."""

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname, parts.port
        self._head = (
            f"Host: {parts.netloc}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n"
        )
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def call(self, method: str, path: str, body: object = None, once: str = "") -> tuple[int, bytes]:
        """(status, body) of the answer; raises Cut, and TimeoutError when nothing comes though nobody died."""
        content = b"" if body is None else msgspec.json.encode(body)
        head = f"{method} {path} HTTP/1.1\r\n{self._head}Content-Length: {len(content)}\r\n"
        head += f"Idempotency-Key: {once}\r\n\r\n" if once else "\r\n"
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._exchange(head.encode() + content)
        except TimeoutError:
            raise
        except (OSError, EOFError) as error:
            self.close()
            raise Cut from error

    async def _exchange(self, request: bytes) -> tuple[int, bytes]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        return int(head.split(" ", 2)[1]), await reader.readexactly(length)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Mixture:
    """Draws attempts: short and long texts, one or several recipients, now or soon, manners and policies."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(f"mixture {seed}")
        self._count = 0

    def next(self, life: int) -> Attempt:
        """The next one."""
        chance = self._chance
        self._count += 1
        ref = f"ref-{self._count:06d}"
        return Attempt(
            ref=ref, life=life, to=self._recipients(), text=self._text(ref), once=chance.random() < 0.3,
            policy=chance.choices(("resend", "hold", "fail"), (8, 1, 1))[0],
            klass="otp" if chance.random() < 0.15 else "",
            send_at=int(time.time()) + chance.randint(1, 5) if chance.random() < 0.1 else 0,
        )  # fmt: skip

    def _recipients(self) -> tuple[str, ...]:
        count = self._chance.randint(2, 5) if self._chance.random() < 0.1 else 1
        found: dict[str, None] = {}
        while len(found) < count:
            found[self._recipient()] = None
        return tuple(found)

    def _recipient(self) -> str:
        kind = self._chance.choices(("plain", "manners", "owned"), (75, 20, 5))[0]
        if kind == "owned":
            return self._chance.choice(OWNED)
        ending = self._chance.choice(MANNERS) if kind == "manners" else f"{self._chance.randint(1000, 9999)}"
        return f"+4477{self._chance.randint(10, 99)}9{self._chance.randint(0, 9)}{ending}"

    def _text(self, ref: str) -> str:
        if self._chance.random() >= 0.15:
            return f"{ref} hello"
        words = self._chance.choice((GSM, UCS2))
        length = SEGMENT[words] * self._chance.randint(2, 4) - self._chance.randint(0, 40)
        return f"{ref} {words * 40}"[:length]


class _Born(msgspec.Struct):
    id: str


class _Batch(msgspec.Struct):
    messages: list[_Born]


def ids_of(attempt: Attempt, body: bytes) -> tuple[int, ...]:
    """The messages that a 201 names."""
    if len(attempt.to) == 1:
        return (int(msgspec.json.decode(body, type=_Born).id),)
    return tuple(int(born.id) for born in msgspec.json.decode(body, type=_Batch).messages)


class Load:
    """Connections that ask and wait in turn, each request in the journal before it leaves and after its answer."""

    def __init__(self, seed: int, key: str, book: SyncedBook) -> None:
        self._mixture, self._key, self._book = Mixture(seed), key, book
        self._think = random.Random(f"think {seed}")
        self._again: deque[Attempt] = deque()

    async def run(self, url: str, life: int, on: Callable[[], bool], connections: int = CONNECTIONS) -> None:
        """Asks until the server dies under it, or `on` says no more."""
        async with asyncio.TaskGroup() as group:
            for _ in range(connections):
                group.create_task(self._ask(Connection(url, self._key), life, on))

    async def _ask(self, connection: Connection, life: int, on: Callable[[], bool]) -> None:
        try:
            while on():
                await asyncio.sleep(self._think.uniform(0, THINK_SECONDS))
                await self._one(connection, self._next(life))
        except Cut:
            return
        finally:
            connection.close()

    def _next(self, life: int) -> Attempt:
        """What is asked for under a key is asked for again when its answer was lost."""
        while self._again:
            attempt = self._again.popleft()
            if not attempt.send_at or attempt.send_at > time.time() - STALE_SECONDS:
                return msgspec.structs.replace(attempt, life=life)
        return self._mixture.next(life)

    async def _one(self, connection: Connection, attempt: Attempt) -> None:
        await self._book.keep(attempt)
        try:
            status, body = await connection.call("POST", "/api/messages", _form(attempt), _key(attempt))
        except Cut:
            if attempt.once:
                self._again.append(attempt)
            raise
        if status in NOT_NOW and attempt.once:
            self._again.append(attempt)
        ids = ids_of(attempt, body) if status == 201 else ()
        await self._book.keep(Answer(ref=attempt.ref, life=attempt.life, status=status, ids=ids))


def _key(attempt: Attempt) -> str:
    return attempt.ref if attempt.once else ""


def _form(attempt: Attempt) -> dict[str, object]:
    form: dict[str, object] = {
        "to": attempt.to[0] if len(attempt.to) == 1 else list(attempt.to),
        "text": attempt.text, "ref": attempt.ref, "on_ambiguous": attempt.policy,
    }  # fmt: skip
    form |= {"class": attempt.klass} if attempt.klass else {}
    return form | ({"send_at": attempt.send_at} if attempt.send_at else {})
