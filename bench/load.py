"""The load generator: a process of its own that posts messages and takes the time of every answer."""

# It is told what to do by one line of JSON on its input (an Order) and answers with one (a Result).

import asyncio
import gc
import random
import sys
import time
from array import array
from collections import Counter, deque
from collections.abc import Callable
from typing import cast
from urllib.parse import urlsplit

import msgspec
import uvloop

from .doors import DOORS

PATIENCE_SECONDS = 30.0  # for what is still to be answered when the window is over
TICK_SECONDS = 0.001  # of an open loop: libuv's timers know no less
FIRST_ENDING, ENDINGS = 1000, 9000  # no recipient ends in 0001 to 0009, which have manners
TAKEN = ("201", "200", "204")  # Vonage says 200 to everything: what it has taken the store tells
ONE_MILLION = 1_000_000

clock = time.monotonic


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What to post where, and how.

    `key` is what proves the caller at `door` (see bench/doors.py); `extra` are JSON members beside recipient and text,
    of the own API's alone; `first` numbers the first recipient, so that none comes
    twice; `rate` 0 is a closed loop (each connection asks again when it has its answer), otherwise requests
    per second of an open loop. `warm` seconds go before the window and are not counted.
    """

    url: str
    key: str
    door: str = "api"
    extra: str = ""
    first: int = 0
    connections: int = 64
    rate: float = 0.0
    warm: float = 1.0
    seconds: float = 5.0


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. `statuses` are of the whole run, everything else of the window; latencies in ms.

    `began` and `ended` are the monotonic times (s) of the first request and of the last answer.
    """

    statuses: dict[str, int]
    counted: int
    seconds: float
    latency: dict[str, float]
    cpu_us: float
    began: float
    ended: float

    @property
    def rate(self) -> float:
        """Answers per second in the window."""
        return self.counted / self.seconds

    @property
    def created(self) -> int:
        """How many messages the server has taken in the whole run."""
        return sum(self.statuses.get(status, 0) for status in TAKEN)

    @property
    def refused(self) -> int:
        """How many answers of the whole run were none of those."""
        return sum(self.statuses.values()) - self.created


def requests(order: Order) -> Callable[[], bytes]:
    """Makes the requests one by one: all bytes are there already but the digits of recipient and text."""
    path, headers, body = DOORS[order.door](order.key, order.extra)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {urlsplit(order.url).netloc}\r\n{headers}"
        f"Content-Length: {len(body % (0, 0))}\r\n\r\n"
    )
    whole = head.encode().replace(b"%", b"%%") + body
    n = order.first

    def make() -> bytes:
        nonlocal n
        number = n // ENDINGS * 10_000 + FIRST_ENDING + n % ENDINGS
        n += 1
        return whole % (number, number)

    return make


def is_whole(data: bytes) -> bool:
    """Whether an answer has come to its end; one without a length has no body."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return False
    at = data.find(b"content-length:", 0, end)
    return at < 0 or len(data) >= end + 4 + int(data[at + 15 : data.find(b"\r\n", at)])


class Customer(asyncio.Protocol):
    """A connection with at most one request under way."""

    __slots__ = ("_rest", "_run", "began", "write")

    def __init__(self, run: "Run") -> None:
        self._run, self._rest, self.began = run, b"", 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.write = cast(asyncio.WriteTransport, transport).write

    def data_received(self, data: bytes) -> None:
        if self._rest:
            data = self._rest + data
        if is_whole(data):
            self._rest = b""
            self._run.answered(self, data[9:12])
        else:
            self._rest = data

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.lost()


class Run:
    """One order being carried out."""

    def __init__(self, order: Order) -> None:
        self._order, self._make = order, requests(order)
        self._random = random.Random(order.first)
        self._customers: list[Customer] = []
        self._idle: list[Customer] = []
        self._waiting: deque[float] = deque()  # when requests of an open loop were due
        self._statuses: Counter[bytes] = Counter()
        self._took = array("d")
        self._open, self._counting, self._under_way = True, False, 0
        self._over = asyncio.Event()

    async def carry_out(self) -> Result:
        """The whole run; raises ConnectionError if the server closes a connection."""
        loop, order = asyncio.get_running_loop(), self._order
        host, _, port = urlsplit(order.url).netloc.rpartition(":")
        for _ in range(order.connections):
            _, customer = await loop.create_connection(lambda: Customer(self), host, int(port))
            self._customers.append(customer)
        gc.disable()
        began = clock()
        if order.rate:
            self._idle += self._customers
            feeding = asyncio.create_task(self._feed(began))
        else:
            for customer in self._customers:
                self._post(customer, clock())
        window, cpu = await self._window()
        self._open = False
        if order.rate:
            feeding.cancel()
        await self._rest()
        return self._result(began, window, cpu)

    async def _window(self) -> tuple[float, float]:
        """(seconds, seconds of CPU) that the window really had."""
        await self._lapse(self._order.warm)
        start, cpu, self._counting = clock(), time.process_time(), True
        await self._lapse(self._order.seconds)
        self._counting = False
        return clock() - start, time.process_time() - cpu

    async def _lapse(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            return
        raise ConnectionError("the server closed a connection")

    async def _rest(self) -> None:
        deadline = clock() + PATIENCE_SECONDS
        while self._under_way or self._waiting:
            if clock() > deadline:
                raise TimeoutError(f"{self._under_way} requests were never answered")
            self._fill()
            await asyncio.sleep(TICK_SECONDS)

    async def _feed(self, due: float) -> None:
        """An open loop: arrivals by chance (Poisson), whether or not the server keeps up with them."""
        while True:
            now = clock()
            while due <= now:
                self._waiting.append(due)
                due += self._random.expovariate(self._order.rate)
            self._fill()
            await asyncio.sleep(TICK_SECONDS)

    def _fill(self) -> None:
        while self._idle and self._waiting:
            self._post(self._idle.pop(), self._waiting.popleft())

    def _post(self, customer: Customer, began: float) -> None:
        customer.began = began
        self._under_way += 1
        customer.write(self._make())

    def answered(self, customer: Customer, status: bytes) -> None:
        """An answer has come."""
        now = clock()
        self._under_way -= 1
        self._statuses[status] += 1
        if self._counting:
            self._took.append(now - customer.began)
        if self._waiting:
            self._post(customer, self._waiting.popleft())
        elif self._order.rate or not self._open:
            self._idle.append(customer)
        else:
            self._post(customer, now)

    def lost(self) -> None:
        """A connection is gone."""
        self._over.set()

    def _result(self, began: float, window: float, cpu: float) -> Result:
        return Result(
            statuses={status.decode(): count for status, count in self._statuses.items()},
            counted=len(self._took), seconds=window, latency=percentiles(self._took),
            cpu_us=cpu / max(len(self._took), 1) * ONE_MILLION, began=began, ended=clock(),
        )  # fmt: skip


PERCENTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999, "max": 1.0}


def percentiles(took: "array[float]") -> dict[str, float]:
    """Milliseconds below which so many of the durations (s) lie; empty for none."""
    ordered = sorted(took)
    last = len(ordered) - 1
    return {name: round(ordered[int(last * part)] * 1000, 3) for name, part in PERCENTILES.items() if ordered}


def main() -> None:
    order = msgspec.json.decode(sys.stdin.readline(), type=Order)
    result = uvloop.run(Run(order).carry_out())
    print(msgspec.json.encode(result).decode(), flush=True)


if __name__ == "__main__":
    main()
