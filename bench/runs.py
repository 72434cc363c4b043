"""One run of each kind against a server: what was posted, what became of it, and what it cost."""

import itertools
import time
from typing import Any

import msgspec

from .child import Child, Failed
from .house import House
from .load import Order, Result
from .machine import Watch
from .shelf import Shelf
from .sink import Report

DAY_SECONDS = 86_400
WARM_REQUESTS_PER_SECOND = 500.0
BLOCK = 2_000_000  # recipients that are one run's alone

_runs = itertools.count()


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What a run says; `rate` per second is its figure.

    `load` is the generator's own account, `server_us` the server's CPU per message, `others` the cores that
    processes used which are none of ours, `lag` how long (s) the last message needed after the last answer, `rss` the server's memory
    in MB after it.
    """

    rate: float
    load: Result
    server_us: float
    others: float
    lag: float = 0.0
    rss: float = 0.0
    states: dict[str, int] = {}
    sink: Report | None = None


def generate(**order: Any) -> Result:
    """One order carried out by a generator of its own, with recipients that no other has had."""
    with Child("bench.load") as load:
        load.say(msgspec.json.encode(Order(first=next(_runs) * BLOCK, **order)).decode())
        result = msgspec.json.decode(load.hear(), type=Result)
    if result.refused:
        raise Failed(f"the server refused: {result.statuses}")
    return result


def tomorrow() -> str:
    """Members of a request whose message does not leave during the run."""
    return f', "send_at": {int(time.time()) + DAY_SECONDS}'


def warm_up(house: House) -> None:
    """A second of traffic, so that no figure is about first times."""
    generate(url=house.url, key=house.key, rate=WARM_REQUESTS_PER_SECOND, warm=0.0, seconds=1.0)
    with Shelf(house) as shelf:
        shelf.drained()


def accepting(house: House, **order: Any) -> Run:
    """Durable acceptance and nothing else: every message is for tomorrow."""
    with Shelf(house) as shelf:
        watch, cpu = Watch([house.pid]), house.cpu()
        result = generate(url=house.url, key=house.key, extra=tomorrow(), **order)
        others, cpu = watch.others(), house.cpu() - cpu
        states = shelf.states()
    if states != {"scheduled": result.created}:
        raise Failed(f"{result.created} messages were answered with 201, stored are {states}")
    return Run(
        rate=result.rate, load=result, server_us=_each(cpu, result.created), others=others, states=states
    )


def sending(house: House, *pids: int, **order: Any) -> Run:
    """From the first request until every message is final and all that is owed for it done; `pids` are ours too."""
    with Shelf(house) as shelf:
        watch, cpu = Watch([house.pid, *pids]), house.cpu()
        result = generate(**{"url": house.url, "key": house.key, "warm": 0.0, **order})
        drained = shelf.drained()
        others, cpu = watch.others(), house.cpu() - cpu
        states = shelf.states()
    if states != {"delivered": result.created}:
        raise Failed(f"{result.created} messages were answered with 201, they ended as {states}")
    return Run(
        rate=result.created / (drained - result.began), load=result, server_us=_each(cpu, result.created),
        others=others, lag=drained - result.ended, rss=house.memory()["rss"], states=states,
    )  # fmt: skip


def telling(house: House, **order: Any) -> Run:
    """As `sending`, with one signed webhook per message to a sink that counts."""
    with Child("bench.sink") as sink:
        url = f"http://127.0.0.1:{sink.hear()}/hook"
        hook = house.api("POST", "/api/hooks", {"url": url, "events": ["message.delivered"]})
        sink.say(hook["secret"])
        run = sending(house, sink.pid, **order)
        sink.say("report")
        report = msgspec.json.decode(sink.hear(), type=Report)
    if report.messages != run.load.created or report.repeated or report.forged or not report.verified:
        raise Failed(f"{run.load.created} messages were delivered, of webhooks came {report}")
    return msgspec.structs.replace(run, sink=report)


def _each(cpu: float, count: int) -> float:
    return cpu / max(count, 1) * 1_000_000
