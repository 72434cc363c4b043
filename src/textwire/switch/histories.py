"""histories: long pages of conversations and messages, of the numbers that a principal may see, cut so that none is missed.

A conversation that moves up while somebody turns pages would be passed over: behind the last page come those that
have been active since the first one, until they fit on a page. So every conversation is shown, some of them again.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from textwire.clock import Clock
from textwire.domain.ids import MAX_INT
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.store import conversations, filing, listing, messages, removal, threads
from textwire.store.committer import Unit
from textwire.store.store import Store
from textwire.store.threads import Span, Thread

from .conversations import Mark
from .filing import Filing
from .removal import One, Removal, Removed, Some

LOOK = 10_000  # rows that one page looks at
SLICE = 100  # of them at a time, so that the loop is never held up
FEWEST = 16  # of messages, however long their texts are
CHARACTERS = 100_000  # of texts at a time, once it is known how long they are
MOST_CHARACTERS = 1_000_000  # after which a page ends early
WITHDRAWN = 1_000  # messages that one round of the chore looks at


class Place(msgspec.Struct, frozen=True):
    """Where a page of conversations begins: those active last before `before` and after `after`.

    `top`: what the newest one was when the first page was read.
    """

    before: int = MAX_INT
    after: int = 0
    top: int = 0


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """Whose conversations: those of `numbers` of an account, with `remote` if it is named.

    `unread`: only those with something new for the principal; `since`: active at that time (µs) or later.
    """

    account: int
    principal: int
    numbers: Sequence[str]
    remote: str = ""
    unread: bool = False
    since: int = 0


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages of a conversation: as `Span` has it."""

    before: int = MAX_INT
    since: int = 0
    upto: int = -1


class Histories:
    """The verbs. What is asked for is caught up with first, so that what was just answered is there."""

    def __init__(self, store: Store, clock: Clock, filing: Filing, removal: Removal) -> None:
        self._store, self._clock, self._filing, self._removal = store, clock, filing, removal
        self._engine, self._checked = store.engine, 0
        self._mark, self._let_go = Mark(), _LetGo(removal)

    # Conversations

    async def page(self, asked: Asked, place: Place, limit: int) -> tuple[list[Thread], Place | None]:
        """A page of conversations, the one that was active last first, and where the next page begins."""
        position = await self._filing.catch_up()
        lowest = max(place.after, listing.born_since(asked.since, position) - 1)
        found: list[Thread] = []
        before, top, looked = place.before, place.top, 0
        slice_ = SLICE if asked.unread or asked.since else min(SLICE, limit + 1)
        while looked < LOOK:
            rows = await self._newest(asked, before, lowest, slice_)
            top = top or (rows[0].last if rows else 0)
            found += [t for t in rows if (t.unread > 0 or not asked.unread) and t.last_at >= asked.since]
            if len(found) > limit:
                return found[:limit], Place(found[limit - 1].last, place.after, top)
            if len(rows) < slice_:
                return found, await self._moved(asked, place, top)
            before, looked = rows[-1].last, looked + len(rows)
        return found, Place(before, place.after, top)

    async def _moved(self, asked: Asked, place: Place, top: int) -> Place | None:
        """Where those begin that moved up while pages were turned; a single page was read at once."""
        if place.before == MAX_INT or not await self._newest(asked, MAX_INT, top, 1):
            return None
        return Place(MAX_INT, top, 0)

    async def _newest(self, asked: Asked, before: int, after: int, most: int) -> list[Thread]:
        """Of all numbers together; whoever has many is asked for ever fewer of each."""
        account, principal = asked.account, asked.principal
        if asked.remote:
            pairs = [(number, asked.remote) for number in asked.numbers]
            some = await threads.of_pairs(self._engine, account, principal, pairs)
            return _cut([t for t in some if after < t.last < before], most)
        found: list[Thread] = []
        for number in asked.numbers:
            found += await threads.of_number(
                self._engine, account, principal, number, before=before, after=after, limit=most
            )
            found = _cut(found, most)
            after = found[-1].last if len(found) == most else after
            await asyncio.sleep(0)
        return found

    async def one(self, account: int, principal: int, number: str, remote: str) -> Thread | None:
        """The conversation of a number with a remote."""
        await self._filing.catch_up()
        found = await threads.of_pairs(self._engine, account, principal, [(number, remote)])
        return found[0] if found else None

    # Messages

    async def messages(self, thread: Thread, pull: Pull, limit: int) -> tuple[list[Message], int]:
        """Messages, newest first, and before which to go on, 0 at the end."""
        lowest = listing.born_since(pull.since, await filing.position(self._engine))
        found: list[Message] = []
        before, looked, characters = pull.before, 0, 0
        rows = FEWEST
        while before > lowest and looked < LOOK and characters < MOST_CHARACTERS:
            span = Span(conversation=thread.id, before=before, since=pull.since, upto=pull.upto, rows=rows)
            some, before = await threads.messages(self._engine, span, limit + 1 - len(found))
            found += some
            if len(found) > limit:
                return found[:limit], found[limit - 1].id
            long, looked = sum(len(m.text) for m in some), looked + rows
            rows, characters = min(SLICE, max(FEWEST, rows * CHARACTERS // max(long, 1))), characters + long
            await asyncio.sleep(0)
        return found, before if before > lowest else 0

    async def message(self, thread: Thread, key: int) -> Message:
        """One message of a conversation. Refusal not_found."""
        if await conversations.holds(self._engine, thread.id, key):
            found = await messages.own(self._engine, thread.account, [key])
            if key in found:
                return found[key]
        raise Refusal("not_found")

    async def read(self, thread: Thread, principal: int) -> None:
        """A principal reads it now. Before its messages are looked up: what comes in between stays unread."""
        await self._store.write(self._mark, (thread.id, principal, self._clock.now()))

    # Deletion

    async def remove(self, thread: Thread, key: int) -> None:
        """Takes a message away for the whole account; one under way at once from histories. Refusal not_found."""
        if not await conversations.holds(self._engine, thread.id, key):
            raise Refusal("not_found")
        await self._store.write(self._removal, One(thread.account, key, self._clock.now(), withdraw=True))

    async def remove_all(self, thread: Thread) -> None:
        """The same for all messages of a conversation."""
        before = thread.last + 1
        while before:
            removed: Removed = await self._store.write(
                self._removal, Some(thread.id, before, self._clock.now(), withdraw=True)
            )
            before = removed.before

    async def chore(self) -> bool:
        """Lets those withdrawn messages go that are over by now; whether there are more to look at."""
        some = await removal.withdrawn(self._engine, self._checked, WITHDRAWN)
        if some:
            await self._store.write(self._let_go, some)
        self._checked = some[-1] if len(some) == WITHDRAWN else 0
        return bool(self._checked)


def _cut(found: list[Thread], most: int) -> list[Thread]:
    return sorted(found, key=lambda t: -t.last)[:most]


class _LetGo:
    """The write behind withdrawals; items are messages, of which those go that are final."""

    def __init__(self, removal: Removal) -> None:
        self._removal = removal

    async def run(self, unit: Unit, items: list[list[int]]) -> list[int]:
        return [await self._removal.let_go(unit, some) for some in items]
