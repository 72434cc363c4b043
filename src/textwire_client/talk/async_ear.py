"""The ear of `AsyncClient`: a task that listens to what the channel asks for and calls the callbacks."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import logging

from textwire_client.async_live import AsyncLive
from textwire_client.errors import ConnectionFailed, EventsMissed, TextwireError
from textwire_client.following import Following
from textwire_client.place import Place

from .channel import EVENTS, Channel, Wish
from .listeners import Told

LOG = logging.getLogger("textwire_client")


class AsyncEar:
    """Its task is there as long as there is something to listen to."""

    def __init__(self, place: Place, channel: Channel) -> None:
        self._place, self._channel = place, channel
        self._task: asyncio.Task[None] | None = None
        self._live: AsyncLive | None = None
        self._closed = False

    async def position(self, numbers: tuple[str, ...]) -> str:
        """Where the order of events is now, said by the server for just these numbers."""
        async with AsyncLive(self._place, Following(None, EVENTS, numbers, self._place.timeout)) as live:
            return live.after or "0"

    async def attend(self) -> None:
        """Listen to what the channel asks for now; what it owes is told."""
        if self._closed:
            raise ConnectionFailed("the client is closed", sent=False)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="textwire-events")
        elif self._live is not None:
            await self._live.close()  # the task opens another one

    async def close(self) -> None:
        """Call nobody any more; a callback that is running is cancelled, unless it is the one that closes."""
        self._closed = True
        if self._live is not None:
            await self._live.close()
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
            await asyncio.wait({self._task})

    async def _run(self) -> None:
        while True:
            await self._tell(self._channel.owed())
            wish, following = self._channel.begin()
            if self._closed or not (wish.numbers or self._channel.owes):
                self._task = self._live = None
                return
            if wish.numbers:
                self._live = AsyncLive(self._place, following)
                await self._follow(self._live, wish)

    async def _follow(self, live: AsyncLive, wish: Wish) -> None:
        """Until something else is wanted."""
        async with contextlib.aclosing(live):
            try:
                while self._channel.wish is wish and not live.closed:
                    await self._hear(live)
            except TextwireError as error:
                self._channel.lost(error)
            except Exception as error:
                LOG.exception("live events have ended")
                self._channel.lost(TextwireError(f"{type(error).__name__}: {error}"))
        self._channel.leave(live.after)

    async def _hear(self, live: AsyncLive) -> None:
        try:
            event = await live.next()
        except EventsMissed as missed:
            self._channel.missed(missed)
        else:
            if event is not None:
                await self._tell(self._channel.take(event))
                self._channel.after = event.id
        await self._tell(self._channel.owed())

    async def _tell(self, told: list[Told]) -> None:
        for one in told:
            for callback in self._channel.listeners.of(one.name):
                if self._closed:
                    return
                try:
                    result = callback(one.what)
                    if inspect.isawaitable(result):
                        await result
                except Exception:
                    LOG.exception("a callback of %s has failed", one.name)
