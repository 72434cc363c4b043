"""conversations: histories by (own number, remote), exact at every read; any facade may show them.

A facade that has principals with numbers of their own names the number: what a caller may see is its rule.
"""

import msgspec

from textwire.clock import Clock
from textwire.domain.ids import MAX_INT
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.store import conversations, filing, listing
from textwire.store.committer import Unit
from textwire.store.conversations import Conversation
from textwire.store.listing import Filter, Found
from textwire.store.store import Store

from .filing import Filing
from .removal import One, Removal, Removed, Some

LOOK = 5_000  # conversations that one page of unread ones looks at
SLICE = 250  # of them at a time


class Page(msgspec.Struct, frozen=True):
    """Conversations, the one that was active last first; `before`: where the next page begins, 0 at the end."""

    conversations: list[Conversation]
    before: int


class Conversations:
    """The verbs. Each raises Refusal("not_found") for a conversation that an account does not have."""

    def __init__(self, store: Store, clock: Clock, filing: Filing, removal: Removal) -> None:
        self._store, self._clock, self._filing, self._removal = store, clock, filing, removal
        self._mark = Mark()

    async def page(
        self, account: int, principal: int, *, before: int = MAX_INT, limit: int, number: str = "",
        remote: str = "", unread: bool = False,
    ) -> Page:  # fmt: skip
        """Conversations of an account, with the unread count of a principal; only those with some, if `unread`.

        A page of unread ones looks at LOOK conversations at most and may then be short.
        """
        await self._filing.catch_up()
        found: list[Conversation] = []
        looked, slice_ = 0, SLICE if unread else limit + 1
        while looked < LOOK:
            rows = await conversations.page(
                self._store.engine,
                account,
                principal,
                before=before,
                limit=slice_,
                number=number,
                remote=remote,
            )
            found += [row for row in rows if row.unread > 0] if unread else rows
            if len(found) > limit:
                return Page(found[:limit], found[limit - 1].last)
            if len(rows) < slice_:
                return Page(found, 0)
            before, looked = rows[-1].last, looked + len(rows)
        return Page(found, before)

    async def one(self, account: int, principal: int, number: str, remote: str) -> Conversation:
        """One conversation."""
        await self._filing.catch_up()
        found = await conversations.one(self._store.engine, account, principal, number, remote)
        if found is None:
            raise Refusal("not_found")
        return found

    async def messages(self, conversation: int, *, before: int = MAX_INT, limit: int) -> list[Message]:
        """Its messages, newest first."""
        return await conversations.messages(self._store.engine, conversation, before=before, limit=limit)

    async def list(self, account: int, wanted: Filter, *, before: int, limit: int) -> Found:
        """Messages of an account that pass a filter, newest first."""
        if not (wanted.sender or wanted.recipient or wanted.since or wanted.until < MAX_INT):
            return await listing.page(
                self._store.engine, account, wanted, before=before, limit=limit, position=_ANYWHERE
            )
        position = await self._filing.catch_up()
        for address in (wanted.recipient, wanted.sender):
            if address and not await conversations.is_ours(self._store.engine, account, address):
                wanted = msgspec.structs.replace(wanted, remote=address)
                break
        return await listing.page(
            self._store.engine, account, wanted, before=before, limit=limit, position=position
        )

    async def read(self, conversation: Conversation, principal: int) -> None:
        """A principal has read everything that has come so far."""
        await self._store.write(self._mark, (conversation.id, principal, self._clock.now()))

    async def remove(self, account: int, message: int) -> None:
        """Takes a final message away for the whole account. Refusal not_final too."""
        await self._store.write(self._removal, One(account, message, self._clock.now()))

    async def remove_from(self, conversation: Conversation, message: int) -> None:
        """The same for a message of one conversation."""
        if not await conversations.holds(self._store.engine, conversation.id, message):
            raise Refusal("not_found")
        await self.remove(conversation.account, message)

    async def remove_all(self, conversation: Conversation) -> Removed:
        """Takes the final messages of a conversation away, for the whole account."""
        before, gone, kept = conversation.last + 1, 0, 0
        while before:
            removed: Removed = await self._store.write(
                self._removal, Some(conversation.id, before, self._clock.now())
            )
            before, gone, kept = removed.before, gone + removed.gone, kept + removed.kept
        return Removed(gone, kept)


_ANYWHERE = filing.Position(0, 0, 0, 0)


class Mark:
    """The write of what has been read; items are (conversation, principal, at)."""

    async def run(self, unit: Unit, items: list[tuple[int, int, int]]) -> list[None]:
        position = await filing.held(unit)
        marks = {(c, p): (c, p, position, at) for c, p, at in items}
        await conversations.read(unit, list(marks.values()))
        return [None for _ in items]
