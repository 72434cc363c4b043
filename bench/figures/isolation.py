"""How much later a webhook that works is called because a thousand others of somebody else do not."""

import asyncio
import time
from statistics import median, quantiles
from urllib.parse import urlsplit

import msgspec

from bench.child import Child, Failed
from bench.context import Context
from bench.house import House
from bench.machine import Watch
from bench.report import Figure
from textwire.access.secrets import digest
from textwire.clock import real_now
from textwire.domain.account import Account, Principal
from textwire.domain.event import mask
from textwire.domain.ids import Ids
from textwire.domain.number import Number
from textwire.store import accounts, hooks, numbers
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.engines.engine import statement
from textwire.store.hooks import Hook
from textwire.store.store import Store, engine_for

TARGET = "target: ≤ 250 ms"
DEAD = 1000
LIVE_SECONDS, DEAD_SECONDS = 0.05, 1.0  # between two events of each
RATIO = 5  # windows with dead ones are so much longer: their timeouts have to come to pass
KEY, SENDER = "tw_isolation", "+447700900999"
EVENT = mask(["message.accepted"])
_ACCOUNT = statement("select id from account where name = 'demo'")


class Heard(msgspec.Struct):
    """When the live endpoint was first told of each message (s), by its identifier."""

    at: dict[str, float]


class _Body(msgspec.Struct):
    data: "_Message"


class _Message(msgspec.Struct):
    id: str


def measure(context: Context) -> None:
    """Adds isolation."""
    runs = [asyncio.run(_run(context)) for _ in range(context.scale.repeats)]
    rises = sorted(dead - alone for alone, dead, _, _ in runs)
    context.report.add(
        Figure(
            name="isolation", value=median(rises), unit="ms p99", least=rises[0], most=rises[-1], target=TARGET,
            ratio=f"p99 {median(run[0] for run in runs):.1f} ms alone, {median(run[1] for run in runs):.1f} ms beside "
            f"{DEAD:,} dead ones",
            window=f"{len(runs)} x {RATIO * context.scale.seconds:g} s, an event every {LIVE_SECONDS * 1000:g} ms",
            method="from the whole answer to a message until its webhook is there, first attempts only; the dead ones are another "
            f"account's: half never answer, half answer 500, an event to each every {DEAD_SECONDS:g} s "
            f"({min(run[2] for run in runs):,} calls of them at least were owed); others used ≤ {max(run[3] for run in runs):.1f} cores",
            details={"runs": runs},
        )
    )  # fmt: skip


async def _run(context: Context) -> tuple[float, float, int, float]:
    """p99 alone, p99 beside the dead ones (ms), deliveries to dead ones, cores that others used."""
    heard = Heard({})
    sink = await asyncio.start_server(lambda r, w: _listen(r, w, heard), "127.0.0.1", 0)
    with Child("bench.dead", str(DEAD)) as dead:
        places = [await asyncio.to_thread(dead.hear) for _ in range(DEAD)]
        house = House(context.place / f"isolation-{time.monotonic_ns()}")
        await asyncio.to_thread(house.prepare)
        await _prepare(house, sink.sockets[0].getsockname()[1], places)
        await asyncio.to_thread(house.start)
        try:
            watch = Watch([house.pid, dead.pid])
            alone = await _ask(house, KEY, heard, context.scale.seconds)
            beside, told = await asyncio.gather(
                _ask(house, KEY, heard, RATIO * context.scale.seconds),
                _tell_dead(house, RATIO * context.scale.seconds),
            )
            return _p99(alone), _p99(beside), told * DEAD, watch.others()
        finally:
            await asyncio.to_thread(house.stop)
            sink.close()


async def _prepare(house: House, port: int, dead: list[str]) -> None:
    """Another account with the live endpoint; the first one's are dead."""
    store = Store(engine_for(str(house.directory / "textwire.db")), owner=1)
    await store.open()
    running = asyncio.create_task(store.run())
    try:
        [(demo,)] = await store.read(_ACCOUNT)
        await store.write(_SetUp(port, dead), demo)
    finally:
        running.cancel()
        await store.close()


class _SetUp:
    """The write of the two accounts' hooks."""

    def __init__(self, port: int, dead: list[str]) -> None:
        self._port, self._dead = port, dead

    async def run(self, unit: Unit, items: list[int]) -> list[None]:
        now = real_now()
        account, caller, entry, credential = (Ids(9).take(now, 4) + n for n in range(4))
        await accounts.insert_account(unit, Account(account, "isolated", 0, 0, "active", now))
        await accounts.book(unit, [Entry(entry, account, 0, "topup", 10**15, now)])
        await accounts.insert_principal(unit, Principal(caller, account, "key", "isolated", "", ""), now)
        scopes = "read send manage"
        await accounts.insert_credential(unit, credential, caller, ("key", digest(KEY), "", scopes, 0), now)
        await numbers.insert(unit, [Number(SENDER, account, "", now)])
        await hooks.insert(unit, _hook(1, account, caller, f"http://127.0.0.1:{self._port}/"))
        for n, url in enumerate(self._dead, 2):
            await hooks.insert(unit, _hook(n, items[0], 0, url))
        return [None for _ in items]


def _hook(key: int, account: int, principal: int, url: str) -> Hook:
    return Hook(
        key, account, principal, f"hook-{key}", "api", 0, url, EVENT, "", "", "", "active", 0, real_now()
    )


async def _ask(house: House, key: str, heard: Heard, seconds: float) -> list[float]:
    """Sends at a steady pace; how long (ms) after each answer its webhook came."""
    answered: dict[str, float] = {}
    caller = await _Caller.to(house, key)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        message = await caller.send(SENDER)
        answered[message] = time.monotonic()
        await asyncio.sleep(LIVE_SECONDS)
    async with asyncio.timeout(60):
        while any(message not in heard.at for message in answered):
            await asyncio.sleep(0.01)
    caller.close()
    return [max(0.0, heard.at[message] - at) * 1000 for message, at in answered.items()]


async def _tell_dead(house: House, seconds: float) -> int:
    """Sends for the account whose endpoints are dead; how often."""
    caller = await _Caller.to(house, house.key)
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        await caller.send("+447700900001")
        count += 1
        await asyncio.sleep(DEAD_SECONDS)
    caller.close()
    return count


def _p99(values: list[float]) -> float:
    return quantiles(values, n=100)[98]


class _Caller:
    """One kept connection to the server."""

    def __init__(self, head: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._head, self._reader, self._writer = head, reader, writer

    @classmethod
    async def to(cls, house: House, key: str) -> "_Caller":
        parts = urlsplit(house.url)
        head = f"POST /api/messages HTTP/1.1\r\nHost: {parts.netloc}\r\nAuthorization: Bearer {key}\r\n"
        return cls(head, *await asyncio.open_connection(parts.hostname, parts.port))

    async def send(self, sender: str) -> str:
        """The identifier of a message that was taken."""
        body = msgspec.json.encode({"to": "+447712340000", "from": sender, "text": "hello"})
        self._writer.write(f"{self._head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        status, said = await _message(self._reader)
        if b" 201 " not in status:
            raise Failed(f"the server refused: {said!r}")
        return str(msgspec.json.decode(said, type=_Message).id)

    def close(self) -> None:
        self._writer.close()


async def _listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, heard: Heard) -> None:
    """The live endpoint."""
    try:
        while True:
            _, body = await _message(reader)
            heard.at.setdefault(msgspec.json.decode(body, type=_Body).data.id, time.monotonic())
            writer.write(b"HTTP/1.1 204 OK\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """First line and body of a request or an answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    at = head.lower().find(b"\r\ncontent-length:")
    length = int(head[at + 17 :].partition(b"\r\n")[0]) if at >= 0 else 0
    return head.partition(b"\r\n")[0], await reader.readexactly(length)
