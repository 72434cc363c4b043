"""readers: vendors' channels, and the subscriptions that hang on them."""

import uuid
from collections.abc import Callable
from typing import Literal

import msgspec
from msgspec.structs import replace

from textwire.clock import Clock
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store import boxes, channels, hooks, numbers
from textwire.store.boxes import Box
from textwire.store.channels import Channel
from textwire.store.committer import Unit
from textwire.store.hooks import Hook, Subscription
from textwire.store.store import Store

from .book import Book
from .webhooks import make_room

MOST_CHANNELS = 1000  # of a principal
MOST_LOOKS = 500  # at webhooks, in one write
UNUSED_CHANNEL = 24 * 3_600_000_000  # µs without a subscription after which a webhook is collected
MOST_OVER = 200  # channels that one write ends
IDLE_CHANNEL = 3_600_000_000  # µs after which a channel that nothing hangs on may go, should room be needed

ChannelKind = Literal["webhook", "websocket"]
PREFIX: dict[ChannelKind, str] = {"webhook": "wh-", "websocket": "ws-"}


class _Open(msgspec.Struct, frozen=True):
    channel: Channel
    box: Box | None


class _Renew(msgspec.Struct, frozen=True):
    principal: int
    public_id: str
    lifetime: int
    real_now: int


class _Subscribe(msgspec.Struct, frozen=True):
    hook: Hook  # without address: it has its channel's
    channel: str
    number: str
    real_now: int


class _Unsubscribe(msgspec.Struct, frozen=True):
    account: int
    principal: int
    public_id: str


class _Close(msgspec.Struct, frozen=True):
    principal: int
    public_id: str


class _Expire(msgspec.Struct, frozen=True):
    real_now: int


class _Collect(msgspec.Struct, frozen=True):
    after: int
    real_now: int


class Readers:
    """The verbs. Whoever words a wire has judged the URL before; everything else is judged in the write.

    `seal` makes of a secret what is kept of it. `observers` hear the identifiers of hooks that have ended, right
    after the commit; `subscribed` are called when there is a new one.
    """

    def __init__(
        self, store: Store, ids: Ids, clock: Clock, real_now: Callable[[], int], *, seal: Callable[[str], str]
    ) -> None:
        self._store, self._ids, self._clock, self._real_now = store, ids, clock, real_now
        self._seal = seal
        self._book = Book(
            {
                _Open: _open,
                _Renew: _renew,
                _Subscribe: _subscribe,
                _Unsubscribe: _unsubscribe,
                _Close: _close,
                _Expire: _expire,
                _Collect: _collect,
            }
        )
        self.observers: list[Callable[[list[int]], None]] = []
        self._looked = 0  # the last webhook that was looked at
        self.subscribed: list[Callable[[], None]] = []

    async def create_channel(
        self, account: int, principal: int, *, kind: ChannelKind, url: str = "", authorization: str = "",
        correlator: str = "", lifetime: int = 0, role: str = "",
    ) -> Channel:  # fmt: skip
        """A place for notifications; `authorization` is presented to it.

        A socket's `lifetime`, in seconds, counts while nobody is connected; `role` is who asks whether the other is alive.

        Refusal too_many_hooks when a principal has as many as allowed and something hangs on each of them.
        """
        now = self._clock.now()
        channel = Channel(
            self._ids.take(self._real_now()), account, principal, f"{PREFIX[kind]}{uuid.uuid4()}", kind, url,
            self._seal(authorization) if authorization else "", correlator, lifetime, now,
        )  # fmt: skip
        box = None
        if kind == "websocket":
            real_now = self._real_now()
            box = Box(channel.id, role, real_now, boxes.end_of(real_now, lifetime))
        kept: Channel = await self._store.write(self._book, _Open(channel, box))
        return kept

    async def renew_channel(self, principal: int, public_id: str, lifetime: int) -> Channel:
        """Gives a channel another lifetime, in seconds. Refusal not_found."""
        kept: Channel = await self._store.write(
            self._book, _Renew(principal, public_id, lifetime, self._real_now())
        )
        return kept

    async def expire(self) -> bool:
        """Ends sockets' channels whose lifetime is over, some in one write; whether there may be more."""
        ended, more = await self._store.write(self._book, _Expire(self._real_now()))
        for observe in self.observers:
            observe(ended)
        return bool(more)

    async def subscribe(
        self, account: int, principal: int, *, channel: str, dialect: str, types: int, number: str = "",
        correlator: str = "",
    ) -> Subscription:  # fmt: skip
        """Lets a channel hear of a number that is assigned to the principal; "": its default number.

        A second subscription of that number to the same channel or the same address is the first one, which goes
        to the newer channel from then on. Refusal not_found ("channel"), sender_forbidden, no_default_number
        ("number"), too_many_hooks.
        """
        hook = self._hook(account, principal, dialect, types, correlator)
        wish = _Subscribe(hook, channel, number, self._real_now())
        kept: Subscription = await self._store.write(self._book, wish)
        for call in self.subscribed:
            call()
        return kept

    async def unsubscribe(self, account: int, principal: int, public_id: str) -> None:
        """Ends a subscription. Refusal not_found."""
        await self._end(_Unsubscribe(account, principal, public_id))

    async def delete_channel(self, principal: int, public_id: str) -> None:
        """Ends a channel and what hangs on it. Refusal not_found."""
        await self._end(_Close(principal, public_id))

    async def collect(self) -> bool:
        """Ends webhooks that nobody has used for a day, some in one write; whether there are more to look at."""
        self._looked = await self._store.write(self._book, _Collect(self._looked, self._real_now()))
        return self._looked > 0

    def _hook(self, account: int, principal: int, dialect: str, types: int, correlator: str) -> Hook:
        return Hook(
            self._ids.take(self._real_now()), account, principal, str(uuid.uuid4()), dialect, 0, "", types, "", "",
            correlator, "active", 0, self._clock.now(),
        )  # fmt: skip

    async def _end(self, wish: "_Unsubscribe | _Close") -> None:
        ended: list[int] = await self._store.write(self._book, wish)
        for observe in self.observers:
            observe(ended)


async def _open(unit: Unit, wish: _Open) -> Channel:
    new = wish.channel
    if await channels.count(unit, new.principal) >= MOST_CHANNELS:
        # Vendors' SDKs make a channel for every subscription and never delete one.
        unused = await channels.unused(unit, new.principal, new.created_at - IDLE_CHANNEL)
        if not unused:
            raise Refusal("too_many_hooks", "The caller has as many channels as allowed.")
        await channels.delete(unit, unused)
    await channels.insert(unit, new)
    if wish.box is not None:
        await boxes.open_(unit, wish.box)
    return new


async def _renew(unit: Unit, wish: _Renew) -> Channel:
    channel = await channels.find(unit, wish.principal, wish.public_id)
    if channel is None or not await _is_alive(unit, channel, wish.real_now):
        raise Refusal("not_found")
    await channels.renew(unit, channel.id, wish.lifetime)
    await boxes.keep(unit, [(channel.id, 0, boxes.end_of(wish.real_now, wish.lifetime))])
    return replace(channel, lifetime=wish.lifetime)


async def _subscribe(unit: Unit, wish: _Subscribe) -> Subscription:
    principal = wish.hook.principal
    channel = await channels.find(unit, principal, wish.channel)
    if channel is None or not await _is_alive(unit, channel, wish.real_now):
        raise Refusal("not_found", "There is no such channel.", "channel")
    number = await _own_number(unit, principal, wish.number)
    wanted = replace(wish.hook, channel=channel.id, url=channel.url, secret=channel.credential, number=number)
    for there in await hooks.hanging_on(unit, [(principal, number)]):
        if _identical(there.hook, wanted):
            return await _again(unit, there.hook, wanted, channel)
    await make_room(unit, wanted.account)
    await hooks.insert(unit, wanted)
    if channel.kind == "websocket":
        await boxes.add_route(unit, wanted)
    return Subscription(wanted, channel.public_id)


async def _own_number(unit: Unit, principal: int, number: str) -> str:
    if not number:
        found = (await numbers.defaults(unit, [principal])).get(principal)
        if found is None:
            raise Refusal("no_default_number", field="number")
        return found
    if (principal, number) not in await numbers.assigned(unit, [(principal, number)]):
        raise Refusal("sender_forbidden", "This number is not assigned to the caller.", "number")
    return number


def _identical(there: Hook, wanted: Hook) -> bool:
    """Whether both go to the same place; a client that starts again makes a new channel with its old address."""
    same_place = there.url == wanted.url if wanted.url else there.channel == wanted.channel
    return same_place and there.dialect == wanted.dialect


async def _again(unit: Unit, there: Hook, wanted: Hook, channel: Channel) -> Subscription:
    kept = replace(
        there, channel=wanted.channel, secret=wanted.secret, correlator=wanted.correlator, types=wanted.types
    )
    if kept != there:
        await hooks.repoint(unit, kept)
    return Subscription(kept, channel.public_id)


async def _unsubscribe(unit: Unit, wish: _Unsubscribe) -> list[int]:
    hook = await hooks.find(unit, wish.account, wish.public_id)
    if hook is None or hook.principal != wish.principal or not hook.channel:
        raise Refusal("not_found")
    await hooks.delete(unit, [hook.id])
    return [hook.id]


async def _close(unit: Unit, wish: _Close) -> list[int]:
    channel = await channels.find(unit, wish.principal, wish.public_id)
    if channel is None:
        raise Refusal("not_found")
    return await _end(unit, channel.id)


async def _expire(unit: Unit, wish: _Expire) -> tuple[list[int], bool]:
    over = await boxes.over(unit, wish.real_now, MOST_OVER)
    return [hook for channel in over for hook in await _end(unit, channel)], len(over) == MOST_OVER


async def _collect(unit: Unit, wish: _Collect) -> int:
    """The vendor's SDKs make a webhook for every subscription and delete none."""
    return await channels.collect(unit, wish.after, MOST_LOOKS, wish.real_now, UNUSED_CHANNEL)


async def _end(unit: Unit, channel: int) -> list[int]:
    ended = [hook.id for hook in await hooks.hanging_on_channel(unit, channel)]
    if ended:
        await hooks.delete(unit, ended)
    await channels.delete(unit, [channel])
    await boxes.close(unit, [channel])
    return ended


async def _is_alive(unit: Unit, channel: Channel, real_now: int) -> bool:
    if channel.kind != "websocket":
        return True
    box = await boxes.find(unit, channel.id)
    return box is not None and box.ends_at > real_now
