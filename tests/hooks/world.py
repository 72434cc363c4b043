"""Hooks over a real store, with a client that journals and answers as told, and a clock that is stepped."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import msgspec

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, ask, birth, do, event, inbound, tell
from textwire.clock import ManualClock
from textwire.domain.event import ALL, Event, mask
from textwire.domain.ids import Ids
from textwire.domain.number import Assignment, Number
from textwire.hooks.answer import Failed, Reply
from textwire.hooks.dialect import Dialect, Notice
from textwire.hooks.hooks import Hooks
from textwire.store import messages, numbers
from textwire.store.committer import Unit
from textwire.store.hooks import Hook
from textwire.store.store import Store
from textwire.switch.deliveries import Deliveries
from textwire.switch.readers import Readers
from textwire.switch.webhooks import Webhooks

SECOND, HOUR = 1_000_000, 3_600_000_000
NUMBER, OTHER_NUMBER = "+16139998877", "+447700900001"
URL = "https://customer.test/hook"
PATIENCE = 30.0  # seconds of real time that a test waits for something that happens at once
EPOCH = 1
OK = Reply(status=200, body=b"", retry_after=None, elapsed=0.0)

Answer = Reply | Failed | Callable[[], Awaitable[Reply]]


def reply(status: int, retry_after: float | None = None) -> Reply:
    return Reply(status=status, body=b"", retry_after=retry_after, elapsed=0.0)


async def until(question: Callable[[], Any]) -> None:
    """Waits for what happens at once, in another thread or on another connection."""
    async with asyncio.timeout(PATIENCE):
        while True:
            answer = question()
            if await answer if isinstance(answer, Awaitable) else answer:
                return
            await asyncio.sleep(0.001)


class Call(msgspec.Struct, frozen=True):
    """One call as the client was asked for it; `at` is the message clock."""

    at: int
    url: str
    headers: dict[str, str]
    body: dict[str, Any]
    raw: bytes


class Journal:
    """The client. `answers` are given to the calls in turn, the last one for ever; `at` names them by URL."""

    def __init__(self, clock: ManualClock, *answers: Answer) -> None:
        self.clock = clock
        self.calls: list[Call] = []
        self.under_way = self.most_under_way = 0
        self.answers: dict[str, list[Answer]] = {"": list(answers) or [OK]}

    def at(self, url: str, *answers: Answer) -> None:
        self.answers[url] = list(answers)

    def of(self, url: str) -> list[Call]:
        return [call for call in self.calls if call.url == url]

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self.calls.append(Call(self.clock.now(), url, dict(headers), msgspec.json.decode(body), body))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            answers = self.answers.get(url, self.answers[""])
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            await asyncio.sleep(0)
            if isinstance(answer, Failed):
                raise answer
            return answer if isinstance(answer, Reply) else await answer()
        finally:
            self.under_way -= 1


class Words:
    """A dialect that says everything it knows, and keeps the notices."""

    name = "api"
    waits: tuple[float, ...] = (5.0, 300.0, 1800.0)
    jitter = 0.1
    disables = True
    silence: tuple[float, ...] | None = None

    def __init__(self) -> None:
        self.notices: list[Notice] = []

    def body(self, notice: Notice) -> bytes | None:
        self.notices.append(notice)
        told = notice.message
        data = {"id": notice.identifier, "type": notice.event.type, "text": told.text if told else ""}
        return msgspec.json.encode({**data, "data": msgspec.json.decode(notice.event.data)})

    def headers(self, notice: Notice, body: bytes) -> dict[str, str]:
        return {"x-secret": notice.hook.secret, "x-at": str(notice.at)}


def seal(plain: str) -> str:
    return "sealed:" + plain


def unseal(sealed: str) -> str:
    """What these tests take for sealing: a prefix."""
    if not sealed.startswith("sealed:"):
        raise ValueError
    return sealed.removeprefix("sealed:")


class World:
    """One account with two numbers, of which its user has the first; hooks are made as readers make them."""

    def __init__(self, store: Store, clock: ManualClock, client: Journal, words: Words) -> None:
        self.store, self.clock, self.client, self.words = store, clock, client, words
        self.ids = Ids(1)
        self.heard: list[Event] = []
        self.hooks: Hooks
        self.real = NOW  # the real clock
        self.dialect: Dialect = words
        self.seed, self.hold = 0, 0.0
        self.readers = Readers(store, self.ids, clock, lambda: self.real, seal=seal)
        self.webhooks = Webhooks(
            store, self.ids, clock, lambda: self.real, seal=seal, new_secret=lambda: self.new_secret()
        )
        self.told = Deliveries(store, self.ids, clock, lambda: self.real, self.webhooks)
        self.readers.observers.append(lambda ended: self.hooks.end(ended))
        self.webhooks.ended.append(lambda ended: self.hooks.end(ended))
        self.webhooks.changed.append(lambda changed: self.hooks.change(changed))
        self.told.observers.append(lambda: self.hooks.wake())
        store.committer.observers.append(self.heard.extend)
        self._n = 0

    def new_secret(self) -> str:
        return "secret"

    async def settle(self) -> None:
        await do(self.store, numbers.insert, [Number(n, ACCOUNT, "", NOW) for n in (NUMBER, OTHER_NUMBER)])
        await do(self.store, numbers.assign, Assignment(NUMBER, PRINCIPAL, 1))

    async def hook(self, url: str = URL, types: int = ALL, **named: Any) -> Hook:
        made, _ = await self.webhooks.create(ACCOUNT, PRINCIPAL, url=url, types=types, **named)
        return made

    async def subscribe(self, url: str = URL, number: str = "", kind: Any = "webhook") -> Hook:
        """A subscription as vendors' clients make it."""
        channel = await self.readers.create_channel(
            ACCOUNT, PRINCIPAL, kind=kind, url=url if kind == "webhook" else "", authorization="Bearer x"
        )
        found = await self.readers.subscribe(
            ACCOUNT, PRINCIPAL, channel=channel.public_id, dialect="api", number=number,
            types=mask(["message.received", "message.accepted"]),
        )  # fmt: skip
        return found.hook

    async def receive(self, count: int = 1, recipient: str = NUMBER, **changes: Any) -> list[int]:
        """Texts from a person, each with its event, in one transaction; their event numbers."""
        rows = [inbound(self._n + n + 1, recipient=recipient) for n in range(count)]
        self._n += count

        async def write(unit: Unit) -> None:
            await messages.insert_in(unit, rows)
            await tell(unit, [self._event("message.received", m.id, **changes) for m in rows])

        return await self._commit(write, count)

    async def send(self, sender: str = NUMBER) -> list[int]:
        """A text to a person with its event."""
        self._n += 1
        born = birth(self._n, sender=sender)

        async def write(unit: Unit) -> None:
            await messages.insert_out(unit, [born])
            await tell(unit, [self._event("message.accepted", born.draft.id)])

        return await self._commit(write, 1)

    async def tell(self, kind: str, data: str = "{}", **changes: Any) -> list[int]:
        """An event that is about no message."""
        return await self._commit(lambda unit: tell(unit, [self._event(kind, 0, data=data, **changes)]), 1)

    def _event(self, kind: str, subject: int, **changes: Any) -> Event:
        return event(subject, kind, at=self.clock.now(), **changes)

    async def _commit(self, write: Callable[[Unit], Awaitable[None]], count: int) -> list[int]:
        before = len(self.heard)
        await do(self.store, write)
        await until(lambda: len(self.heard) >= before + count)
        return [e.number for e in self.heard[before:]]

    async def calls(self, count: int) -> list[Call]:
        """The calls so far, once there are so many."""
        await until(lambda: len(self.client.calls) >= count)
        return self.client.calls

    async def deliveries(self) -> list[tuple[Any, ...]]:
        """(event, hook, state, attempts, status, error) of all, in the order in which they were planned."""
        return await ask(
            self.store, "select event, hook, state, attempts, status, error from delivery order by id"
        )

    async def states(self) -> list[str]:
        return [row[2] for row in await self.deliveries()]

    async def owed(self) -> list[tuple[Any, ...]]:
        """(topic, due_at, owner) of what is in the outbox."""
        return await ask(self.store, "select topic, due_at, owner from outbox order by due_at, id")

    async def idle(self) -> None:
        """Until nothing is owed any more."""
        await until(self._owes_nothing)

    async def _owes_nothing(self) -> bool:
        return not await self.owed()

    async def next_due(self) -> int:
        """Steps the clock to when the first delivery that nobody holds is due; the time."""
        await until(self._waits)
        due = min(due for topic, due, owner in await self.owed() if topic == "post" and not owner)
        if due > self.clock.now():
            await self.clock.step(due - self.clock.now())
        return due

    async def _waits(self) -> bool:
        return any(topic == "post" and not owner for topic, _, owner in await self.owed())

    async def attempted(self, attempts: int) -> None:
        """Until the one delivery there is has been tried so often and that is kept."""

        async def is_so() -> bool:
            return [row[3] for row in await self.deliveries()] == [attempts]

        await until(is_so)

    def start(self, epoch: int = EPOCH, client: Journal | None = None) -> Hooks:
        """Hooks that observe from now on; somebody has to `run` them."""
        dialects: dict[str, Dialect] = {"api": self.dialect}
        self.hooks = Hooks(
            self.store,
            self.clock,
            lambda: self.real,
            self.ids,
            dialects,
            client or self.client,
            epoch,
            unseal=unseal,
            seed=self.seed,
            hold=self.hold,
        )
        self.told.call = self.hooks.call
        return self.hooks

    @contextlib.asynccontextmanager
    async def running(self, epoch: int = EPOCH, client: Journal | None = None) -> AsyncIterator[Hooks]:
        """Hooks that run, and stop at the end as if the process had died."""
        hooks = self.start(epoch, client)
        loop = asyncio.create_task(hooks.run())
        try:
            yield hooks
        finally:
            self.store.committer.observers.remove(hooks.observe)
            loop.cancel()
            for call in list(hooks._deliverer._calls):
                call.cancel()
            await asyncio.gather(loop, return_exceptions=True)
