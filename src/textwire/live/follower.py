"""One reader of an account's events: first what it has missed, from the shelf, then what is told, without a seam."""

from collections.abc import Callable
from typing import Final

from textwire.store import feed

from .hub import Hub, worded
from .socket import FAILED, Frame, Line
from .told import Told, Words

AHEAD: Final = 1_000  # events that are told while older ones are still being read

Wants = Callable[[Told], bool]
Hello = Callable[[int, bool], Frame]
"""(position, gap) → what is said first. Everything behind the position follows; a gap: something before it is lost."""


class Follower:
    """An Ear of the hub that speaks through a line. `position`: it has been given everything up to there."""

    def __init__(self, hub: Hub, account: int, line: Line, words: Words, wants: Wants) -> None:
        self.account, self.position = account, 0
        self._hub, self._line, self._words, self._wants = hub, line, words, wants
        self._ahead: list[Told] | None = []  # told while catching up; None: it has caught up
        self._torn = False

    def hear(self, told: list[Told]) -> None:
        """What the hub tells; what is too much to be kept until its turn comes is read again."""
        if self._ahead is None:
            for one in told:
                self._offer(one)
        elif len(self._ahead) + len(told) > AHEAD:
            self._ahead, self._torn = [], True
        else:
            self._ahead += told

    async def begin(self, after: int | None, now: int, hello: Hello) -> None:
        """Joins, says hello and catches up; `after` None: from now on, `now` is on the message clock."""
        await self._hub.join(self)
        self.position, gap = await self._place(after, now)
        await self._line.hand(hello(self.position, gap))
        await self._catch_up()

    def leave(self) -> None:
        """Hears nothing any more."""
        self._hub.leave(self)

    async def _place(self, after: int | None, now: int) -> tuple[int, bool]:
        """Where it begins, and whether something between `after` and there is gone."""
        engine, limits = self._hub.store.engine, self._hub.limits
        head = await feed.head(engine)
        if after is None:
            return head, False
        if after > head:  # the store was set back to an earlier time
            return head, True
        kept = await feed.beyond(engine, self.account, limits.kept_events)
        if after < kept:
            first = await feed.of_account(engine, self.account, after, 1)
            if first[0].at < now - limits.kept:
                return kept, True
        return after, after > 0 and not await feed.exists(engine, after)

    async def _catch_up(self) -> None:
        while self._ahead is not None:
            more = await self._read()
            if not more and not await self._pass_on():
                self._ahead = None

    async def _read(self) -> bool:
        """Hands on a page of the shelf; whether there is more."""
        hub, most = self._hub, self._hub.limits.page
        page = await feed.of_account(hub.store.engine, self.account, self.position, most)
        for one in await worded(hub.store, page):
            await self._hand(one)
        if page:
            self.position = max(self.position, page[-1].number)
        return len(page) == most

    async def _pass_on(self) -> bool:
        """Hands on what was told meanwhile, until there is nothing; whether some of it got lost."""
        while self._ahead and not self._torn:
            ahead, self._ahead = self._ahead, []
            for one in ahead:
                await self._hand(one)
        torn, self._torn = self._torn, False
        return torn

    async def _hand(self, one: Told) -> None:
        if one.number > self.position:
            self.position = one.number
            if self._wants(one):
                await self._line.hand(one.said(self._words))

    def _offer(self, one: Told) -> None:
        if one.number > self.position:
            self.position = one.number
            if self._wants(one):
                self._line.offer(self._said(one))

    def _said(self, one: Told) -> Frame:
        try:
            return one.said(self._words)
        except Exception:
            self._line.end(FAILED)
            raise
