"""Lets a test that blocks use an AsyncClient: every result is awaited, every list is gone through."""

import asyncio
import inspect
from typing import Any

from textwire_client.calls import Resource
from textwire_client.pages import AsyncPages


class Awaited:
    """What stands behind it, with its coroutines run on a loop of the test's own."""

    def __init__(self, behind: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._behind, self._loop = behind, loop

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._behind, name)
        if isinstance(found, Resource):
            return Awaited(found, self._loop)
        return self._called(found) if callable(found) else found

    def _called(self, method: Any) -> Any:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = method(*args, **kwargs)
            if inspect.isawaitable(result):
                return self._loop.run_until_complete(result)
            return Listed(result, self._loop) if isinstance(result, AsyncPages) else result

        return call


class Listed:
    """AsyncPages as Pages."""

    def __init__(self, pages: AsyncPages[Any], loop: asyncio.AbstractEventLoop) -> None:
        self._pages, self._loop = pages, loop

    def __iter__(self) -> Any:
        async def gather() -> list[Any]:
            return [item async for item in self._pages]

        return iter(self._loop.run_until_complete(gather()))

    def pages(self) -> Any:
        async def gather() -> list[Any]:
            return [page async for page in self._pages.pages()]

        return iter(self._loop.run_until_complete(gather()))

    def first(self) -> Any:
        return self._loop.run_until_complete(self._pages.first())
