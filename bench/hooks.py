"""Webhooks per second from committed events to kept deliveries: store, planner, signing and client in one process.

Baseline of the same run: the client alone, over as many connections, to the same sink.
"""

# python -m bench.hooks [events] [hooks]

import asyncio
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

import uvloop

from bench.post import measure as measure_posts
from bench.post import sink
from textwire.clock import Clock, real_now
from textwire.domain.account import Account, Principal
from textwire.domain.event import ALL, Event
from textwire.domain.ids import Ids
from textwire.domain.message import Draft
from textwire.hooks.client import Client
from textwire.hooks.dialect import Notice
from textwire.hooks.guard import Policy
from textwire.hooks.hooks import Hooks
from textwire.hooks.sign import new_secret, sign
from textwire.hooks.turns import PER_ENDPOINT
from textwire.store import accounts, messages
from textwire.store.committer import Unit
from textwire.store.engines.sqlite import SWITCH_INTERVAL
from textwire.store.messages import Birth
from textwire.store.store import Store, engine_for
from textwire.switch.webhooks import Webhooks

NUMBER, PERSON = "+16139998877", "+447700900123"
BATCH = 200
AHEAD = 4000  # events that may be under way
BASELINE_SECONDS = 2.0


class Plain:
    """A dialect about as much work as the own API's."""

    name = "api"
    waits: tuple[float, ...] = (5.0,)
    jitter = 0.1
    disables = True
    silence: tuple[float, ...] | None = None

    def body(self, notice: Notice) -> bytes | None:
        message = notice.message
        assert message is not None
        return (
            f'{{"id":"{notice.identifier}","type":"{notice.event.type}","sequence":{notice.event.sequence},'
            f'"data":{{"id":"{message.id}","to":"{message.recipient}","text":"{message.text}"}}}}'
        ).encode()

    def headers(self, notice: Notice, body: bytes) -> dict[str, str]:
        second = notice.at // 1_000_000
        return {
            "webhook-id": notice.identifier,
            "webhook-timestamp": str(second),
            "webhook-signature": sign(notice.hook.secret, notice.identifier, second, body),
        }


class Send:
    """A verb: messages with their event."""

    async def run(self, unit: Unit, items: list[Birth]) -> list[None]:
        await messages.insert_out(unit, items)
        unit.events.extend(Event(0, 1, "message.accepted", b.draft.id, 1, "queued", b.at) for b in items)
        return [None] * len(items)


class SetUp:
    async def run(self, unit: Unit, items: list[None]) -> list[None]:
        await accounts.insert_account(unit, Account(1, "bench", 0, 0, "active", 0))
        await accounts.insert_principal(unit, Principal(2, 1, "key", "bench", "", ""), 0)
        return items


def birth(ids: Ids, now: int) -> Birth:
    key = ids.take(now)
    draft = Draft(
        id=key, sender=NUMBER, recipient=PERSON, text="x" * 140, encoding="gsm7", parts=("x" * 140,),
        reference=0, price=0, birth="queued", carrier="none", send_at=0, due_at=now, valid_until=now + 10**9,
    )  # fmt: skip
    return Birth(1, 2, NUMBER, draft, now)


async def measure(port: int, count: int, endpoints: int) -> None:
    sys.setswitchinterval(SWITCH_INTERVAL)
    with tempfile.TemporaryDirectory() as folder:
        store = Store(engine_for(str(Path(folder, "bench.db"))), owner=1)
        await store.open()
        clock, ids = Clock(), Ids()
        async with Client(Policy(allow_loopback=True)) as client, asyncio.TaskGroup() as group:
            hooks = Hooks(store, clock, real_now, ids, {"api": Plain()}, client, 1, unseal=str)
            tasks = [group.create_task(store.run()), group.create_task(hooks.run())]
            await store.write(SetUp(), None)
            webhooks = Webhooks(store, ids, clock, real_now, seal=str, new_secret=new_secret)
            for n in range(endpoints):
                await webhooks.create(1, 2, url=f"http://127.0.0.1:{port}/{n}", types=ALL)
            await feed(store, ids, count, endpoints)
            await hooks.drain(1)
            for task in tasks:
                task.cancel()
        await store.close()


async def feed(store: Store, ids: Ids, count: int, endpoints: int) -> None:
    done, kept, write_all, send = asyncio.Event(), [0], store.write_all, Send()

    async def counting(verb: object, items: list[object]) -> list[object]:
        outcomes: list[object] = await write_all(verb, items)  # type: ignore[arg-type]
        if type(verb).__name__ == "Finish":
            kept[0] += len(items)
            done.set()
        return outcomes

    store.write_all = counting
    cpu, wall = time.process_time(), time.perf_counter()
    sent = 0
    while sent < count or kept[0] < count * endpoints:
        if sent < count and sent - kept[0] // endpoints < AHEAD:
            now = real_now()
            await write_all(send, [birth(ids, now) for _ in range(BATCH)])
            sent += BATCH
        else:
            done.clear()
            await done.wait()
    delivered = kept[0]
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    print(
        f"{delivered / wall:,.0f} webhooks/s planned, signed, delivered and kept ({endpoints} hooks, messages written "
        f"beside), {cpu / delivered * 1e6:.0f} µs CPU each"
    )


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    endpoints = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=sink, args=(theirs,))
    process.start()
    try:
        port = ours.recv()
        uvloop.run(measure_posts(port, BASELINE_SECONDS, PER_ENDPOINT))
        uvloop.run(measure(port, count, endpoints))
    finally:
        ours.send("stop")
        process.join()


if __name__ == "__main__":
    main()
