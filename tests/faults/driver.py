"""Runs a house under load, kills it at random moments on the same data, and lets the last life come to rest."""

import asyncio
import contextlib
import os
import random
import signal
import sys
import time
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from tests.faults.journal import Book, Intent, Kill, SyncedBook
from tests.faults.load import Connection, Cut, Load
from tests.faults.look import look, until_gone
from tests.faults.sink import Sink
from textwire import first_start
from textwire.access.seal import Seal
from textwire.clock import real_now
from textwire.domain.event import TYPES
from textwire.domain.ids import Ids
from textwire.store import accounts
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.engines.engine import statement
from textwire.store.store import Store, engine_for

ROOT = Path(__file__).parents[2]
BALANCE = 10**6 * 10**8  # a million EUR: money is not what these runs are about
READY_SECONDS = 60.0
REST_SECONDS = 120.0
POLL_SECONDS = 0.05
LATENCY = {
    "min_ms": 30,
    "max_ms": 150,
}  # of the network's answers, so that a kill finds submissions under way
# Scheduled and deferred ones leave; what dead processes held is doubted; holds end; validity and patience pass.
STEPS = ("15s", "3m", "11m", "90h")
NUDGE = "10s"
EVENTS = [name for name in TYPES if name.startswith("message.")]
RETRY = "1h"  # longer than the first waits between tries of a webhook


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign. `work` is an empty folder; a kill comes `least` to `most` seconds into a life's load."""

    work: str
    database: str
    kills: int
    seed: int
    window: int = 50
    least: float = 0.15
    most: float = 1.0
    early: float = 0.1  # how many of the kills come while the victim is still starting
    mutation: str = ""  # of every life but the last

    @property
    def folder(self) -> Path:
        return Path(self.work)

    def book(self, name: str) -> Path:
        """The journal of `driver`, `carrier` or `sink`."""
        return self.folder / f"{name}.jsonl"


class Died(Exception):
    """A victim ended, though nobody had killed it."""


class Victim:
    """One process: imported ahead, brought to life, killed."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process, self._log = process, log

    @classmethod
    async def spawn(cls, plan: Plan, mutation: str) -> "Victim":
        """A process that has everything imported and does not live yet."""
        orders = {
            "data": str(plan.folder / "data"), "database": plan.database, "window": plan.window, "seed": plan.seed,
            "carrier_book": str(plan.book("carrier")), "mutation": mutation,
        }  # fmt: skip
        log = plan.folder / "victim.log"
        with log.open("ab") as errors:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "tests.faults.victim", msgspec.json.encode(orders).decode(),
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=errors, cwd=ROOT,
            )  # fmt: skip
        return cls(process, log)

    def begin(self, life: int) -> None:
        """Lets it live."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"LIFE {life}\n".encode())

    async def imported(self) -> None:
        """Returns once it only waits for its life to begin; raises Died."""
        await self._said("imported")

    async def ready(self) -> str:
        """Its address, once it takes traffic; raises Died."""
        return await self._said("ready")

    async def _said(self, word: str) -> str:
        assert self._process.stdout is not None
        async with asyncio.timeout(READY_SECONDS):
            while line := (await self._process.stdout.readline()).decode():
                said, _, rest = line.strip().partition(" ")
                if said == word:
                    return rest
        raise Died(self.last_words())

    async def kill(self) -> None:
        """SIGKILL; raises Died if it was dead already."""
        code = await self._end()
        if code != -signal.SIGKILL:
            raise Died(f"exit {code}: {self.last_words()}")

    async def end(self) -> None:
        """Whatever it is doing, it is gone afterwards."""
        await self._end()

    async def _end(self) -> int:
        if self._process.returncode is None:
            # Not the process object's own method: that one looks first, and may take the exit code from asyncio.
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
        return await self._process.wait()

    def last_words(self) -> str:
        """The end of what the victims have logged."""
        return self._log.read_text(errors="replace")[-4000:]


class Campaign:
    """Lives and kills of one plan. `seconds` (of all lives but the last) and `starts` are what it has measured."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.starts: list[float] = []
        self.seconds = 0.0
        self._chance = random.Random(f"kills {plan.seed}")
        self._spare: Victim | None = None

    async def run(self) -> None:
        """All of it; the evidence is in the journals and in the database."""
        (self.plan.folder / "data").mkdir(parents=True)
        key = await found(self.plan.database, self.plan.folder / "data")
        book, heard = SyncedBook(self.plan.book("driver")), Book(self.plan.book("sink"))
        load = Load(self.plan.seed, key, book)
        try:
            async with Sink(heard, self.plan.seed) as self._sink:
                self._spare = await Victim.spawn(self.plan, self._mutation(1))
                began = time.monotonic()
                for life in range(1, self.plan.kills + 1):
                    await self._short_life(life, load, key, book)
                self.seconds = time.monotonic() - began
                await self._last_life(self.plan.kills + 1, key)
        finally:
            if self._spare is not None:
                await self._spare.end()
            book.close()
            heard.close()

    def _mutation(self, life: int) -> str:
        return self.plan.mutation if life <= self.plan.kills else ""

    @contextlib.asynccontextmanager
    async def _alive(self, life: int) -> AsyncIterator[Victim]:
        """The victim of a life; the next one's imports happen meanwhile."""
        victim, self._spare = self._spare, None
        assert victim is not None
        try:
            victim.begin(life)
            if life <= self.plan.kills:
                self._spare = await Victim.spawn(self.plan, self._mutation(life + 1))
            yield victim
        finally:
            await victim.end()

    async def _short_life(self, life: int, load: Load, key: str, book: SyncedBook) -> None:
        early = self._chance.random() < self.plan.early
        moment = self._chance.uniform(self.plan.least, self.plan.most)
        async with self._alive(life) as victim:
            if early:
                await asyncio.sleep(moment * 0.5)
            else:
                await self._under_load(victim, life, load, key, moment)
            await victim.kill()
        await until_gone(self.plan.database)
        await book.keep(Kill(life=life, ready=not early, intents=await intents(self.plan.database)))

    async def _under_load(self, victim: Victim, life: int, load: Load, key: str, moment: float) -> None:
        url = await self._ready(victim)
        await weather(url, key)
        await listen(url, key, self._sink)
        asking = asyncio.create_task(load.run(url, life, lambda: True))
        try:
            done, _ = await asyncio.wait({asking}, timeout=moment)
            if done:
                raise Died(victim.last_words())
            await victim.kill()
            await asking
        finally:
            asking.cancel()

    async def _ready(self, victim: Victim) -> str:
        began = time.monotonic()
        url = await victim.ready()
        self.starts.append(time.monotonic() - began)
        return url

    async def _last_life(self, life: int, key: str) -> None:
        async with self._alive(life) as victim:
            url = await self._ready(victim)
            await rest(url, key, self.plan.database)
            await victim.kill()
        await until_gone(self.plan.database)


async def found(database: str, data: Path) -> str:
    """Makes database, account and a balance that lasts; returns the account's key."""
    store = Store(engine_for(database))
    await store.open()
    running = asyncio.create_task(store.run())
    try:
        made = await first_start.ensure(store, Ids(), real_now, data, Seal(bytes(32)).seal)
        assert made is not None
        await store.write(_TopUp(), made["account"])
        return str(made["api"]["key"])
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await store.close()


class _TopUp:
    """The write that makes accounts rich."""

    async def run(self, unit: Unit, items: list[str]) -> list[None]:
        for name in items:
            [(account,)] = await unit.rows(statement(f"select id from account where name = '{name}'"))
            await accounts.book(unit, [Entry(1, account, 0, "topup", BALANCE, real_now())])
        return [None for _ in items]


async def intents(database: str) -> tuple[Intent, ...]:
    """What had its intent and no answer, and whose it was."""
    sql = """select o.owner, o.ref, m.attempts from outbox o join message m on m.id = o.ref
             where o.topic = 'flight' order by o.ref"""
    rows = await look(database, sql)
    return tuple(Intent(owner=owner, message=message, attempt=attempt) for owner, message, attempt in rows)


async def call(url: str, key: str, method: str, path: str, body: Any) -> Any:
    """One call that must succeed: its answer."""
    connection = Connection(url, key)
    try:
        status, answer = await connection.call(method, path, body)
    finally:
        connection.close()
    assert status == 200, (path, status, answer)
    return msgspec.json.decode(answer)


async def weather(url: str, key: str) -> None:
    """Makes the network take its time."""
    with contextlib.suppress(Cut):
        await call(url, key, "PUT", "/api/simnet/network", {"latency": LATENCY})


async def listen(url: str, key: str, sink: Sink) -> None:
    """Has the sink told of whatever becomes of messages: one hook, however often a life ends before it says so."""
    if not sink.secret:
        form = {"url": sink.url, "events": EVENTS}
        connection = Connection(url, key)
        try:
            status, answer = await connection.call("POST", "/api/hooks", form, "the hook")
        finally:
            connection.close()
        assert status == 201, (status, answer)
        sink.secret = msgspec.json.decode(answer)["secret"]


async def advance(url: str, key: str, step: str) -> int:
    """Steps the message clock: its time afterwards, in µs."""
    answer = await call(url, key, "POST", "/api/simnet/clock", {"advance": step})
    return int(datetime.fromisoformat(answer["now"]).timestamp() * 1_000_000)


async def rest(url: str, key: str, database: str) -> None:
    """Steps the message clock until nothing is owed to any message."""
    inherited = {intent.message for intent in await intents(database)}
    for step in STEPS:
        now = await advance(url, key, step)
        async with asyncio.timeout(REST_SECONDS):
            await _quiet(url, key, database, now, inherited if step == STEPS[0] else set())
    async with asyncio.timeout(REST_SECONDS):
        await _told(url, key, database)


async def _told(url: str, key: str, database: str) -> None:
    """Waits until every webhook has arrived, stepping over the waits between tries."""
    before = None
    while (
        owed := await look(database, "select id from outbox where topic in ('hook', 'post') order by id")
    ) != []:
        if owed == before:
            await advance(url, key, RETRY)
        before = owed
        await asyncio.sleep(4 * POLL_SECONDS)


async def _quiet(url: str, key: str, database: str, now: int, inherited: set[int]) -> None:
    """Waits until nothing is about to leave, due, or under way but what nobody will answer any more."""
    due = f"select count(*) from outbox where topic like 'depart:%' or topic = 'await' and due_at <= {now}"
    before: tuple[set[int], int] | None = None
    while True:
        flights = {intent.message for intent in await intents(database)} - inherited
        [(waiting,)] = await look(database, due)
        if not flights and not waiting:
            return
        if before == (set(), waiting):  # a deferred one waits for its next turn
            await advance(url, key, NUDGE)
        before = flights, waiting
        await asyncio.sleep(POLL_SECONDS)
