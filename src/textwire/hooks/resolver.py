"""Looks names up without holding the loop or each other, and remembers the answers for a few seconds."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, Sequence

from textwire.hooks.answer import Failed
from textwire.hooks.limits import Limits

Lookup = Callable[[str], Awaitable[Sequence[str]]]  # a name → its addresses; OSError if there are none


async def system(name: str) -> list[str]:
    """Ask the operating system.

    In a thread of its own: a tenant whose name server never answers must not fill a pool that others need, and a
    daemon thread that is still waiting does not hold up the end of the program.
    """
    loop = asyncio.get_running_loop()
    found: asyncio.Future[list[str]] = loop.create_future()

    def tell(result: list[str] | Exception) -> None:
        if not found.done():
            found.set_exception(result) if isinstance(result, Exception) else found.set_result(result)

    def ask() -> None:
        result: list[str] | Exception
        try:
            rows = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
            result = [str(address[0]) for *_, address in rows]
        except (OSError, ValueError) as error:  # ValueError: a label that the codec refuses
            result = OSError(str(error))
        with contextlib.suppress(RuntimeError):  # the loop ended meanwhile
            loop.call_soon_threadsafe(tell, result)

    threading.Thread(target=ask, name="textwire-dns", daemon=True).start()
    return await found


class Resolver:
    """A bounded memory in front of a look-up. Failures are remembered too, and equal questions are asked once."""

    def __init__(self, limits: Limits, lookup: Lookup = system) -> None:
        self._limits = limits
        self._lookup = lookup
        self._known: dict[str, tuple[float, tuple[str, ...]]] = {}
        self._asking: dict[str, asyncio.Task[tuple[float, tuple[str, ...]]]] = {}

    async def addresses(self, name: str) -> tuple[float, tuple[str, ...]]:
        """Until when (by the loop's clock) which addresses hold; none if the name has none.

        Raises Failed(`busy`) when too many other look-ups are under way.
        """
        known = self._known.get(name)
        if known is not None and known[0] > asyncio.get_running_loop().time():
            return known
        asking = self._ask(name)
        try:
            return await asyncio.shield(asking)  # others may be waiting for the same answer
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if asking.cancelled() and (task is None or not task.cancelling()):
                raise Failed("closed") from None  # it is the look-up that was given up, not the caller
            raise

    def close(self) -> None:
        """Give up what is still being asked."""
        for task in list(self._asking.values()):
            task.cancel()

    def _ask(self, name: str) -> asyncio.Task[tuple[float, tuple[str, ...]]]:
        task = self._asking.get(name)
        if task is None:
            if len(self._asking) >= self._limits.dns_lookups:
                raise Failed("busy")
            task = self._asking[name] = asyncio.create_task(self._find(name))
            task.add_done_callback(lambda _: self._asking.pop(name, None))
        return task

    async def _find(self, name: str) -> tuple[float, tuple[str, ...]]:
        try:
            found = tuple(dict.fromkeys(await self._lookup(name)))
        except (OSError, ValueError):
            found = ()
        self._known.pop(name, None)
        if len(self._known) >= self._limits.dns_names:
            del self._known[next(iter(self._known))]
        known = self._known[name] = (asyncio.get_running_loop().time() + self._limits.dns_ttl_s, found)
        return known
