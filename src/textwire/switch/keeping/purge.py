"""purge: texts and messages go when their time is over, some hundred in a write, account by account."""

from collections.abc import Sequence
from typing import Final

import msgspec

from textwire.clock import Clock
from textwire.domain.compliance import USUAL_RETENTION, Retention
from textwire.store import auto_answers, keeping, removal, rulings
from textwire.store.committer import Unit
from textwire.store.keeping import Kept, Purged
from textwire.store.store import Store

from .fate import DAY, Fate, again, fate, reaches

MOST: Final = 500  # messages of one write
ACCOUNTS: Final = 50  # of one write

_decode = msgspec.json.Decoder(Retention).decode


class Look(msgspec.Struct, frozen=True):
    """Look at the accounts behind `after`, at `now` (µs, message clock)."""

    after: int
    now: int


class Looked(msgspec.Struct, frozen=True):
    """`after` is where to go on, 0 at the beginning; `touched`: how many were looked at; `more` may be due."""

    after: int
    touched: int
    more: bool


class Purge:
    """The write of a look."""

    async def run(self, unit: Unit, items: list[Look]) -> list[Looked]:
        return [await self._look(unit, item) for item in items]

    async def _look(self, unit: Unit, look: Look) -> Looked:
        touched = 0
        if look.after == 0:
            await auto_answers.purge(unit, look.now - DAY)
            ids, touched = await self._linger(unit, look.now)
            if ids == MOST:
                return Looked(0, touched, True)
        accounts = await keeping.accounts(unit, look.after, ACCOUNTS)
        rules = await _rules(unit, [one.account for one in accounts])
        for one in accounts:
            touched += await self._account(unit, one, rules[one.account], look.now)
            if touched >= MOST:  # this account is looked at again, from where it has come to
                return Looked(one.account - 1, touched, True)
        more = len(accounts) == ACCOUNTS
        return Looked(accounts[-1].account if more else 0, touched, more)

    async def _linger(self, unit: Unit, now: int) -> tuple[int, int]:
        ids, found = await keeping.due(unit, now, MOST)
        if not ids:
            return 0, 0
        owners = sorted({one.account for one in found})
        rules, far = await _rules(unit, owners), await keeping.purged(unit, owners)
        fates = [(one, fate(one, rules[one.account], now)) for one in found]
        touched = await _carry_out(unit, fates)
        await keeping.leave(unit, ids)
        stay = []
        for one, due in fates:
            if due == "keep":
                stay.append((one.id, one.account, again(one, rules[one.account], now)))
            elif due == "redact" and one.id <= far[one.account].messages:  # nobody else will come by again
                stay.append((one.id, one.account, one.at + rules[one.account].messages_days * DAY))
        await keeping.linger(unit, stay)
        return len(ids), touched

    async def _account(self, unit: Unit, one: Purged, rule: Retention, now: int) -> int:
        texts, whole = reaches(rule, now)
        gone, messages = await self._walk(unit, one.account, one.messages, whole, rule, now)
        bare, bodies = await self._walk(unit, one.account, max(one.bodies, messages), texts, rule, now)
        if (bodies, messages) != (one.bodies, one.messages):
            await keeping.move(unit, [Purged(one.account, bodies, messages)])
        events = await keeping.drop_old_opt_events(unit, one.account, whole, MOST)
        return gone + bare + events

    async def _walk(
        self, unit: Unit, account: int, after: int, upto: int, rule: Retention, now: int
    ) -> tuple[int, int]:
        """Goes through messages born by `upto`: how many were looked at, and how far it has come."""
        rows = await keeping.following(unit, account, after, MOST)
        old = _while_old(rows, upto)
        fates = [(one, fate(one, rule, now)) for one in old]
        await _carry_out(unit, fates)
        await keeping.linger(
            unit, [(one.id, one.account, again(one, rule, now)) for one, due in fates if due == "keep"]
        )
        return len(old), old[-1].id if old else after


def _while_old(rows: Sequence[Kept], upto: int) -> list[Kept]:
    """Those before the first that is too young: identifiers and births rise together."""
    young = next((n for n, one in enumerate(rows) if one.created_at > upto), len(rows))
    return list(rows[:young])


async def _carry_out(unit: Unit, fates: Sequence[tuple[Kept, Fate]]) -> int:
    gone = [one for one, due in fates if due == "delete"]
    await removal.remove(unit, [(one.id, one.total) for one in gone])
    await keeping.drop_events(unit, [one.id for one in gone])
    bare = [(one.id, one.total) for one, due in fates if due == "redact"]
    await keeping.redact(unit, bare)
    return len(gone) + len(bare)


async def _rules(unit: Unit, accounts: Sequence[int]) -> dict[int, Retention]:
    settled = await rulings.of(unit, "retention", accounts)
    return {one: _decode(settled[one]) if one in settled else USUAL_RETENTION for one in accounts}


class Purging:
    """The chore: one look per call, all accounts in turn; then nothing of what went stays in the engine's log."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock, self._purge = store, clock, Purge()
        self._after, self._dirty = 0, False

    async def chore(self) -> bool:
        """One look; whether there may be more to do."""
        looked: Looked = await self._store.write(self._purge, Look(self._after, self._clock.now()))
        self._after = looked.after
        self._dirty = self._dirty or looked.touched > 0
        if not looked.more and self._dirty:
            self._dirty = not await self._store.engine.forget()
        return looked.more
