"""A whole house behind Kandy's door, in one process, and a client that speaks ASGI to it."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import msgspec

from tests.web.calls import call
from textwire.access.access import Access, client_lookup, password_lookup
from textwire.access.seal import Seal
from textwire.access.secrets import digest, password_hash
from textwire.clock import Clock
from textwire.core import Core
from textwire.domain.account import Account, Principal
from textwire.domain.number import Assignment, Number
from textwire.domain.refusal import Refusal
from textwire.facades.kandy.door import door
from textwire.facades.kandy.notifications import KandyDialect
from textwire.hooks.answer import Reply as HookReply
from textwire.hooks.hooks import Hooks
from textwire.live.live import Live
from textwire.live.mail import Mail
from textwire.store import accounts, messages, numbers, opt_outs
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.engines.engine import statement
from textwire.store.opt_outs import OptOut
from textwire.store.store import engine_for
from textwire.web.router import Router

KEY = "k" * 43
SEAL = Seal(b"s" * 32)
PATIENCE = 10.0  # seconds of real time that a test waits for something that happens at once
PASSWORD = "correct horse battery"
START = 1_700_000_000_000_000
BALANCE = 10_000_000_000

SMS = "/cpaas/smsmessaging/v1"
CHANNELS = "/cpaas/notificationchannel/v1"
JSON = {"content-type": "application/json"}
BLOCKED = "http://169.254.169.254/"
# What a table of all calls puts for the names in patterns; for any other name it puts the name.
PLACES = {"user": "user-ada", "sender": "default", "local": "default", "remote": "+16131234567"}


class Tenant(NamedTuple):
    """An account with a user, a project and the numbers assigned to both; `spare` is owned and unassigned."""

    name: str
    user: Principal
    project: Principal
    numbers: tuple[str, ...]
    spare: str

    @property
    def public_client(self) -> str:
        return f"PUB-{self.name}.x1"

    @property
    def project_client(self) -> str:
        return f"PRIV-{self.name}.x1.My project"

    @property
    def secret(self) -> str:
        return f"{self.name}'s secret".ljust(32, "!")


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)

    @property
    def refusal(self) -> tuple[int, str, list[str]]:
        """Status, messageId and variables of a requestError, whose shape is checked here."""
        assert self.headers["content-type"] == "application/json"
        said = self.json
        assert list(said) == ["requestError"]
        assert list(said["requestError"]) == ["serviceException"]
        exception = said["requestError"]["serviceException"]
        assert set(exception) == {"messageId", "text", "variables"}
        return self.status, exception["messageId"], exception["variables"]


class Times:
    """The real clock of a house, which a test may move."""

    def __init__(self) -> None:
        self.real = START

    def now(self) -> int:
        return self.real

    def after(self, seconds: float) -> None:
        self.real += int(seconds * 1_000_000)


class Posted(NamedTuple):
    """A call to a webhook."""

    url: str
    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> tuple[str, Any]:
        """The one top-level member of a notification: its name and what is in it."""
        [said] = msgspec.json.decode(self.body).items()
        name, inner = said
        return name, inner


class Mailbox:
    """Stands for every webhook there is: keeps what is posted and answers 200."""

    def __init__(self) -> None:
        self.posts: list[Posted] = []
        self._more = asyncio.Event()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> HookReply:
        self.posts.append(Posted(url, dict(headers), body))
        self._more.set()
        return HookReply(status=200, body=b"", retry_after=None, elapsed=0.0)

    async def first(self, count: int) -> list[Posted]:
        """So many posts, sorted by address, once they are here."""
        async with asyncio.timeout(PATIENCE):
            while len(self.posts) < count:
                self._more.clear()
                await self._more.wait()
        return sorted(self.posts)


class House:
    """`times.real` is the clock of logins and tokens; the message clock is the wall's."""

    def __init__(self, core: Core, access: Access, times: Times) -> None:
        self.core, self.times, self._access = core, times, access
        self.live, self.mail = Live(core.store), Mail(core.store, times.now, tend_seconds=0.05)
        core.desk.readers.subscribed.append(self.mail.wake)
        self.wait(PATIENCE)
        self.mailbox = Mailbox()
        self.tenants: dict[str, Tenant] = {}

    def wait(self, seconds: float) -> None:
        """For so long the answer to a send waits for the network's, from now on."""
        self.door = door(self.core.desk, self._access, KEY, _judge, self.live, self.mail, wait=seconds)
        self.app = Router([self.door])

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes | str | object = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One request, its path raw as given."""
        if not isinstance(body, bytes):
            body = body.encode() if isinstance(body, str) else msgspec.json.encode(body)
        return Reply(*await call(self.app, method, path.encode(), dict(headers or {}), [body]))

    def calls(self) -> list[tuple[str, str]]:
        """(method, path) of everything that takes the token of the user "ada", made of the door's own routes."""
        return [
            (route.method, _filled(route.pattern)) for route in self.door.routes if "{user}" in route.pattern
        ]

    async def login(self, **form: str) -> Reply:
        """A POST of form fields to the token endpoint."""
        return await self.ask(
            "POST", "/cpaas/auth/v1/token", urlencode(form),
            {"content-type": "application/x-www-form-urlencoded", "authorization": "Bearer null"},
        )  # fmt: skip

    async def session(self, tenant: Tenant, token: str = "access_token") -> "Session":
        """A logged-in user of a tenant."""
        reply = await self.login(
            grant_type="password", client_id=tenant.public_client, username=tenant.user.email,
            password=PASSWORD, scope="openid",
        )  # fmt: skip
        assert reply.status == 200, reply
        return Session(self, tenant.user.public_id, reply.json[token])

    async def project(self, tenant: Tenant) -> "Session":
        """A tenant's project, logged in."""
        reply = await self.login(
            grant_type="client_credentials", client_id=tenant.project_client, client_secret=tenant.secret
        )
        return Session(self, tenant.project.public_id, reply.json["access_token"])

    async def session_of(self, name: str) -> "Session":
        """A logged-in user of the tenant of that name."""
        return await self.session(self.tenants[name])

    async def messages(self, tenant: Tenant) -> list[Any]:
        """Every message of the tenant's account, newest first, from the store."""
        return await messages.page(self.core.store.engine, tenant.user.account, before=2**63 - 1, limit=1000)

    async def tenant(self, name: str, owned: tuple[str, ...]) -> Tenant:
        """A new tenant; the last number is not assigned to anybody, the first is everybody's default."""
        tenant = await self.core.store.write(_Founding(self.core), (name, owned))
        assert isinstance(tenant, Tenant)
        self.tenants[name] = tenant
        return tenant

    async def balance(self, tenant: Tenant) -> int:
        """Of the tenant's account, in 10⁻⁸ EUR."""
        found = await accounts.account(self.core.store.engine, tenant.user.account)
        assert found is not None
        return found.balance

    async def opt_out(self, tenant: Tenant, number: str) -> None:
        """A person wants no more texts of the tenant."""
        await self._do(lambda unit: opt_outs.add(unit, tenant.user.account, [OptOut(number, "test", START)]))

    async def spend(self, tenant: Tenant, amount: int) -> None:
        """Money goes elsewhere."""
        entry = Entry(self.core.ids.take(START), tenant.user.account, 0, "test", -amount, START)
        await self._do(lambda unit: accounts.book(unit, [entry]))

    async def suspend(self, tenant: Tenant) -> None:
        """The tenant's account is suspended."""
        suspension = statement(
            "update account set state = 'suspended' from {rows} r where account.id = r.key", "key int"
        )
        await self._do(lambda unit: unit.run(suspension, [(tenant.user.account,)]))

    async def _do(self, work: Callable[[Unit], Awaitable[None]]) -> None:
        await self.core.store.write(_Doing(), work)


class Session(NamedTuple):
    """A token and the house it is good for."""

    house: House
    user: str
    token: str

    @property
    def sms(self) -> str:
        return f"{SMS}/{self.user}"

    @property
    def channels(self) -> str:
        return f"{CHANNELS}/{self.user}/channels"

    async def ask(self, method: str, path: str, body: bytes | str | object = b"", **headers: str) -> Reply:
        given = {"authorization": f"Bearer {self.token}", **JSON}
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.house.ask(method, path, body, {**given, **more})

    async def send(self, *to: str, sender: str = "default", text: str = "hi :)", **more: object) -> Reply:
        """A text in the shape in which the SDKs ask for it."""
        wanted = {
            "address": list(to),
            "clientCorrelator": "PUB-x-python",
            "outboundSMSTextMessage": {"message": text},
        }
        body = {"outboundSMSMessageRequest": {**wanted, **more}}
        return await self.ask("POST", f"{self.sms}/outbound/{sender}/requests", body)

    async def channel(self, url: str = "http://127.0.0.1:9/hook", **data: str) -> str:
        """A webhook channel's callbackURL."""
        wanted = {
            "channelType": "webhooks",
            "channelData": {"x-webhookURL": url, **data},
            "clientCorrelator": "c-1",
        }
        reply = await self.ask("POST", self.channels, {"notificationChannel": wanted})
        assert reply.status == 201, reply
        return str(reply.json["notificationChannel"]["callbackURL"])

    async def subscribe(self, channel: str, **more: object) -> Reply:
        wanted = {"callbackReference": {"notifyURL": channel}, "clientCorrelator": "c-1", **more}
        return await self.ask("POST", f"{self.sms}/inbound/subscriptions", {"subscription": wanted})


class _Founding:
    """The write that founds tenants."""

    def __init__(self, core: Core) -> None:
        self._core = core

    async def run(self, unit: Unit, items: list[tuple[str, tuple[str, ...]]]) -> list[Tenant]:
        return [await self._found(unit, name, owned) for name, owned in items]

    def _id(self) -> int:
        return self._core.ids.take(START)

    async def _found(self, unit: Unit, name: str, owned: tuple[str, ...]) -> Tenant:
        account = self._id()
        await accounts.insert_account(unit, Account(account, name, 0, 0, "active", START))
        await accounts.book(unit, [Entry(self._id(), account, 0, "credit", BALANCE, START)])
        email = f"{name}@example.test"
        user = Principal(self._id(), account, "user", f"user-{name}", email, name)
        project = Principal(self._id(), account, "project", f"project-{name}", "", name)
        tenant = Tenant(name, user, project, owned[:-1], owned[-1])
        await numbers.insert(unit, [Number(number, account, "", START) for number in owned])
        for principal in (user, project):
            await accounts.insert_principal(unit, principal, START)
            for n, number in enumerate(tenant.numbers):
                await numbers.assign(unit, Assignment(number, principal.id, int(n == 0)))
        for owner, kind, lookup, kept in (
            (user, "password", password_lookup(email), password_hash(PASSWORD)),
            (user, "kandy_public", client_lookup("kandy_public", tenant.public_client), ""),
            (
                project,
                "kandy_project",
                client_lookup("kandy_project", tenant.project_client),
                digest(tenant.secret),
            ),
        ):
            await accounts.insert_credential(unit, self._id(), owner.id, (kind, lookup, kept, "", 0), START)
        return tenant


class _Doing:
    """A write of a test's own."""

    async def run(self, unit: Unit, items: list[Callable[[Unit], Awaitable[None]]]) -> list[None]:
        return [await work(unit) for work in items]


def _filled(pattern: str) -> str:
    return re.sub(r"\{(\w+)[^}]*\}", lambda found: PLACES.get(found[1], found[1]), pattern)


def _judge(url: str) -> None:
    if url.startswith(BLOCKED) or not url.startswith("http"):
        raise Refusal("blocked_address", field="url")


@asynccontextmanager
async def opened(directory: Path, **wishes: Any) -> AsyncIterator[House]:
    """A house that runs for the length of a test; `wishes` are the core's."""
    times = Times()
    core = await Core.open(engine_for(str(directory / "kandy.db")), Clock(), times.now, seal=SEAL, **wishes)
    access = Access(core.store, times.now)
    house = House(core, access, times)
    hooks = Hooks(
        core.store, core.clock, core.real_now, core.ids, {"kandy": KandyDialect()}, house.mailbox, core.epoch,
        unseal=SEAL.open,
    )  # fmt: skip
    started = asyncio.Event()
    running = asyncio.gather(core.run(started), hooks.run(), house.mail.run())
    await started.wait()
    try:
        yield house
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
        await core.store.close()
