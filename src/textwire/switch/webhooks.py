"""webhooks: addresses of an account's own that are told what happens: made, changed, rotated, ended."""

import uuid
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import replace

from textwire.clock import Clock
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store import hooks, numbers
from textwire.store.committer import Unit
from textwire.store.hooks import Hook
from textwire.store.store import Store

from . import once
from .book import Book
from .once import Keep

MOST_HOOKS = 1000  # of an account
MOST_NUMBERS = 100  # that one hook is about
OVERLAP = 24 * 3_600_000_000  # µs for which both secrets sign after a rotation

Observer = Callable[[list[int]], None]


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be different about a webhook; None: as it is."""

    url: str | None = None
    types: int | None = None
    numbers: tuple[str, ...] | None = None
    active: bool | None = None


class _Create(msgspec.Struct, frozen=True):
    hook: Hook
    numbers: tuple[str, ...]
    secret: str


class _Change(msgspec.Struct, frozen=True):
    account: int
    public_id: str
    change: Change


class _Rotate(msgspec.Struct, frozen=True):
    account: int
    public_id: str
    secret: str
    sealed: str
    now: int


class _Delete(msgspec.Struct, frozen=True):
    account: int
    public_id: str


class Webhooks:
    """The verbs. Whoever words a wire has judged the URL before; everything else is judged in the write.

    `seal` makes of a secret what is kept of it, `new_secret` draws one. `ended` hear the identifiers of hooks that
    have ended or been switched off, `changed` those of hooks that are different now, right after the commit.
    """

    def __init__(
        self, store: Store, ids: Ids, clock: Clock, real_now: Callable[[], int], *,
        seal: Callable[[str], str], new_secret: Callable[[], str],
    ) -> None:  # fmt: skip
        self._store, self._ids, self._clock, self._real_now = store, ids, clock, real_now
        self._seal, self._new_secret = seal, new_secret
        self._book = Book({_Create: _create, _Change: _change, _Rotate: _rotate, _Delete: _delete})
        self.ended: list[Observer] = []
        self.changed: list[Observer] = []

    async def create(
        self, account: int, principal: int, *, url: str, types: int, numbers: tuple[str, ...] = (),
        correlator: str = "", dialect: str = "api", keep: Keep | None = None,
    ) -> tuple[Hook, str]:  # fmt: skip
        """A webhook with an address of its own, and its secret, which is not shown again.

        `types` are event bits; without `numbers` it hears of every one. Refusal too_many_hooks, or not_found for
        a number that the account does not own.
        """
        _check(types, numbers)
        secret = self._new_secret()
        hook = Hook(
            self._ids.take(self._real_now()), account, principal, str(uuid.uuid4()), dialect, 0, url, types,
            _joined(numbers), self._seal(secret), correlator, "active", 0, self._clock.now(),
        )  # fmt: skip
        made: tuple[Hook, str] = await once.write(
            self._store, self._book, _Create(hook, numbers, secret), keep
        )
        return made

    async def list(self, account: int, dialect: str = "api") -> list[Hook]:
        """An account's webhooks, newest first."""
        return await hooks.of_account(self._store.engine, account, dialect)

    async def one(self, account: int, public_id: str, dialect: str = "api") -> Hook:
        """A webhook of an account. Refusal not_found."""
        hook = await hooks.one(self._store.engine, account, public_id)
        if hook is None or hook.channel or hook.dialect != dialect:
            raise Refusal("not_found")
        return hook

    async def change(self, account: int, public_id: str, change: Change) -> Hook:
        """The webhook as it is afterwards. Refusal not_found, also for a number that the account does not own."""
        _check(1 if change.types is None else change.types, change.numbers or ())
        hook: Hook = await self._store.write(self._book, _Change(account, public_id, change))
        _tell(self.changed if hook.state == "active" else self.ended, hook)
        return hook

    async def rotate(self, account: int, public_id: str, keep: Keep | None = None) -> tuple[Hook, str]:
        """The webhook and its new secret; for 24 hours the one before signs as well. Refusal not_found."""
        secret = self._new_secret()
        wish = _Rotate(account, public_id, secret, self._seal(secret), self._real_now())
        rotated: tuple[Hook, str] = await once.write(self._store, self._book, wish, keep)
        _tell(self.changed, rotated[0])
        return rotated

    async def delete(self, account: int, public_id: str) -> None:
        """Ends a webhook. Refusal not_found."""
        _tell(self.ended, await self._store.write(self._book, _Delete(account, public_id)))


def _check(types: int, numbers: tuple[str, ...]) -> None:
    if not types or len(numbers) > MOST_NUMBERS:
        raise Refusal("invalid_field", field="numbers" if types else "types")


def _joined(numbers: tuple[str, ...]) -> str:
    return " ".join(dict.fromkeys(numbers))


def _tell(observers: list[Observer], hook: Hook) -> None:
    for observe in observers:
        observe([hook.id])


async def _create(unit: Unit, wish: _Create) -> tuple[Hook, str]:
    await _must_own(unit, wish.hook.account, wish.numbers)
    await make_room(unit, wish.hook.account)
    await hooks.insert(unit, wish.hook)
    return wish.hook, wish.secret


async def _must_own(unit: Unit, account: int, wanted: tuple[str, ...]) -> None:
    owners = await numbers.owners(unit, wanted)
    if any(owners.get(number, (0, 0))[0] != account for number in wanted):
        raise Refusal("not_found", "The account does not own this number.", "numbers")


async def make_room(unit: Unit, account: int) -> None:
    """Raises Refusal too_many_hooks when an account may have no more hooks or subscriptions."""
    if await hooks.count(unit, account) >= MOST_HOOKS:
        raise Refusal("too_many_hooks")


async def own(unit: Unit, account: int, public_id: str) -> Hook:
    """A webhook inside a transaction; a vendor's subscription is none. Refusal not_found."""
    hook = await hooks.find(unit, account, public_id)
    if hook is None or hook.channel:
        raise Refusal("not_found")
    return hook


async def _change(unit: Unit, wish: _Change) -> Hook:
    hook, change = await own(unit, wish.account, wish.public_id), wish.change
    if change.numbers is not None:
        await _must_own(unit, wish.account, change.numbers)
    wanted: dict[str, Any] = {"url": change.url, "types": change.types}
    wanted["number"] = None if change.numbers is None else _joined(change.numbers)
    if change.active is not None:
        wanted["state"] = "active" if change.active else "disabled"
    if change.active and hook.state != "active":
        wanted["failing_since"] = 0  # it begins with a clean record
    changed = replace(hook, **{name: value for name, value in wanted.items() if value is not None})
    if changed != hook:
        await hooks.change(unit, changed)
    return changed


async def _rotate(unit: Unit, wish: _Rotate) -> tuple[Hook, str]:
    hook = await own(unit, wish.account, wish.public_id)
    rotated = replace(
        hook, secret=wish.sealed, old_secret=hook.secret, old_until=wish.now + OVERLAP if hook.secret else 0
    )
    await hooks.change(unit, rotated)
    return rotated, wish.secret


async def _delete(unit: Unit, wish: _Delete) -> Hook:
    hook = await own(unit, wish.account, wish.public_id)
    await hooks.delete(unit, [hook.id])
    return hook
