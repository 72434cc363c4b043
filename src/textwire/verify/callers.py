"""Caller ids of extensions: mobile numbers that a user proves to hold by a texted code.

Whoever proves one has proved it for the account: it is one of its senders from then on (`senders`). When that ends,
or somebody else comes to own the number, it is no verified caller id any more either.
"""

from collections.abc import Callable

import msgspec
from msgspec.structs import replace

from textwire.domain.address import may_be_mobile
from textwire.domain.message import EXTENSION_NAME
from textwire.domain.refusal import Refusal
from textwire.store import extensions, numbers, senders
from textwire.store.committer import Unit
from textwire.store.extensions import CallerId, Extension
from textwire.store.senders import Sender
from textwire.store.store import Store
from textwire.switch.extensions import MOST_CALLERS

from .codes import Codes
from .senders import MOST_SENDERS


class _Keep(msgspec.Struct, frozen=True):
    """This number is a caller id of the extension; `real` 0: it waits for its code."""

    extension: Extension
    number: str
    real: int = 0


class Callers:
    """A Calling."""

    def __init__(self, store: Store, codes: Codes, real_now: Callable[[], int]) -> None:
        self._store, self._codes, self._real_now = store, codes, real_now
        self._keeping = _Keeping()

    async def add(self, extension: Extension, number: str) -> None:
        if not may_be_mobile(number):
            raise Refusal("invalid_address", "Only mobile numbers can be caller ids.", "number")
        if await numbers.one(self._store.engine, extension.account, number) is not None:
            await self._store.write(self._keeping, _Keep(extension, number, self._real_now()))
            return

        async def judge(unit: Unit) -> None:
            await _may_add(unit, extension, number)

        await self._codes.send(
            extension.account,
            extension.principal,
            _purpose(extension),
            number,
            judge=judge,
            sender=EXTENSION_NAME,
        )
        await self._store.write(self._keeping, _Keep(extension, number))

    async def verify(self, extension: Extension, caller: int, code: str) -> None:
        callers = await extensions.callers(self._store.engine, extension, MOST_CALLERS)
        found = next((one for one in callers if one.number == caller), None)
        if found is None:
            raise Refusal("not_found")
        now = self._real_now()

        async def then(unit: Unit) -> None:
            await _must_not_be_anothers(unit, extension, found.address)
            await extensions.verified(unit, found, now)
            await senders.proved(unit, Sender(found.account, found.address, extension.principal, now))

        await self._codes.check(extension.account, _purpose(extension), found.address, code, then)


class _Keeping:
    """The write that keeps a caller id."""

    async def run(self, unit: Unit, items: list[_Keep]) -> list[Refusal | None]:
        outcomes: list[Refusal | None] = []
        for item in items:
            try:
                await self._keep(unit, item)
                outcomes.append(None)
            except Refusal as refusal:  # raised before anything is written
                outcomes.append(refusal)
        return outcomes

    async def _keep(self, unit: Unit, wish: _Keep) -> None:
        extension, callers = await _may_add(unit, wish.extension, wish.number)
        found = next((one for one in callers if one.address == wish.number), None)
        if found is None:
            new = extension.callers + 1
            found = CallerId(extension.account, extension.number, new, wish.number)
            await extensions.add_caller(unit, found)
            await extensions.change(unit, replace(extension, callers=new))
        if wish.real:
            await extensions.verified(unit, found, wish.real)


async def _may_add(unit: Unit, extension: Extension, number: str) -> tuple[Extension, list[CallerId]]:
    """The extension as it stands, locked, with its caller ids."""
    now = await extensions.locked(unit, extension.account, extension.number)
    if now is None or now.principal != extension.principal:
        raise Refusal("not_found")
    await _must_not_be_anothers(unit, extension, number)
    callers = await extensions.held(unit, extension, MOST_CALLERS)
    if any(one.address == number and one.verified_at for one in callers):
        raise Refusal("sender_verified", field="number")
    known = any(one.address == number for one in callers)
    held = await senders.held(unit, extension.account, MOST_SENDERS)
    if (not known and len(callers) >= MOST_CALLERS) or (number not in held and len(held) >= MOST_SENDERS):
        raise Refusal("too_many_senders", field="number")
    return now, callers


async def _must_not_be_anothers(unit: Unit, extension: Extension, number: str) -> None:
    owner = (await numbers.owners(unit, [number])).get(number, (extension.account, 0))[0]
    if owner != extension.account:
        raise Refusal("number_taken", field="number")


def _purpose(extension: Extension) -> str:
    """A code is good for the extension alone that asked for it."""
    return f"caller_id:{extension.number}"
