"""deliveries: what webhooks were told: told again, one by one or a whole time; tested; forgotten after a week."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

import msgspec

from textwire.clock import Clock
from textwire.domain.event import Event
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store import attempts, deliveries, events, outbox, replays
from textwire.store.attempts import Attempt
from textwire.store.committer import Unit
from textwire.store.deliveries import FIRST_TEST, Delivery, Listed
from textwire.store.hooks import Hook
from textwire.store.replays import Replay
from textwire.store.store import Store

from .book import Book
from .webhooks import Webhooks, own

KEEP = 7 * 86_400_000_000  # µs for which what was told can be looked up and told again
MOST_FORGOTTEN = 500  # of one write
MOST_TESTS = 10  # under way in this process
TEST = "hook.test"


class Caller(Protocol):
    """Calls a webhook once, as deliveries do, with the secret sealed as it is kept; implemented by `hooks`."""

    def __call__(self, hook: Hook, event: Event) -> Awaitable[Attempt]: ...


class Told(msgspec.Struct, frozen=True):
    """A delivery with its attempts; `due_at` is when the next one is (µs, message clock), if one waits for its time."""

    listed: Listed
    attempts: list[Attempt]
    due_at: int | None = None


class _Again(msgspec.Struct, frozen=True):
    account: int
    key: int
    now: int


class _Replay(msgspec.Struct, frozen=True):
    account: int
    public_id: str
    key: int
    since: int
    heard: bool
    now: int


class _Tested(msgspec.Struct, frozen=True):
    delivery: Delivery
    attempt: Attempt


class _Forget(msgspec.Struct, frozen=True):
    now: int


class Deliveries:
    """The verbs. `call` is set by whoever calls webhooks; `observers` hear when something may be due at once."""

    def __init__(
        self, store: Store, ids: Ids, clock: Clock, real_now: Callable[[], int], webhooks: Webhooks
    ) -> None:
        self._store, self._ids, self._clock, self._real_now = store, ids, clock, real_now
        self._webhooks, self._tests = webhooks, 0
        self._book = Book({_Again: _again, _Replay: _replay, _Tested: _tested, _Forget: _forget})
        self.call: Caller | None = None
        self.observers: list[Callable[[], None]] = []

    async def one(self, account: int, key: int) -> Told:
        """A delivery with its attempts. Refusal not_found."""
        engine = self._store.engine
        found = await deliveries.one(engine, account, key)
        if found is None:
            raise Refusal("not_found")
        made = await attempts.of_delivery(engine, key)
        due = await outbox.due_at(engine, key) if found.delivery.state == "pending" else None
        return Told(found, _with_the_first(found.delivery, made), due)

    async def replay(self, account: int, key: int) -> Listed:
        """Delivers once more what has ended, and at once what waits. Refusal not_found, hook_disabled, not_replayable."""
        found: Listed = await self._store.write(self._book, _Again(account, key, self._clock.now()))
        self._stir()
        return found

    async def replay_since(self, account: int, public_id: str, since: int, *, heard: bool) -> None:
        """Tells a hook what it has missed since a time (µs); `heard`: and what it has heard, once more.

        Refusal not_found, hook_disabled, replay_running, or invalid_field for a time that is not kept any more.
        """
        now = self._clock.now()
        if not now - KEEP <= since <= now:
            raise Refusal("invalid_field", "Replay what happened in the last 7 days.", "since")
        wish = _Replay(account, public_id, self._ids.take(self._real_now()), since, heard, now)
        await self._store.write(self._book, wish)
        self._stir()

    async def test(self, account: int, public_id: str) -> Told:
        """Calls a hook with an event of no consequence, and keeps what came of it. Refusal not_found, queue_full."""
        hook = await self._webhooks.one(account, public_id)
        if self.call is None:
            raise Refusal("unavailable")
        if self._tests >= MOST_TESTS:
            raise Refusal("queue_full", "Too many tests are under way; try again shortly.")
        self._tests += 1
        try:
            key, now = self._ids.take(self._real_now()), self._clock.now()
            data = msgspec.json.encode({"hook": public_id}).decode()
            attempt = await self.call(hook, Event(key, account, TEST, 0, 1, "", now, data, hook=hook.id))
        finally:
            self._tests -= 1
        delivery = _of_test(hook, key, attempt)
        await self._store.write(self._book, _Tested(delivery, attempt))
        return Told(Listed(delivery, TEST, 0, hook.public_id), [attempt])

    async def forget(self) -> bool:
        """Forgets some of what is older than a week; True: there may be more."""
        forgotten: int = await self._store.write(self._book, _Forget(self._clock.now()))
        return forgotten >= MOST_FORGOTTEN

    def _stir(self) -> None:
        for observe in self.observers:
            observe()


def _with_the_first(delivery: Delivery, made: list[Attempt]) -> list[Attempt]:
    """The attempts with the one that succeeded at once, of which only the delivery tells."""
    d = delivery
    return (
        made if made or not d.attempts else [Attempt(d.id, 1, d.updated_at, d.status, d.error, d.reply, d.ms)]
    )


def _of_test(hook: Hook, key: int, attempt: Attempt) -> Delivery:
    state: Any = "delivered" if 200 <= attempt.status < 300 else "failed"
    return Delivery(key, key, hook.id, 0, hook.account, state, 1, attempt.status, attempt.error, attempt.at)


async def _again(unit: Unit, wish: _Again) -> Listed:
    found = await deliveries.find(unit, wish.account, wish.key)
    if found is None:
        raise Refusal("not_found")
    if found.delivery.event >= FIRST_TEST or not found.type:
        raise Refusal("not_replayable")
    if (await own(unit, wish.account, found.hook)).state != "active":
        raise Refusal("hook_disabled")
    await tell_again(unit, [wish.key], wish.now)
    await outbox.hasten(unit, [wish.key], wish.now)
    renewed = await deliveries.find(unit, wish.account, wish.key)
    assert renewed is not None
    return renewed


async def tell_again(unit: Unit, keys: list[int], now: int) -> None:
    """Lets deliveries that have ended begin anew, due at once."""
    await attempts.spell_out(unit, keys)
    begun = await deliveries.again(unit, keys, now)
    await outbox.add(unit, [(key, "post", now, 0) for key in begun])


async def _replay(unit: Unit, wish: _Replay) -> None:
    hook = await own(unit, wish.account, wish.public_id)
    if hook.state != "active":
        raise Refusal("hook_disabled")
    last = await events.last(unit)
    new = Replay(wish.key, hook.id, await events.before(unit, wish.since), last, int(wish.heard))
    if not await replays.insert(unit, new):
        raise Refusal("replay_running")
    await outbox.add(unit, [(wish.key, "replay", wish.now, 0)])


async def _tested(unit: Unit, wish: _Tested) -> None:
    await deliveries.insert(unit, [wish.delivery])
    await attempts.insert(unit, [wish.attempt])


async def _forget(unit: Unit, wish: _Forget) -> int:
    before = wish.now - KEEP
    old = await deliveries.older(unit, before, MOST_FORGOTTEN, tests=False)
    old += await deliveries.older(unit, before, MOST_FORGOTTEN, tests=True)
    await attempts.delete(unit, old)
    await deliveries.delete(unit, old)
    await outbox.remove(unit, old)
    return len(old)
