"""Live events a second to 100 sockets of one account, and what 10,000 idle sockets cost."""

import time
from statistics import median
from typing import Final

import msgspec

from bench.child import Child, Failed
from bench.context import Context
from bench.house import House, housing
from bench.report import Figure
from bench.runs import sending, warm_up
from bench.sockets import Count, Order

SOCKETS: Final = 100
IDLE_SOCKETS: Final = 10_000
EVENTS: Final = 3  # of a message: accepted, sent, delivered
CONNECTIONS: Final = 4  # of the load: sockets, not requests, are what is measured
SETTLE_SECONDS: Final = 2.0
KEEP_ALIVE_SECONDS: Final = 35.0  # a ping and its answer for each socket
MOST_KIB: Final = 32


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """One run: frames a second over all sockets, and what came with it."""

    rate: float
    events: float
    late: dict[str, float]
    server_us: float


def measure(context: Context) -> None:
    """Adds live and live.idle."""
    runs = [_once(context) for _ in range(context.scale.repeats)]
    rates = sorted(run.rate for run in runs)
    context.report.add(
        Figure(
            name="live", value=median(rates), unit="frames/s", least=rates[0], most=rates[-1],
            ratio=context.against_baselines(median(rates)),
            window=f"{len(runs)} x {context.scale.seconds:g} s, {SOCKETS} sockets, {CONNECTIONS} connections posting",
            method=f"every event of {EVENTS} per message as JSON to each of {SOCKETS} sockets: "
            f"{median(run.events for run in runs):.0f} events/s; each came to each socket exactly once, "
            f"{max(run.late['p50'] for run in runs):.0f} ms after it happened (p99 {max(run.late['p99'] for run in runs):.0f}); "
            f"{median(run.server_us for run in runs):.0f} µs of the server's CPU per frame, the message's part included",
            details={"runs": runs},
        )
    )  # fmt: skip
    _idle(context)


def _once(context: Context) -> Heard:
    with housing(context.place) as house:
        warm_up(house)
        with Child("bench.sockets") as readers:
            _open(readers, house, SOCKETS)
            cpu, began = house.cpu(), time.monotonic()
            run = sending(house, readers.pid, connections=CONNECTIONS, seconds=context.scale.seconds)
            wanted = run.load.created * EVENTS
            count = _count(readers)
            while count.least < wanted and time.monotonic() < began + 60 + context.scale.seconds:
                count = _count(readers)
            seconds, cpu = time.monotonic() - began, house.cpu() - cpu
            time.sleep(SETTLE_SECONDS / 10)
            count = _count(readers)
    if (count.most, count.least, count.closed) != (wanted, wanted, 0):
        raise Failed(f"{wanted} events happened, the sockets heard {count}")
    frames = wanted * SOCKETS
    return Heard(
        rate=frames / seconds, events=wanted / seconds, late=count.late, server_us=cpu / frames * 1_000_000
    )


def _idle(context: Context) -> None:
    with housing(context.place) as house:
        warm_up(house)
        time.sleep(SETTLE_SECONDS)
        before = house.memory()["rss"]
        with Child("bench.sockets") as readers:
            began = time.monotonic()
            _open(readers, house, IDLE_SOCKETS)
            opened = time.monotonic() - began
            time.sleep(SETTLE_SECONDS)
            cpu, began = house.cpu(), time.monotonic()
            time.sleep(KEEP_ALIVE_SECONDS)
            share = (house.cpu() - cpu) / (time.monotonic() - began)
            after = house.memory()["rss"]
            if (count := _count(readers)).closed:
                raise Failed(f"idle sockets were closed: {count}")
    each = (after - before) * 1024 / IDLE_SOCKETS
    context.report.add(
        Figure(
            name="live.idle", value=each, unit="KiB each", least=each, most=each, target=f"target: ≤ {MOST_KIB}",
            ratio=f"idle server: {before:.0f} MB, with them {after:.0f}",
            window=f"{IDLE_SOCKETS} sockets for {KEEP_ALIVE_SECONDS:g} s",
            method=f"resident memory of the server; opened and greeted in {opened:.1f} s; with pings every 30 s they take "
            f"{share:.1%} of a core",
            details={"before": before, "after": after, "opened": opened, "cpu": share},
        )
    )  # fmt: skip


def _open(readers: Child, house: House, count: int) -> None:
    order = Order(url=house.url, key=house.key, sockets=count)
    readers.say(msgspec.json.encode(order).decode())
    if (said := readers.hear()) != "opened":
        raise Failed(said)


def _count(readers: Child) -> Count:
    readers.say("count")
    return msgspec.json.decode(readers.hear(), type=Count)
