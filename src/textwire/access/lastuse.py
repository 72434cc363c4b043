"""When credentials were last used: noted in memory, written down once a minute."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from textwire.domain.refusal import Refusal
from textwire.store import people
from textwire.store.committer import Unit
from textwire.store.engines.engine import Fatal, Unavailable
from textwire.store.store import Store

PERIOD: Final = 60.0  # seconds


class LastUse:
    """Whoever uses a credential never waits for this; what is not written when the process ends is forgotten."""

    def __init__(self, store: Store, now: Callable[[], int]) -> None:
        self._store, self._now = store, now
        self._seen: dict[int, int] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, credential: int) -> None:
        """It is used now."""
        self._seen[credential] = self._now()
        if self._writing is None or self._writing.done():
            self._writing = asyncio.get_running_loop().create_task(self._write(), name="last use")

    async def _write(self) -> None:
        """Writes at once, and again a while later if there was more; ends when nobody comes."""
        while self._seen:
            seen, self._seen = self._seen, {}
            with suppress(Refusal, Unavailable, Fatal):
                await self._store.write_all(_USED, list(seen.items()))
            await asyncio.sleep(PERIOD)


class _Used:
    """The write."""

    async def run(self, unit: Unit, items: list[tuple[int, int]]) -> list[None]:
        await people.used(unit, items)
        return [None for _ in items]


_USED = _Used()
