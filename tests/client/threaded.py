"""Lets a test that blocks use an AsyncClient whose loop runs meanwhile: on a thread of its own, callbacks as coroutines."""

import asyncio
import inspect
import threading
from collections.abc import Callable
from typing import Any

from textwire_client import AsyncClient
from textwire_client.calls import Resource

SECONDS = 120.0


class Threaded:
    """An AsyncClient that looks like a Client."""

    def __init__(self, url: str, key: str) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._client: AsyncClient = self._run(_made(url, key))
        self._callbacks: dict[Any, Any] = {}

    def on(self, name: Any, callback: Callable[[Any], object]) -> None:
        async def called(what: Any) -> None:
            await asyncio.sleep(0)
            result = callback(what)
            if inspect.isawaitable(result):
                await result

        self._callbacks[callback] = called
        self._client.on(name, called)

    def off(self, name: Any, callback: Any) -> None:
        self._client.off(name, self._callbacks[callback])

    def close(self) -> None:
        if self._thread.is_alive():
            self._run(self._client.close())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def __getattr__(self, name: str) -> Any:
        return self._looked_at(getattr(self._client, name))

    def _looked_at(self, found: Any) -> Any:
        if isinstance(found, tuple) and not hasattr(found, "_fields"):
            return tuple(self._looked_at(one) for one in found)
        return Behind(found, self) if isinstance(found, Resource) else found

    def _run(self, coroutine: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(SECONDS)


class Behind:
    """A resource of it, or a conversation."""

    def __init__(self, behind: Any, client: Threaded) -> None:
        self._behind, self._client = behind, client

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Behind) and bool(self._behind == other._behind)

    def __hash__(self) -> int:
        return hash(self._behind)

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._behind, name)
        if isinstance(found, Resource) or not callable(found):
            return self._client._looked_at(found)

        def call(*args: Any, **kwargs: Any) -> Any:
            result = found(*args, **kwargs)
            return self._client._looked_at(
                self._client._run(result) if inspect.iscoroutine(result) else result
            )

        return call


async def _made(url: str, key: str) -> AsyncClient:
    return AsyncClient(url, key)
