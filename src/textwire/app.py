"""Puts the house together: every room in one plain list, started in order, stopped in the reverse of it."""

import asyncio
import contextlib
import gc
import hmac
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import structlog

from textwire import first_start
from textwire.access import secrets
from textwire.access.access import Access
from textwire.access.seal import Seal
from textwire.clock import Clock, ClockState, real_now
from textwire.config import BadConfig, Config, address
from textwire.core import DRAIN_SECONDS, Core, Exits, just_simulated
from textwire.domain.refusal import Kind, Refusal
from textwire.facades.api import door as api
from textwire.facades.api.events import ApiDialect
from textwire.facades.api.simnet.handsets import Bells, Handsets
from textwire.facades.demo import door as demo
from textwire.facades.kandy import door as kandy
from textwire.facades.kandy.notifications import KandyDialect
from textwire.facades.sipgate import door as sipgate
from textwire.facades.sipgate.oauth import door as sipgate_login
from textwire.facades.vonage import door as vonage
from textwire.facades.vonage.webhooks import VonageDialect
from textwire.hooks import guard, sign
from textwire.hooks.client import Client
from textwire.hooks.dialect import Calling, Dialect
from textwire.hooks.hooks import Hooks
from textwire.hooks.policy import policy_of
from textwire.lag import Lag
from textwire.live.live import Live
from textwire.live.mail import Mail
from textwire.meters.meters import Meters
from textwire.store import accounts
from textwire.store.committer import Unit
from textwire.store.engines.engine import Fatal, Unavailable
from textwire.store.engines.sqlite import SWITCH_INTERVAL
from textwire.store.store import engine_for
from textwire.web import asgi, tls
from textwire.web.limits import Limits
from textwire.web.problem import Problem
from textwire.web.proxies import Proxied, networks
from textwire.web.router import Router
from textwire.web.server import Listener

READY = "ready.json"
CLOCK = "clock"
SERVER_KEY = "server.key"
# Names under which the vendors' clients may know us: in the certificate, so that a mapped name verifies.
VENDOR_NAMES = (
    "oauth-cpaas.att.com",
    "nvs-apimarket-pro.kandy.io",
    "rest.nexmo.com",
    "api.nexmo.com",
    "api.sipgate.com",
    "login.sipgate.com",
)
GC_THRESHOLD = (20_000, 20, 50)  # the default looks at young objects too often for batches of hundreds

log = structlog.get_logger("textwire")


class App:
    """The house. `serve` runs it until `stop` is called; `exits` as in `Core.open`."""

    def __init__(self, config: Config, *, exits: Exits = just_simulated) -> None:
        self.config, self._exits = config, exits
        self.urls: dict[str, str] = {}
        self.credentials: dict[str, Any] | None = None
        self._stopping = asyncio.Event()
        self._hooks: Hooks | None = None

    def stop(self) -> None:
        """Asks for an orderly stop."""
        self._stopping.set()

    async def serve(self, ready: Callable[["App"], None] = lambda app: None) -> None:
        """Starts everything, calls `ready` once all listeners are up, and returns after an orderly stop."""
        config = self.config
        _tune()
        directory = _private(config.directory)
        clock, bells, lag = Clock(), Bells(), Lag()
        core = await Core.open(
            engine_for(config.store), clock, real_now, country=config.country, node=config.node, seed=config.seed,
            window=config.window, exits=self._exits, on_message=bells.ring, trial_messages=config.trial_messages,
            loop_messages=config.loop_messages,
            seal=Seal(_derived(_server_key(directory), b"seal")),
        )  # fmt: skip
        await _restore(core, clock)
        listeners: list[Listener] = []
        running = asyncio.create_task(self._run(core, lag, directory, bells, listeners, ready))
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                bells.close()
                await self._leave(core, listeners)
        finally:
            stopping.cancel()
            running.cancel()
            try:
                with contextlib.suppress(asyncio.CancelledError):
                    await running  # raises what ended it
            finally:
                (directory / READY).unlink(missing_ok=True)
                await core.store.close()

    async def _run(
        self, core: Core, lag: Lag, directory: Path, bells: Bells, listeners: list[Listener],
        ready: Callable[["App"], None],
    ) -> None:  # fmt: skip
        started = asyncio.Event()
        live, mail = Live(core.store), Mail(core.store, core.real_now)
        core.desk.readers.subscribed.append(mail.wake)
        meters = Meters(core, lag, live)
        async with asyncio.TaskGroup() as group:
            group.create_task(core.run(started), name="core")
            group.create_task(lag.run(), name="lag")
            await started.wait()
            self.credentials = await first_start.ensure(
                core.store, core.written_ids, real_now, directory, core.seal.seal
            )
            policy = _Policy(core)
            doors = self._doors(core, lag, directory, bells, policy, live, mail, meters)
            meters.router = app = Router(doors, _problems())
            trusted = networks(self.config.proxies)
            served: asgi.App = Proxied(app, trusted) if trusted else app
            group.create_task(live.run(), name="live")
            group.create_task(mail.run(), name="mail")
            listeners += self._listeners(served, directory)
            policy.settle(listeners, self.config)
            self._hooks = meters.hooks = hooks = _hooks(core, policy)
            group.create_task(hooks.run(), name="hooks")
            for listener in listeners:
                await listener.start()
            self._announce(directory, listeners)
            gc.collect()
            gc.freeze()
            ready(self)

    def _doors(
        self, core: Core, lag: Lag, directory: Path, bells: Bells, policy: "_Policy", live: Live, mail: Mail,
        meters: Meters,
    ) -> list[Any]:  # fmt: skip
        access = Access(core.store, real_now)
        core.people.observers.append(access.forget)
        handsets = Handsets(
            core.network,
            core.clock,
            bells,
            text=core.simulated.text,
            octets=core.simulated.octets,
            stir=core.simulated.stir,
        )

        tokens = sipgate_login.tokens(core.desk)

        async def keep_clock() -> None:
            await core.store.write(_KeepClock(), core.clock.state())

        return [
            api.door(
                core.desk,
                access,
                handsets,
                keep_clock=keep_clock,
                judge_url=policy.judge,
                lag=lag.seconds,
                live=live,
                scrape=meters.scrape,
                origins=self.config.origins.replace(",", " ").split(),
            ),
            kandy.door(
                core.desk,
                access,
                _derived(_server_key(directory), b"kandy").hex(),
                policy.judge,
                live,
                mail,
                self.config.country,
                self.config.kandy_wait,
            ),
            sipgate.door(core.desk, access, tokens, policy.judge),
            sipgate_login.door(core.desk, access, tokens),
            demo.door(lambda: self.urls),
            vonage.door(core.desk, access, policy.judge),
        ]

    def _listeners(self, app: asgi.App, directory: Path) -> list[Listener]:
        config, made = self.config, []
        limits = Limits(stranger_connections=config.stranger_connections, spare=networks(config.proxies))
        if (plain := address(config.http, "http")) is not None:
            made.append(Listener(app, *plain, allow_plaintext=config.allow_plaintext, limits=limits))
        if (secure := address(config.https, "https")) is not None:
            if config.tls_cert:
                files = tls.Files(Path(config.tls_cert), Path(config.tls_key or config.tls_cert))
            else:
                files = tls.ensure(directory / "tls", VENDOR_NAMES, real_now())
            made.append(Listener(app, *secure, tls=tls.server_context(files), limits=limits))
        return made

    def _announce(self, directory: Path, listeners: list[Listener]) -> None:
        self.urls = {"https" if one.secure else "http": one.url for one in listeners}
        temporary = directory / f"{READY}.new"
        temporary.write_bytes(msgspec.json.encode({**self.urls, "pid": os.getpid()}))
        temporary.replace(directory / READY)

    async def _leave(self, core: Core, listeners: list[Listener]) -> None:
        """The polite part of a stop: no new requests, and nothing in flight is left ambiguous."""
        await asyncio.gather(*(listener.stop(DRAIN_SECONDS) for listener in listeners))
        await core.dispatcher.drain(DRAIN_SECONDS)
        if self._hooks is not None:
            await self._hooks.drain(DRAIN_SECONDS)


STATUS: dict[Kind, int] = {
    "invalid": 400, "unauthorized": 401, "payment": 402, "forbidden": 403, "missing": 404, "conflict": 409,
    "limit": 429, "unavailable": 503,
}  # fmt: skip


def _problems() -> dict[type[Exception], Callable[[Any], Problem]]:
    """What the exceptions of lower rooms mean to a door that does not say so itself."""

    def refused(refusal: Refusal) -> Problem:
        status = STATUS[refusal.kind]
        return Problem(status=status, code=refusal.code, detail=refusal.detail, field=refusal.field)

    def absent(error: Exception) -> Problem:
        return refused(Refusal("unavailable"))

    return {Refusal: refused, Unavailable: absent, Fatal: absent}


def _hooks(core: Core, policy: "_Policy") -> Hooks:
    dialects: list[Dialect | Calling] = [
        ApiDialect(sign.sign), KandyDialect(), VonageDialect(core.store.engine, core.people.settings),
    ]  # fmt: skip
    hooks = Hooks(
        store=core.store, clock=core.clock, real_now=real_now, ids=core.ids, epoch=core.epoch,
        dialects={dialect.name: dialect for dialect in dialects}, client=Client(policy.policy),
        unseal=core.seal.open,
    )  # fmt: skip
    core.wake_hooks = hooks.wake
    core.desk.readers.observers.append(hooks.end)
    core.desk.webhooks.ended.append(hooks.end)
    core.desk.webhooks.changed.append(hooks.change)
    core.desk.deliveries.observers.append(hooks.wake)
    core.desk.deliveries.call = hooks.call
    return hooks


class _Policy:
    """Which addresses webhooks may go to; settled once it is known where we listen ourselves."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self.policy = guard.Policy()

    def settle(self, listeners: list[Listener], config: Config) -> None:
        self.policy = policy_of(
            ((one.host, one.port) for one in listeners), config.store, simulated=self._core.routing.simulated,
            allow_private=config.webhooks_allow_private,
        )  # fmt: skip

    def judge(self, url: str) -> None:
        """Refuses a URL that we never call, when somebody wants to save it."""
        try:
            guard.judge_url(url, self.policy)
        except guard.Refused as refused:
            raise Refusal(
                "blocked_address", f"This URL cannot be called ({refused.reason}).", "url"
            ) from None


class _KeepClock:
    """The write that keeps the message clock's state."""

    async def run(self, unit: Unit, items: list[ClockState]) -> list[None]:
        await accounts.set_setting(unit, CLOCK, msgspec.json.encode(items[-1]).decode())
        return [None for _ in items]


async def _restore(core: Core, clock: Clock) -> None:
    kept = await accounts.setting(core.store.engine, CLOCK)
    if kept is not None:
        clock.restore(msgspec.json.decode(kept, type=ClockState))


def _tune() -> None:
    sys.setswitchinterval(SWITCH_INTERVAL)
    gc.set_threshold(*GC_THRESHOLD)


def _private(directory: Path) -> Path:
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    return directory


def _derived(key: str, use: bytes) -> bytes:
    """A key of its own for each use of the server's key."""
    return hmac.digest(key.encode(), use, "sha256")


def _server_key(directory: Path) -> str:
    """The key for what only this server verifies and opens, made once. Raises BadConfig for an empty file."""
    path = directory / SERVER_KEY
    if not path.exists():
        first_start.write_private(path, secrets.server_key().encode())
    key = path.read_text().strip()
    if not key:
        raise BadConfig(f"{path} is empty: restore it from a backup")
    return key
