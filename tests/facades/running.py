"""What the houses behind vendors' doors have in common: a core that runs for a test, a clock it moves, writes of its own."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

from textwire.core import Core
from textwire.store.committer import Unit

Work = Callable[[Unit], Awaitable[None]]


class Times:
    """A real clock that only the test moves."""

    def __init__(self, start: int) -> None:
        self.real = start

    def now(self) -> int:
        return self.real


class _Doing:
    async def run(self, unit: Unit, items: list[Work]) -> list[None]:
        return [await work(unit) for work in items]


async def do(core: Core, work: Work) -> None:
    """A write of the test's own."""
    await core.store.write(_Doing(), work)


@contextlib.asynccontextmanager
async def running(core: Core, *others: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """The core, and what runs beside it, until the end of the block; they end like a process that is killed."""
    started = asyncio.Event()
    everything = asyncio.gather(core.run(started), *others)
    await started.wait()
    try:
        yield
    finally:
        everything.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await everything
