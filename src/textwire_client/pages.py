"""Lists that come in pages, as iterators: over the items, or page by page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page; `next` is the cursor of the one behind it, None on the last."""

    items: tuple[T, ...]
    next: str | None = None


class Pages(Generic[T]):
    """All items, page after page, asked for as they are needed. Iterating again asks again."""

    def __init__(self, fetch: Callable[[str | None], Page[T]]) -> None:
        self._fetch = fetch

    def pages(self) -> Iterator[Page[T]]:
        """The pages themselves."""
        page = self._fetch(None)
        yield page
        while page.next is not None:
            page = self._fetch(page.next)
            yield page

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def first(self) -> T | None:
        """The first item, if there is one."""
        return next(iter(self), None)


class AsyncPages(Generic[T]):
    """All items, page after page, asked for as they are needed. Iterating again asks again."""

    def __init__(self, fetch: Callable[[str | None], Awaitable[Page[T]]]) -> None:
        self._fetch = fetch

    async def pages(self) -> AsyncIterator[Page[T]]:
        """The pages themselves."""
        page = await self._fetch(None)
        yield page
        while page.next is not None:
            page = await self._fetch(page.next)
            yield page

    async def __aiter__(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    async def first(self) -> T | None:
        """The first item, if there is one."""
        async for item in self:
            return item
        return None
