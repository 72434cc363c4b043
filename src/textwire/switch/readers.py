"""readers: who is told what happens: webhooks of the own API, and vendors' channels with their subscriptions."""

import uuid
from collections.abc import Callable
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from textwire.clock import Clock
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store import hooks, numbers
from textwire.store.committer import Unit
from textwire.store.hooks import Channel, Hook, Subscription
from textwire.store.store import Store

MOST_HOOKS = 1000  # of an account
MOST_CHANNELS = 1000  # of a principal
MOST_NUMBERS = 100  # that one hook is about
IDLE_CHANNEL = 3_600_000_000  # µs after which a channel that nothing hangs on may go, should room be needed

ChannelKind = Literal["webhook", "websocket"]
PREFIX: dict[ChannelKind, str] = {"webhook": "wh-", "websocket": "ws-"}


class _Create(msgspec.Struct, frozen=True):
    hook: Hook
    numbers: tuple[str, ...]


class _Delete(msgspec.Struct, frozen=True):
    account: int
    public_id: str


class _Open(msgspec.Struct, frozen=True):
    channel: Channel


class _Renew(msgspec.Struct, frozen=True):
    principal: int
    public_id: str
    lifetime: int


class _Subscribe(msgspec.Struct, frozen=True):
    hook: Hook  # without address: it has its channel's
    channel: str
    number: str


class _Unsubscribe(msgspec.Struct, frozen=True):
    account: int
    principal: int
    public_id: str


class _Close(msgspec.Struct, frozen=True):
    principal: int
    public_id: str


class Readers:
    """The verbs. Whoever words a wire has judged the URL before; everything else is judged in the write.

    `seal` makes of a secret what is kept of it, `new_secret` draws one. `observers` hear the identifiers of hooks
    that have ended, right after the commit.
    """

    def __init__(
        self, store: Store, ids: Ids, clock: Clock, real_now: Callable[[], int], *,
        seal: Callable[[str], str], new_secret: Callable[[], str],
    ) -> None:  # fmt: skip
        self._store, self._ids, self._clock, self._real_now = store, ids, clock, real_now
        self._seal, self._new_secret = seal, new_secret
        self._book = Book()
        self.observers: list[Callable[[list[int]], None]] = []

    async def create_hook(
        self, account: int, principal: int, *, url: str, types: int, numbers: tuple[str, ...] = (),
        correlator: str = "", dialect: str = "api",
    ) -> tuple[Hook, str]:  # fmt: skip
        """A webhook with an address of its own, and its secret, which is not shown again.

        `types` are event bits; without `numbers` it hears of every one. Refusal too_many_hooks, or not_found for
        a number that the account does not own.
        """
        if not types or len(numbers) > MOST_NUMBERS:
            raise Refusal("invalid_field", field="numbers" if types else "types")
        secret = self._new_secret()
        hook = replace(
            self._hook(account, principal, dialect, types, correlator),
            url=url, number=" ".join(dict.fromkeys(numbers)), secret=self._seal(secret),
        )  # fmt: skip
        kept: Hook = await self._store.write(self._book, _Create(hook, numbers))
        return kept, secret

    async def list_hooks(self, account: int, dialect: str = "api") -> list[Hook]:
        """An account's webhooks, newest first."""
        return await hooks.of_account(self._store.engine, account, dialect)

    async def delete_hook(self, account: int, public_id: str) -> None:
        """Ends a webhook. Refusal not_found."""
        await self._end(_Delete(account, public_id))

    async def create_channel(
        self, account: int, principal: int, *, kind: ChannelKind, url: str = "", authorization: str = "",
        correlator: str = "", lifetime: int = 0,
    ) -> Channel:  # fmt: skip
        """A place for notifications; `authorization` is presented to it, `lifetime` is in seconds.

        Refusal too_many_hooks when a principal has as many as allowed and something hangs on each of them.
        """
        now = self._clock.now()
        channel = Channel(
            self._ids.take(self._real_now()), account, principal, f"{PREFIX[kind]}{uuid.uuid4()}", kind, url,
            self._seal(authorization) if authorization else "", correlator, lifetime, now,
        )  # fmt: skip
        kept: Channel = await self._store.write(self._book, _Open(channel))
        return kept

    async def renew_channel(self, principal: int, public_id: str, lifetime: int) -> Channel:
        """Gives a channel another lifetime, in seconds. Refusal not_found."""
        kept: Channel = await self._store.write(self._book, _Renew(principal, public_id, lifetime))
        return kept

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
        kept: Subscription = await self._store.write(self._book, _Subscribe(hook, channel, number))
        return kept

    async def unsubscribe(self, account: int, principal: int, public_id: str) -> None:
        """Ends a subscription. Refusal not_found."""
        await self._end(_Unsubscribe(account, principal, public_id))

    async def delete_channel(self, principal: int, public_id: str) -> None:
        """Ends a channel and what hangs on it. Refusal not_found."""
        await self._end(_Close(principal, public_id))

    def _hook(self, account: int, principal: int, dialect: str, types: int, correlator: str) -> Hook:
        return Hook(
            self._ids.take(self._real_now()), account, principal, str(uuid.uuid4()), dialect, 0, "", types, "", "",
            correlator, "active", 0, self._clock.now(),
        )  # fmt: skip

    async def _end(self, wish: "_Delete | _Unsubscribe | _Close") -> None:
        ended: list[int] = await self._store.write(self._book, wish)
        for observe in self.observers:
            observe(ended)


class Book:
    """The write of these verbs: one wish after the other, each seeing what the one before has done."""

    def __init__(self) -> None:
        self._steps: dict[type, Callable[[Unit, Any], Any]] = {
            _Create: _create, _Delete: _delete, _Open: _open, _Renew: _renew, _Subscribe: _subscribe,
            _Unsubscribe: _unsubscribe, _Close: _close,
        }  # fmt: skip

    async def run(self, unit: Unit, items: list[Any]) -> list[Any]:
        outcomes: list[Any] = []
        for item in items:
            try:
                outcomes.append(await self._steps[type(item)](unit, item))
            except Refusal as refusal:  # raised before the step has written anything
                outcomes.append(refusal)
        return outcomes


async def _create(unit: Unit, wish: _Create) -> Hook:
    owners = await numbers.owners(unit, wish.numbers)
    for number in wish.numbers:
        if owners.get(number, (0, 0))[0] != wish.hook.account:
            raise Refusal("not_found", "The account does not own this number.", "numbers")
    await _make_room(unit, wish.hook.account)
    await hooks.insert(unit, wish.hook)
    return wish.hook


async def _make_room(unit: Unit, account: int) -> None:
    if await hooks.count(unit, account) >= MOST_HOOKS:
        raise Refusal("too_many_hooks")


async def _delete(unit: Unit, wish: _Delete) -> list[int]:
    hook = await hooks.find(unit, wish.account, wish.public_id)
    if hook is None or hook.channel:
        raise Refusal("not_found")
    await hooks.delete(unit, [hook.id])
    return [hook.id]


async def _open(unit: Unit, wish: _Open) -> Channel:
    new = wish.channel
    if await hooks.count_channels(unit, new.principal) >= MOST_CHANNELS:
        # Vendors' SDKs make a channel for every subscription and never delete one.
        unused = await hooks.unused_channels(unit, new.principal, new.created_at - IDLE_CHANNEL)
        if not unused:
            raise Refusal("too_many_hooks", "The caller has as many channels as allowed.")
        await hooks.delete_channels(unit, unused)
    await hooks.insert_channel(unit, new)
    return new


async def _renew(unit: Unit, wish: _Renew) -> Channel:
    channel = await hooks.find_channel(unit, wish.principal, wish.public_id)
    if channel is None:
        raise Refusal("not_found")
    await hooks.renew_channel(unit, channel.id, wish.lifetime)
    return replace(channel, lifetime=wish.lifetime)


async def _subscribe(unit: Unit, wish: _Subscribe) -> Subscription:
    principal = wish.hook.principal
    channel = await hooks.find_channel(unit, principal, wish.channel)
    if channel is None:
        raise Refusal("not_found", "There is no such channel.", "channel")
    number = await _own_number(unit, principal, wish.number)
    wanted = replace(wish.hook, channel=channel.id, url=channel.url, secret=channel.credential, number=number)
    for there in await hooks.hanging_on(unit, [(principal, number)]):
        if _identical(there.hook, wanted):
            return await _again(unit, there.hook, wanted, channel)
    await _make_room(unit, wanted.account)
    await hooks.insert(unit, wanted)
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
    channel = await hooks.find_channel(unit, wish.principal, wish.public_id)
    if channel is None:
        raise Refusal("not_found")
    ended = [hook.id for hook in await hooks.hanging_on_channel(unit, channel.id)]
    if ended:
        await hooks.delete(unit, ended)
    await hooks.delete_channels(unit, [channel.id])
    return ended
