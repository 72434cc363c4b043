"""A look into a running server's database from outside, read-only: what is owed still, and how messages ended."""

import asyncio
import time
from types import TracebackType
from typing import Any, Self

import apsw
import asyncpg

from .child import Failed
from .house import FILE, House

LOOK_SECONDS = 0.02
DRAIN_SECONDS = 180.0
SOON_US = 3_600_000_000

LAST = "select coalesce(max(id), 0) from message"
# A message has a row there from its birth until it is final, and whatever a webhook is owed as well; what is for
# tomorrow does not count.
OWED = """select exists (select 1 from outbox where topic in ('flight', 'await', 'hook', 'post'))
            or exists (select 1 from outbox where topic = 'depart:simulated' and due_at < {soon})"""
STATES = "select state, count(*) from message where id > {floor} group by state order by state"


class Shelf:
    """Use it as a context; the queries are the constants of this file."""

    def __init__(self, house: House) -> None:
        self._runner = asyncio.Runner()
        self._postgres: Any = None
        if house.database:
            self._postgres = self._runner.run(asyncpg.connect(house.database))
        else:
            self._sqlite = apsw.Connection(str(house.directory / FILE), flags=apsw.SQLITE_OPEN_READONLY)
            self._sqlite.set_busy_timeout(5000)
        self._floor = 0
        self._floor = self.rows(LAST)[0][0]  # what comes later belongs to this run, and not to a history

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds."""
        query = query.format(floor=self._floor, soon=time.time_ns() // 1000 + SOON_US)
        if self._postgres is not None:
            return [tuple(row) for row in self._runner.run(self._postgres.fetch(query))]
        return self._sqlite.execute(query).fetchall()

    def drained(self) -> float:
        """Waits until nothing is owed any more: the monotonic time (s) at which that was seen."""
        deadline = time.monotonic() + DRAIN_SECONDS
        while self.rows(OWED)[0][0]:
            if time.monotonic() > deadline:
                raise Failed(
                    f"after {DRAIN_SECONDS:.0f} s there are still messages under way: {self.states()}"
                )
            time.sleep(LOOK_SECONDS)
        return time.monotonic()

    def states(self) -> dict[str, int]:
        """How many messages of this run are in each state."""
        return dict(self.rows(STATES))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._postgres is not None:
            self._runner.run(self._postgres.close())
        else:
            self._sqlite.close()
        self._runner.close()
