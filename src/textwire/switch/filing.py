"""filing: what is kept for reading catches up with what was written: before every read of it, and in idle moments."""

import asyncio

import structlog

from textwire.domain.refusal import Refusal
from textwire.store import filing
from textwire.store.committer import Unit
from textwire.store.engines.engine import Unavailable
from textwire.store.filing import Filed, Position
from textwire.store.store import Store

from .trial import SLICE, Trials

BEAT_SECONDS = 1.0
BUSY_EVENTS = 500  # of a second: whoever writes more is not disturbed
MOST_BACKLOG = 300_000  # events; beyond that a slice is filed on every beat, however busy the house is

log = structlog.get_logger("textwire.switch")


class File:
    """The write: one slice for whoever asks, at most once in a transaction."""

    async def run(self, unit: Unit, items: list[None]) -> list[Filed]:
        filed = await filing.file(unit)
        return [filed for _ in items]


class Filing:
    """Files messages into conversations, for `Conversations` and lists; `run` does it ahead of them."""

    def __init__(self, store: Store, trials: Trials) -> None:
        self._store, self._file, self._trials = store, File(), trials
        self._last = 0

    async def catch_up(self) -> Position:
        """Returns when everything is filed that was committed before the call."""
        wanted = (await filing.position(self._store.engine)).last
        while (position := await filing.position(self._store.engine)).filed < wanted:
            await self.slice()
        return position

    async def slice(self) -> bool:
        """Files one slice, and lets go what principals on trial have too much; whether there is more to file."""
        filed: Filed = await self._store.write(self._file, None)
        for principal in filed.principals:
            while await self._store.write(self._trials, principal) == SLICE:
                pass
        return filed.more

    async def run(self) -> None:
        """Files in idle moments until cancelled."""
        while True:
            await asyncio.sleep(BEAT_SECONDS)
            try:
                await self.beat()
            except (Unavailable, Refusal):
                continue  # there is time
            except Exception as error:  # whoever reads will be told; the house goes on
                log.error("filing.failed", error=type(error).__name__)

    async def beat(self) -> None:
        """One look: everything when little is written, one slice when too much has come together, else nothing."""
        position = await filing.position(self._store.engine)
        busy, self._last = position.last - self._last > BUSY_EVENTS, position.last
        if position.backlog and not busy:
            while await self.slice():
                pass
        elif position.backlog > MOST_BACKLOG:
            await self.slice()
