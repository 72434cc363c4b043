"""Kandy's sockets: what 2,000 of them cost, how late one event a second comes to each, and how many come to one."""

import asyncio
import http.client
import json
import threading
import time
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from bench.child import Child, Failed
from bench.context import Context
from bench.house import FILE, House, remove
from bench.pages import Order
from bench.report import Figure
from bench.sockets import Count
from textwire.access.access import client_lookup
from textwire.access.secrets import password_hash
from textwire.domain.account import Account, Principal, password_lookup
from textwire.domain.number import Assignment, Number
from textwire.store import accounts, numbers
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.store import Store, engine_for

CHANNELS: Final = 1_000  # of each of two accounts: as many as one may have
PASSWORD: Final = "correct horse battery"
RICH: Final = 10**15
TEXTS: Final = 20  # seconds of one event each
LIST: Final = 500
FLOOD_SECONDS: Final = 5.0
SETTLE_SECONDS: Final = 3.0
PATIENCE: Final = 120.0


class _User(msgspec.Struct, frozen=True):
    name: str
    number: str


USERS: Final = (_User("bench-a", "+16135550001"), _User("bench-b", "+16135550002"))
ALONE: Final = _User("bench-c", "+16135550003")


class _Found:
    """The write that makes accounts, each with a user and a number."""

    async def run(self, unit: Unit, items: list[tuple[int, _User]]) -> list[None]:
        for base, user in items:
            await self._found(unit, base, user)
        return [None for _ in items]

    async def _found(self, unit: Unit, key: int, user: _User) -> None:
        at = int(time.time() * 1_000_000)
        await accounts.insert_account(unit, Account(key, user.name, 0, 0, "active", at))
        await accounts.book(unit, [Entry(key + 1, key, 0, "topup", RICH, at)])
        owner = Principal(key + 2, key, "user", user.name, f"{user.name}@example.test", user.name)
        await accounts.insert_principal(unit, owner, at)
        kept = password_hash(PASSWORD)
        proof = ("password", password_lookup(owner.email), kept, "", 0)
        await accounts.insert_credential(unit, key + 3, owner.id, proof, at)
        client = ("kandy_public", client_lookup("kandy_public", f"PUB-{user.name}"), "", "", 0)
        await accounts.insert_credential(unit, key + 4, owner.id, client, at)
        await numbers.insert(unit, [Number(user.number, key, "CA", at)])
        await numbers.assign(unit, Assignment(user.number, owner.id, 1))


async def _found(house: House) -> None:
    store = Store(engine_for(str(house.directory / FILE)), owner=1)
    await store.open()
    running = asyncio.create_task(store.run())
    await store.write_all(_Found(), [(1_000 * n, user) for n, user in enumerate((*USERS, ALONE), 1)])
    running.cancel()
    await store.close()


class _Client:
    """A user over one connection."""

    def __init__(self, house: House, user: _User) -> None:
        self.user = user
        self._http = http.client.HTTPConnection(urlsplit(house.url).netloc, timeout=30)
        form = {
            "grant_type": "password", "client_id": f"PUB-{user.name}", "username": f"{user.name}@example.test",
            "password": PASSWORD, "scope": "openid",
        }  # fmt: skip
        self._headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.token = str(self._post("/cpaas/auth/v1/token", urlencode(form))["access_token"])
        self._headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}

    def _post(self, path: str, body: str) -> Any:
        self._http.request("POST", path, body, self._headers)
        answer = self._http.getresponse()
        said = json.loads(answer.read())
        if answer.status >= 300:
            raise Failed(f"{path}: {answer.status} {said}")
        return said

    def channel(self) -> str:
        """A channel that hears of the number: where its socket opens, token and all."""
        wanted = {"channelType": "Websockets", "channelLifetime": 3600, "clientCorrelator": "bench"}
        made = self._post(
            f"/cpaas/notificationchannel/v1/{self.user.name}/channels",
            json.dumps({"notificationChannel": wanted}),
        )["notificationChannel"]
        asked = {
            "callbackReference": {"notifyURL": made["callbackURL"]},
            "destinationAddress": self.user.number,
        }
        path = f"/cpaas/smsmessaging/v1/{self.user.name}/inbound/subscriptions"
        self._post(path, json.dumps({"subscription": asked}))
        return f"{made['channelData']['channelURL']}?access_token={quote(self.token)}"

    def send(self, recipients: list[str]) -> None:
        """A text to each: one notification for each, and another of what became of it."""
        wanted = {"address": recipients, "outboundSMSTextMessage": {"message": "hello"}}
        path = f"/cpaas/smsmessaging/v1/{self.user.name}/outbound/default/requests"
        self._post(path, json.dumps({"outboundSMSMessageRequest": wanted}))


def measure(context: Context) -> None:
    """Adds kandy.idle, kandy.late and kandy.one."""
    house = House(context.place / "kandy-channels")
    house.prepare()
    asyncio.run(_found(house))
    try:
        house.start()
        clients = [_Client(house, user) for user in USERS]
        paths = [client.channel() for _ in range(CHANNELS) for client in clients]
        time.sleep(SETTLE_SECONDS)
        before = house.memory()["rss"]
        with Child("bench.pages") as pages:
            _open(pages, house, paths)
            time.sleep(SETTLE_SECONDS)
            _idle(context, before, house.memory()["rss"], len(paths))
            _late(context, house, pages)
        with Child("bench.pages") as pages:
            alone = _Client(house, ALONE)
            _open(pages, house, [alone.channel()])
            _one(context, house, alone, pages)
    finally:
        house.stop()
        remove(house.directory)


def _idle(context: Context, before: float, after: float, count: int) -> None:
    each = (after - before) * 1024 / count
    context.report.add(
        Figure(
            name="kandy.idle", value=each, unit="KiB each", least=each, most=each,
            ratio=f"with the channels alone {before:.0f} MB, with their sockets {after:.0f}",
            window=f"{count} channels, each with its socket", method="resident memory of the server, without TLS",
        )
    )  # fmt: skip


def _late(context: Context, house: House, pages: Child) -> None:
    """A person texts each number once a second; every page of the number hears of it."""
    cpu, began, had = house.cpu(), time.monotonic(), _count(pages).least
    for n in range(TEXTS):
        for user in USERS:
            house.api(
                "POST", "/api/simnet/phones/%2B447700912345/messages", {"to": user.number, "text": f"{n}"}
            )
        time.sleep(max(0.0, began + n + 1 - time.monotonic()))
    count = _until(pages, had + TEXTS)
    seconds, cpu = time.monotonic() - began, house.cpu() - cpu
    if (count.least, count.most, count.closed) != (TEXTS, TEXTS, 0):
        raise Failed(f"{TEXTS} texts came, the pages heard {count}")
    frames = TEXTS * CHANNELS * len(USERS)
    context.report.add(
        Figure(
            name="kandy.late", value=count.late["p99"], unit="ms p99", least=count.late["p50"], most=count.late["p99"],
            ratio=f"{frames / seconds:.0f} notifications/s, {cpu / seconds:.0%} of a core",
            window=f"{TEXTS} texts to each of two numbers, one a second; 1,000 pages hear of each",
            method="from the event to the page that reads it, its letter filed durably on the way; each came once to each page",
            details={"late": count.late, "cpu": cpu},
        )
    )  # fmt: skip


def _one(context: Context, house: House, client: _Client, pages: Child) -> None:
    """A user sends as fast as he is answered, and one page of his hears of it."""
    sent, ends = 0, time.monotonic() + FLOOD_SECONDS
    cpu, began = house.cpu(), time.monotonic()

    def flood() -> None:
        nonlocal sent
        while time.monotonic() < ends:
            client.send([f"+44770092{n:04d}" for n in range(1_000 + sent % 5_000, 1_100 + sent % 5_000)])
            sent += 100

    sender = threading.Thread(target=flood)
    sender.start()
    sender.join()
    had = _until(pages, 2 * sent)
    seconds, cpu = time.monotonic() - began, house.cpu() - cpu
    context.report.add(
        Figure(
            name="kandy.one", value=had.least / seconds, unit="notifications/s", least=had.least / seconds,
            most=had.least / seconds, ratio=f"{cpu / had.least * 1_000_000:.0f} µs of CPU each, their messages included",
            window=f"{sent} texts of one user in {FLOOD_SECONDS:g} s",
            method=f"two notifications of each text to one page, {had.late.get('p50', 0):.0f} ms after it happened "
            f"(p99 {had.late.get('p99', 0):.0f})",
        )
    )  # fmt: skip


def _open(pages: Child, house: House, paths: list[str]) -> None:
    pages.say(msgspec.json.encode(Order(url=house.url, paths=paths)).decode())
    if (said := pages.hear()) != "opened":
        raise Failed(said)


def _count(pages: Child) -> Count:
    pages.say("count")
    return msgspec.json.decode(pages.hear(), type=Count)


def _until(pages: Child, wanted: int) -> Count:
    deadline = time.monotonic() + PATIENCE
    while (count := _count(pages)).least < wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    if count.least < wanted:
        raise Failed(f"{wanted} notifications were due, one page heard {count.least}")
    return count
