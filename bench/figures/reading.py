"""What reading costs among a million stored messages: pages of lists, filters, threads and searches, one at a time."""

import http.client
import json
import threading
import time
from collections.abc import Callable
from statistics import median
from typing import Any
from urllib.parse import quote, urlsplit

from bench.context import Context
from bench.fill import BUSY_PHONE, SENDER
from bench.house import House, housing
from bench.report import Figure

TIMES = 100
SEARCHES = 20
TARGET = "target: ≤ 20"
PING_SECONDS = 0.002
THREAD = f"/api/conversations/{quote(SENDER)}/{quote(BUSY_PHONE)}/messages"
DEEP = 2_000  # pages are turned to get into the depth of a list

# What is measured → the path of its page. All but the searches are to stay below the target.
PAGES = {
    "list": "/api/messages?limit=100",
    "state": "/api/messages?limit=100&state=undelivered",
    "states": "/api/messages?limit=100&state=undelivered,delivered&direction=out",
    "phone": f"/api/messages?limit=100&to={quote(BUSY_PHONE)}",
    "sender": f"/api/messages?limit=100&from={quote(SENDER)}",
    "nothing": "/api/messages?limit=100&direction=in",
    "conversations": "/api/conversations?limit=100",
    "thread": f"{THREAD}?limit=100",
}
SEARCHING = {
    "search": "/api/messages?limit=100&q=PARCEL",
    "search.rare": "/api/messages?limit=100&q=nowhere%20to%20be%20found",
}


def measure(context: Context) -> None:
    """Adds reading.NAME for each page, its depth for lists and threads, and what searches do to others."""
    count = context.scale.history
    with housing(context.place, messages=count) as house:
        reader = Reader(house)
        words = {"window": f"{TIMES} pages of 100, one after the other", "target": TARGET}
        for name, path in PAGES.items():
            _add(context, name, reader.times(path, TIMES), f"GET {path}, {count:,} messages", **words)
        for name in ("list", "thread", "conversations"):
            path = reader.deep(PAGES[name], min(DEEP, count // 4000))
            _add(context, f"{name}.deep", reader.times(path, TIMES), "the same far down the list", **words)
        for name, path in SEARCHING.items():
            found = reader.times(path, SEARCHES)
            _add(context, name, found, f"GET {path}: looks at 4,000 rows at most", window=f"{SEARCHES} pages")
        stalls = _while_pinging(house, lambda: reader.times(SEARCHING["search.rare"], SEARCHES))
        _add(
            context, "search.others", stalls, "GET /healthz every 2 ms from another thread, while that search runs",
            window=f"{len(stalls)} calls", target="target: longest ≤ 20",
        )  # fmt: skip


def _add(context: Context, name: str, times: list[float], method: str, **words: Any) -> None:
    ordered = sorted(times)
    p99 = ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)]
    context.report.add(
        Figure(
            name=f"reading.{name}", value=median(times) * 1000, unit="ms", least=ordered[0] * 1000,
            most=ordered[-1] * 1000, ratio=f"p99 {p99 * 1000:.1f} ms", method=method, **words,
        )
    )  # fmt: skip


class Reader:
    """A client that keeps its connection."""

    def __init__(self, house: House) -> None:
        self._connection = connect(house)
        self._headers = {"Authorization": f"Bearer {house.key}"}

    def get(self, path: str) -> bytes:
        """The body of a page; anything but 200 is an error."""
        self._connection.request("GET", path, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            raise OSError(f"{path}: {answer.status} {body[:200]!r}")
        return body

    def times(self, path: str, count: int) -> list[float]:
        """How long the page takes (s), each time."""
        return [self._time(path) for _ in range(count)]

    def _time(self, path: str) -> float:
        began = time.perf_counter()
        self.get(path)
        return time.perf_counter() - began

    def deep(self, path: str, pages: int) -> str:
        """The path of the page so many pages behind this one, or of the last that has another behind it."""
        found, joint = path, "&" if "?" in path else "?"
        for _ in range(pages):
            cursor = json.loads(self.get(found))["next"]
            if cursor is None:
                break
            found = f"{path}{joint}cursor={cursor}"
        return found


def connect(house: House) -> http.client.HTTPConnection:
    """A connection to the server."""
    where = urlsplit(house.url)
    assert where.hostname
    return http.client.HTTPConnection(where.hostname, where.port, timeout=30)


def _while_pinging(house: House, work: Callable[[], object]) -> list[float]:
    """How long calls of others took meanwhile (s)."""
    over, found = threading.Event(), list[float]()

    def ping() -> None:
        connection = connect(house)
        while not over.is_set():
            began = time.perf_counter()
            connection.request("GET", "/healthz")
            connection.getresponse().read()
            found.append(time.perf_counter() - began)
            time.sleep(PING_SECONDS)

    pinging = threading.Thread(target=ping)
    pinging.start()
    work()
    over.set()
    pinging.join()
    return found
