"""What accounts settle about keywords, the night, keeping and calls."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec

from textwire.clock import Clock
from textwire.domain.compliance import USUAL_RETENTION, Keywords, QuietHours, Retention
from textwire.domain.refusal import Refusal
from textwire.domain.telephony import NO_CALL_HOOKS, CallHooks
from textwire.store import rulings
from textwire.store.audit import Chain, Deed
from textwire.store.committer import Unit
from textwire.store.rulings import Subject
from textwire.store.store import Store

from .consent import wishes
from .quiet import hours
from .quiet.nights import Nights

T = TypeVar("T")

SYSTEM: Final = "system"

_encode: Final = msgspec.json.Encoder().encode


class _Settled(msgspec.Struct, frozen=True):
    subject: Subject
    account: int
    value: str  # "": the usual again
    at: int
    by: str  # who settles it, as the audit names people


class _Settle:
    """The write, with its entry in the audit."""

    def __init__(self, chain: Chain, real_now: Callable[[], int]) -> None:
        self._chain, self._real_now = chain, real_now

    async def run(self, unit: Unit, items: list[_Settled]) -> list[None]:
        for item in items:
            if item.value:
                await rulings.settle(unit, item.subject, item.account, item.value, item.at)
            else:
                await rulings.unsettle(unit, item.subject, item.account)
        at = self._real_now()
        await self._chain.append(
            unit,
            [Deed(i.account, at, i.by, f"{i.subject}.changed", i.subject, i.value or "{}") for i in items],
        )
        return [None for _ in items]


class Rulings:
    """The verbs. What was never settled is the usual; `by` is the public identifier of who settles."""

    def __init__(
        self, store: Store, clock: Clock, nights: Nights, chain: Chain, real_now: Callable[[], int]
    ) -> None:
        self._store, self._clock, self._nights = store, clock, nights
        self._settle = _Settle(chain, real_now)

    async def keywords(self, account: int) -> Keywords:
        """An account's own words and answers."""
        return await self._read("keywords", account, Keywords) or Keywords()

    async def set_keywords(self, account: int, own: Keywords, by: str = SYSTEM) -> None:
        """Replaces them. Refusal invalid_field for words that mean something else already."""
        wishes.check(own)
        await self._keep("keywords", account, own, by)

    async def quiet_hours(self, account: int) -> QuietHours | None:
        """When an account's people are not texted."""
        return await self._read("quiet_hours", account, QuietHours)

    async def set_quiet_hours(self, account: int, wanted: QuietHours | None, by: str = SYSTEM) -> None:
        """Replaces or ends them. Refusal invalid_field for a night that is too long."""
        if wanted is not None:
            hours.night(wanted)
        await self._keep("quiet_hours", account, wanted, by)
        await self._nights.refresh(self._store.engine)

    async def chore(self) -> bool:
        """Learns of quiet hours that were settled on another node."""
        await self._nights.refresh(self._store.engine)
        return False

    async def retention(self, account: int) -> Retention:
        """How long an account's texts and messages are kept."""
        return await self._read("retention", account, Retention) or USUAL_RETENTION

    async def set_retention(self, account: int, wanted: Retention, by: str = SYSTEM) -> None:
        """Replaces it. Refusal invalid_field if texts were to outlive their messages."""
        if wanted.bodies_days > wanted.messages_days:
            raise Refusal("invalid_field", "A text does not outlive its message.", "bodies_days")
        await self._keep("retention", account, wanted, by)

    async def call_hooks(self, account: int) -> CallHooks:
        """Where an account would hear of calls."""
        return await self._read("call_hooks", account, CallHooks) or NO_CALL_HOOKS

    async def set_call_hooks(self, account: int, wanted: CallHooks, by: str = SYSTEM) -> None:
        """Replaces it. Whoever words a wire has judged the addresses before."""
        await self._keep("call_hooks", account, wanted, by)

    async def _read(self, subject: Subject, account: int, type: type[T]) -> T | None:
        value = await rulings.one(self._store.engine, subject, account)
        return None if value is None else msgspec.json.decode(value, type=type)

    async def _keep(self, subject: Subject, account: int, value: Any, by: str) -> None:
        text = "" if value is None else _encode(value).decode()
        await self._store.write(self._settle, _Settled(subject, account, text, self._clock.now(), by))
