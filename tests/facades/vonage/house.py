"""A whole house behind Vonage's door, in one process, on a clock that only the test moves."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple
from urllib.parse import quote_plus, urlencode

import msgspec

from tests.facades.running import Times, do, running
from tests.web.calls import call
from textwire.access.access import Access, client_lookup
from textwire.access.seal import Seal
from textwire.access.secrets import digest
from textwire.clock import ManualClock
from textwire.core import Core
from textwire.domain.account import SIGNATURE, Account, Caller, Principal
from textwire.domain.message import Message
from textwire.domain.number import Number
from textwire.domain.refusal import Refusal
from textwire.facades.vonage.door import door
from textwire.facades.vonage.webhooks import VonageDialect
from textwire.hooks.answer import Failed, Reply
from textwire.hooks.hooks import Hooks
from textwire.store import accounts, messages, numbers
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.store import engine_for
from textwire.web.router import Router
from textwire.web.routes import Door

SEAL = Seal(b"s" * 32)
START = 1_800_000_000_000_000  # µs: both clocks' beginning
SECOND = 1_000_000
PATIENCE = 10.0  # seconds of real time for what happens at once
BALANCE = 10 * 10**8
PRICE = 7_000_000
KEY, SECRET, SIGNING = "abcd1234", "Secret0Secret0Secret0abc", "signature-secret-for-vectors-0001"
DID, SPARE = "+447700900001", "+447700900002"
PHONE = "+447700900123"
BLOCKED = "http://169.254.169.254/"
PLACE = "http://127.0.0.1:9000/place"
ACCOUNT, CALLER = 1, 2
BY = Caller(ACCOUNT, CALLER, "system", "vonage-abcd1234", frozenset({"manage"}))
SENT: dict[str, str] = {
    "api_key": KEY,
    "api_secret": SECRET,
    "from": "AcmeInc",
    "to": PHONE[1:],
    "text": "hi",
}


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def first(self) -> dict[str, str]:
        """The first element of a submission's answer."""
        assert self.status == 200, self
        found: dict[str, str] = self.json["messages"][0]
        return found


class Called(NamedTuple):
    """A call of a webhook; `at` is the message clock."""

    at: int
    method: str
    url: str
    headers: dict[str, str]
    body: bytes
    query: dict[str, str]


class Place:
    """Stands for every webhook there is: keeps what it is told and answers as the test wants."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.calls: list[Called] = []
        self.answer: int | Failed = 200

    async def post(
        self, url: str, headers: Mapping[str, str], body: bytes, *, method: str = "POST",
        query: Mapping[str, str] | None = None,
    ) -> Reply:  # fmt: skip
        self.calls.append(Called(self._clock.now(), method, url, dict(headers), body, dict(query or {})))
        if isinstance(self.answer, Failed):
            raise self.answer
        return Reply(status=self.answer, body=b"", retry_after=None, elapsed=0.0)


class House:
    """`times` is the clock of signatures and limits; the message clock is `clock`."""

    def __init__(self, core: Core, clock: ManualClock, times: Times) -> None:
        self.core, self.clock, self.times = core, clock, times
        self.place = Place(clock)
        self.hooks: Hooks
        self.app: Router
        self.door: Door

    async def ask(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Answer:
        return Answer(*await call(self.app, method, path.encode(), dict(headers or {}), [body]))

    async def send(self, **changes: str | None) -> Answer:
        """A POST of the usual form with changes; a name's `_` is `-` but in credentials, None leaves it out."""
        return await self.form({**SENT, **changes})

    async def form(self, fields: Mapping[str, str | None]) -> Answer:
        named = {
            n if n.startswith("api_") else n.replace("_", "-"): v for n, v in fields.items() if v is not None
        }
        form = urlencode(named, quote_via=quote_plus, encoding="utf-8", errors="surrogatepass").encode()
        return await self.ask(
            "POST", "/sms/json", form, {"content-type": "application/x-www-form-urlencoded"}
        )

    async def status(self, **changes: str | None) -> tuple[str, str]:
        """(status, error-text) of such a submission."""
        first = (await self.send(**changes)).first
        return first["status"], first.get("error-text", "")

    async def kept(self) -> list[Message]:
        """Every message of the account, newest first."""
        return await messages.page(self.core.store.engine, ACCOUNT, before=2**63 - 1, limit=1000)

    async def set(self, **settings: Any) -> None:
        """Settings of the account."""
        await self.core.people.settle(BY, settings)

    async def balance(self) -> int:
        found = await accounts.account(self.core.store.engine, ACCOUNT)
        assert found is not None
        return found.balance

    async def told(self, count: int, step: int = 100_000) -> list[Called]:
        """So many calls of webhooks, once they were made; the message clock is stepped meanwhile."""
        async with asyncio.timeout(PATIENCE):
            while len(self.place.calls) < count:
                self.clock.advance(step)
                await asyncio.sleep(0.002)
        return self.place.calls

    async def quiet(self) -> list[Called]:
        """The calls of webhooks after some time in which more could have come."""
        for _ in range(60):
            self.clock.advance(100_000)
            await asyncio.sleep(0.002)
        return self.place.calls

    async def text(self, text: str, to: str = DID) -> None:
        """A person texts."""
        texting = asyncio.create_task(self.core.simulated.text(PHONE, to, text))
        async with asyncio.timeout(PATIENCE):
            while not texting.done():
                self.clock.advance(100_000)
                await asyncio.sleep(0.002)
        await texting

    async def octets(self, data: str, udh: str = "", to: str = DID) -> None:
        """A person sends what is no text."""
        sending = asyncio.create_task(self.core.simulated.octets(PHONE, to, udh, data))
        async with asyncio.timeout(PATIENCE):
            while not sending.done():
                self.clock.advance(100_000)
                await asyncio.sleep(0.002)
        await sending

    async def do(self, work: Callable[[Unit], Awaitable[None]]) -> None:
        await do(self.core, work)


async def _found(unit: Unit) -> None:
    await accounts.insert_account(unit, Account(ACCOUNT, "demo", 0, 0, "active", START))
    await accounts.book(unit, [Entry(3, ACCOUNT, 0, "topup", BALANCE, START)])
    await accounts.insert_principal(unit, Principal(CALLER, ACCOUNT, "system", BY.public_id, "", ""), START)
    for key, (kind, kept) in enumerate((("vonage", digest(SECRET)), (SIGNATURE, SEAL.seal(SIGNING))), 4):
        await accounts.insert_credential(
            unit, key, CALLER, (kind, client_lookup(kind, KEY), kept, "", 0), START
        )
    await numbers.insert(unit, [Number(DID, ACCOUNT, "GB", START), Number(SPARE, ACCOUNT, "GB", START)])


def _judge(url: str) -> None:
    if url.startswith(BLOCKED) or not url.startswith("http"):
        raise Refusal("blocked_address", field="url")


@asynccontextmanager
async def opened(database: str, *, simulated: bool = True, found: bool = True) -> AsyncIterator[House]:
    """A house that runs for the length of a test."""
    clock = ManualClock(START)
    times = Times(START)
    core = await Core.open(engine_for(database), clock, times.now, seal=SEAL)
    house = House(core, clock, times)
    desk = msgspec.structs.replace(core.desk, simulated=lambda: simulated)
    access = Access(core.store, times.now)
    core.people.observers.append(access.forget)
    house.door = door(desk, access, _judge)
    house.app = Router([house.door])
    house.hooks = Hooks(
        core.store, clock, times.now, core.ids,
        {"callback": VonageDialect(core.store.engine, core.people.settings)}, house.place, core.epoch,
        unseal=SEAL.open, hold=0.0,
    )  # fmt: skip
    core.wake_hooks = house.hooks.wake
    try:
        async with running(core, house.hooks.run()):
            if found:
                await house.do(_found)
            yield house
    finally:
        await core.store.close()
