"""Kills PostgreSQL's server under a house that lives on (reliability F15)."""

import asyncio
import random
import time

from tests.faults.driver import REST_SECONDS, Plan, Victim, found, intents, listen, rest, weather
from tests.faults.journal import Book, Intent, Kill, SyncedBook
from tests.faults.load import Load
from tests.faults.look import until_gone
from tests.faults.sink import Sink
from tests.postgres import Cluster

STILL_SECONDS = 1.0  # longer than any answer of the network takes


class Outages:
    """One life under load, while the database server is killed and started again; measures as a Campaign does."""

    def __init__(self, plan: Plan, server: Cluster) -> None:
        self.plan, self._server = plan, server
        self.starts: list[float] = []
        self.seconds = 0.0
        self._chance = random.Random(f"outages {plan.seed}")

    async def run(self) -> None:
        """All of it; `kills` are the server's."""
        plan = self.plan
        (plan.folder / "data").mkdir(parents=True)
        key = await found(plan.database, plan.folder / "data")
        book, heard = SyncedBook(plan.book("driver")), Book(plan.book("sink"))
        victim = await Victim.spawn(plan, "")
        sink = Sink(heard, plan.seed)
        try:
            await sink.__aenter__()
            url = await self._begin(victim)
            await weather(url, key)
            await listen(url, key, sink)
            began = time.monotonic()
            await self._under_load(url, Load(plan.seed, key, book), book)
            self.seconds = time.monotonic() - began
            # What a commit of unknown outcome has left behind; a Kill of the server has no better place for it.
            await book.keep(Kill(life=plan.kills, ready=True, intents=await _still(plan.database)))
            await rest(url, key, plan.database)
            await victim.kill()
            await until_gone(plan.database)
        finally:
            await victim.end()
            await sink.__aexit__()
            book.close()
            heard.close()

    async def _begin(self, victim: Victim) -> str:
        began = time.monotonic()
        victim.begin(1)
        url = await victim.ready()
        self.starts.append(time.monotonic() - began)
        return url

    async def _under_load(self, url: str, load: Load, book: SyncedBook) -> None:
        on = True
        asking = asyncio.create_task(load.run(url, 1, lambda: on))
        try:
            for n in range(1, self.plan.kills + 1):
                await asyncio.sleep(self._chance.uniform(self.plan.least, self.plan.most))
                await asyncio.to_thread(self._server.kill)
                if n < self.plan.kills:
                    await book.keep(Kill(life=n, ready=True, intents=()))
                await asyncio.sleep(self._chance.uniform(0, self.plan.most))
                await asyncio.to_thread(self._server.start)
            await asyncio.sleep(self.plan.most)
            on = False
            await asking
        finally:
            asking.cancel()


async def _still(database: str) -> tuple[Intent, ...]:
    """What is under way once nothing moves any more: nobody knows of it but the database."""
    async with asyncio.timeout(REST_SECONDS):
        before, now = None, await intents(database)
        while before != now:
            await asyncio.sleep(STILL_SECONDS)
            before, now = now, await intents(database)
    return now
