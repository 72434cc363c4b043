"""A whole house behind sipgate's door, in one process, on clocks that only the test moves."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tests.facades.running import Times, do, running
from tests.web.calls import call
from textwire.access import minting
from textwire.access.access import Access, password_lookup
from textwire.access.seal import Seal
from textwire.access.secrets import password_hash
from textwire.clock import ManualClock
from textwire.core import Core
from textwire.domain.account import Account as Kept
from textwire.domain.account import NewCredential, Principal
from textwire.domain.message import Message
from textwire.domain.number import Number
from textwire.domain.refusal import Refusal
from textwire.facades.sipgate.door import door
from textwire.facades.sipgate.oauth import door as login
from textwire.hooks.guard import Policy, Refused, judge_url
from textwire.store import accounts, messages, numbers, people
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.store import engine_for
from textwire.web.router import Router

START = 1_800_000_000_000_000  # µs UTC of both clocks; whole seconds
SECOND = 1_000_000
NOW = START // SECOND
PRICE = 7_000_000
BALANCE = 10**10  # 100 EUR
PASSWORD = "correct-horse-battery"
PHONE, OTHER_PHONE = "+4915799999123", "+4915799999124"
OWNED = "+4915799912345"
JSON = {"content-type": "application/json"}
PATIENCE = 10.0  # seconds of real time for what happens at once


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and pointer ("" for none) of a refusal, whose shape is checked here."""
        assert self.headers["content-type"] == "application/json", self
        said = self.json
        assert list(said) == ["status", "message", "errors"]
        [error] = said["errors"]
        assert said["status"] == error["status"] == self.status
        assert said["message"] == error["detail"]
        assert said["message"]
        assert error["title"]
        return self.status, error.get("source", {}).get("pointer", "")


class User(NamedTuple):
    """A person who calls; `header` is what it proves itself with."""

    house: "House"
    principal: Principal
    header: str

    @property
    def account(self) -> int:
        return self.principal.account

    async def ask(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str
    ) -> Reply:
        """One request under /v2: `body` as JSON, or `raw` bytes."""
        given = {"authorization": self.header, **JSON}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        if raw is None:
            raw = b"" if body is None else msgspec.json.encode(body)
        return await self.house.ask(method, path, raw, given)

    async def get(self, path: str) -> Any:
        """What a GET finds."""
        reply = await self.ask("GET", path)
        assert reply.status == 200, reply
        return reply.json

    async def send(self, **fields: Any) -> Reply:
        """A text; a field that is Ellipsis is left out."""
        body = {"smsId": "s0", "recipient": PHONE, "message": "Hallo Welt", **fields}
        return await self.ask("POST", "/sessions/sms", {k: v for k, v in body.items() if v is not ...})

    async def token(self, *scopes: str, expires_at: int = 0) -> "User":
        """The same person, by a new personal access token."""
        minted = minting.sipgate_token(frozenset(scopes), expires_at)
        await self.house.do(
            lambda unit: people.equip(unit, [(self.house.id(), self.principal.id, minted.kept)], START)
        )
        return self._replace(header=basic(minted.identifier, minted.secret))

    async def messages(self) -> list[Message]:
        """Every message of the account, newest first, from the store."""
        found = await messages.page(self.house.engine, self.account, before=2**63 - 1, limit=1000)
        return list(found)

    async def balance(self) -> int:
        found = await accounts.account(self.house.engine, self.account)
        assert found is not None
        return found.balance


def basic(name: str, secret: str, encoding: str = "utf-8") -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{name}:{secret}".encode(encoding)).decode()


class House:
    """`now` is the real clock, `clock` the message clock."""

    def __init__(self, core: Core, clock: ManualClock, times: Times) -> None:
        self.core, self.engine, self.clock, self.times = core, core.store.engine, clock, times
        self.access = Access(core.store, times.now)
        core.people.observers.append(self.access.forget)
        tokens = login.tokens(core.desk)
        self.door = door(core.desk, self.access, tokens, judge)
        self.app = Router([self.door, login.door(core.desk, self.access, tokens)])

    def id(self) -> int:
        return self.core.ids.take(START)

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None,
        address: str = "127.0.0.1",
    ) -> Reply:  # fmt: skip
        """One request under /v2, with no more than what is given; a millisecond after the one before."""
        return await self.ask_at(method, f"/v2{path}", body, headers, address)

    async def ask_at(
        self, method: str, target: str, body: bytes = b"", headers: dict[str, str] | None = None,
        address: str = "127.0.0.1",
    ) -> Reply:  # fmt: skip
        """The same on any path."""
        self.times.real += 1000
        return Reply(*await call(self.app, method, target.encode(), dict(headers or {}), [body], address))

    async def do(self, work: Callable[[Unit], Awaitable[None]]) -> None:
        """A write of the test's own."""
        await do(self.core, work)

    async def tenant(self, name: str, owned: tuple[str, ...] = (), balance: int = BALANCE) -> User:
        """A new account with one user."""
        account = self.id()

        async def found(unit: Unit) -> None:
            await accounts.insert_account(unit, Kept(account, name, 0, 0, "active", START))
            await accounts.book(unit, [Entry(self.id(), account, 0, "credit", balance, START)])
            await numbers.insert(unit, [Number(number, account, "DE", START, "mobile") for number in owned])

        await self.do(found)
        return await self.user(account, name)

    async def user(self, account: int, name: str, password: str = PASSWORD) -> User:
        """One more user of an account."""
        email = f"{name}@example.test"
        person = Principal(self.id(), account, "user", f"user-{name}", email, name.title())
        kept = NewCredential("password", password_lookup(email), password_hash(password), "read send manage")

        async def enter(unit: Unit) -> None:
            await accounts.insert_principal(unit, person, START)
            await people.equip(unit, [(self.id(), person.id, kept)], START)

        await self.do(enter)
        return User(self, person, basic(email, password))

    async def step(self, span: int) -> None:
        """Moves the message clock; what was due by then happens soon after."""
        self.clock.advance(span)
        await asyncio.sleep(0.01)

    async def shown(self, number: str, count: int = 1) -> list[str]:
        """The texts that a handset shows, once there are so many."""
        async with asyncio.timeout(PATIENCE):
            while len(found := self._texts(number)) < count:
                await self.step(100_000)
        return found

    async def text(self, text: str, to: str = OWNED, number: str = PHONE) -> None:
        """A person texts a number of ours, which has kept it when this returns."""
        self.times.real += 1000
        sending = asyncio.create_task(self.core.simulated.text(number, to, text))
        async with asyncio.timeout(PATIENCE):
            while not sending.done():
                await self.step(100_000)
        await sending

    def _texts(self, number: str) -> list[str]:
        return [m.text for m in self.core.network.messages(number) if m.direction == "in"]


def judge(url: str) -> None:
    """As a server that listens on loopback, where a webhook may listen too, but not on the server's port."""
    try:
        judge_url(url, Policy(allow_loopback=True, own_ports=frozenset((8080,))))
    except Refused:
        raise Refusal("blocked_address", field="url") from None


@asynccontextmanager
async def opened(directory: Path, clock: ManualClock | None = None) -> AsyncIterator[House]:
    """A house that runs for the length of a test; it ends like a process that is killed."""
    clock, times = clock or ManualClock(START), Times(START)
    core = await Core.open(engine_for(str(directory / "sipgate.db")), clock, times.now, seal=Seal(b"s" * 32))
    try:
        async with running(core):
            yield House(core, clock, times)
    finally:
        await core.store.engine.close()
