"""A whole house behind the own API's door, in one process, with two tenants and a client that speaks ASGI."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.web.calls import Answer, call
from textwire.access.access import Access
from textwire.access.secrets import digest
from textwire.clock import Clock, real_now
from textwire.core import Core
from textwire.domain.account import SCOPES, Account, Principal
from textwire.domain.event import Event
from textwire.domain.number import Assignment, Number
from textwire.domain.refusal import Refusal
from textwire.facades.api.door import door
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.simnet.handsets import Bells, Handsets
from textwire.live.live import Live
from textwire.store import accounts, messages, numbers
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.engines.engine import Engine
from textwire.store.store import engine_for
from textwire.web.asgi import App
from textwire.web.router import Router

PHONE = "+447700900123"
BLOCKED = "http://169.254.169.254/"
BALANCE = 10_000_000_000  # 100 EUR
PATIENCE = 10.0  # seconds of real time that a test waits for something that happens at once
BEYOND = 2**63 - 1
TENANT = "read send manage"  # what a key may do that is not the operator's


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def problem(self) -> tuple[int, str, list[str]]:
        """Status, code and the fields at fault of a problem document, whose shape is checked here."""
        assert self.headers["content-type"] == "application/problem+json", self
        said = self.json
        assert list(said) == ["type", "title", "status", "detail", "code", "errors"]
        assert said["status"] == self.status
        assert said["title"]
        assert said["detail"]
        return self.status, said["code"], [error["field"] for error in said["errors"]]


class Tenant(NamedTuple):
    """An account; `caller` is the principal of its keys, whose default is the first of its numbers."""

    house: "House"
    name: str
    account: int
    caller: Principal
    numbers: tuple[str, ...]
    key: str

    async def ask(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str
    ) -> Reply:
        """One request: `body` as JSON, or `raw` bytes; `a_b` is the header A-B."""
        given = {"authorization": f"Bearer {self.key}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        if raw is None:
            raw = b"" if body is None else msgspec.json.encode(body)
        if raw:
            given.setdefault("content-type", "application/json")
        return Reply(*await call(self.house.app, method, path.encode(), given, [raw]))

    async def get(self, path: str, status: int = 200) -> Any:
        """What a GET finds."""
        reply = await self.ask("GET", path)
        assert reply.status == status, reply
        return reply.json

    async def send(self, **fields: Any) -> Reply:
        """A text to a handset."""
        return await self.ask("POST", "/api/messages", {"to": PHONE, "text": "hello", **fields})

    async def sent(self, **fields: Any) -> Any:
        """The message of a text that was taken."""
        reply = await self.send(**fields)
        assert reply.status == 201, reply
        return reply.json

    async def kept(self) -> list[Any]:
        """Every message of the account, newest first, from the store."""
        return list(await messages.page(self.house.engine, self.account, before=BEYOND, limit=10_000))

    async def balance(self) -> int:
        found = await accounts.account(self.house.engine, self.account)
        assert found is not None
        return found.balance


class House:
    """`alice` operates it, `bob` is another tenant. Time is real, so that the network moves by itself."""

    alice: Tenant
    bob: Tenant

    def __init__(self, core: Core, bells: Bells) -> None:
        self.core, self.engine = core, core.store.engine
        self.kept_clocks = 0
        self.lag = 0.0
        self.simulated = True
        self.heard: list[Event] = []
        self._more = asyncio.Event()
        core.store.committer.observers.append(self._hear)
        self.access = Access(core.store, core.real_now)
        core.people.observers.append(self.access.forget)
        self.phones = Handsets(
            core.network,
            core.clock,
            bells,
            text=core.simulated.text,
            octets=core.simulated.octets,
            stir=core.simulated.stir,
        )
        self.live = Live(core.store)
        self.scraped = b"# nothing\n"
        desk = msgspec.structs.replace(core.desk, simulated=lambda: self.simulated)
        entrance = Entrance(self.access, desk.simulated)
        self.door = door(
            desk,
            self.access,
            self.phones,
            keep_clock=self._keep_clock,
            judge_url=_judge,
            lag=lambda: self.lag,
            live=self.live,
            scrape=self.scrape,
            entrance=entrance,
        )
        self.operations = entrance.operations
        self.router = Router([self.door])
        self.app: App = self.router

    async def ask(self, method: str, path: str, **headers: str) -> Answer:
        """A request without a key."""
        return await call(self.app, method, path.encode(), headers)

    async def event(self, kind: str, message: str) -> Event:
        """The first event of a kind about a message, once it is committed."""
        async with asyncio.timeout(PATIENCE):
            while True:
                for event in self.heard:
                    if event.type == kind and event.subject == int(message):
                        return event
                self._more.clear()
                await self._more.wait()

    def _hear(self, events: list[Event]) -> None:
        self.heard += events
        self._more.set()

    async def scrape(self) -> bytes:
        """What is measured here."""
        return self.scraped

    async def _keep_clock(self) -> None:
        self.kept_clocks += 1

    async def found(self) -> None:
        """The two tenants."""
        self.alice = await self.tenant("alice", ("+16139998877", "+447700900001"), " ".join(SCOPES))
        self.bob = await self.tenant("bob", ("+4915799912345",))

    async def tenant(
        self, name: str, owned: tuple[str, ...], scopes: str = TENANT, balance: int = BALANCE
    ) -> Tenant:
        """A new account with a key; every number but the last of several is assigned to it."""
        tenant = await self.core.store.write(_Founding(self), (name, owned, scopes, balance))
        assert isinstance(tenant, Tenant)
        return tenant


class _Founding:
    """The write that founds tenants."""

    def __init__(self, house: House) -> None:
        self._house = house

    async def run(self, unit: Unit, items: list[tuple[str, tuple[str, ...], str, int]]) -> list[Tenant]:
        return [await self._found(unit, *item) for item in items]

    async def _found(
        self, unit: Unit, name: str, owned: tuple[str, ...], scopes: str, balance: int
    ) -> Tenant:
        now = real_now()
        first = self._house.core.ids.take(now, 4)
        account, caller, credential, entry = range(first, first + 4)
        await accounts.insert_account(unit, Account(account, name, 0, 0, "active", now))
        await accounts.book(unit, [Entry(entry, account, 0, "credit", balance, now)])
        principal = Principal(caller, account, "key", f"key-{name}", "", f"{name}'s key")
        await accounts.insert_principal(unit, principal, now)
        key = f"tw_{name}"
        await accounts.insert_credential(unit, credential, caller, ("key", digest(key), "", scopes, 0), now)
        await numbers.insert(unit, [Number(number, account, "", now) for number in owned])
        for n, number in enumerate(owned[:-1] if len(owned) > 1 else owned):
            await numbers.assign(unit, Assignment(number, caller, int(n == 0)))
        return Tenant(self._house, name, account, principal, owned, key)


def _judge(url: str) -> None:
    if url.startswith(BLOCKED) or not url.startswith("http"):
        raise Refusal("blocked_address", field="url")


@contextlib.asynccontextmanager
async def opened(database: str | Path | Engine) -> AsyncIterator[House]:
    """A house that runs for the length of a test."""
    bells = Bells()
    engine = engine_for(str(database)) if isinstance(database, (str, Path)) else database
    core = await Core.open(engine, Clock(), real_now, on_message=bells.ring)
    house = House(core, bells)
    started = asyncio.Event()
    running = asyncio.gather(core.run(started), house.live.run())
    await started.wait()
    try:
        await house.found()
        yield house
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await core.store.close()
