"""Senders: a number that an account may send from because it proved, by a texted code, that it holds it."""

from collections.abc import Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from textwire.domain.refusal import Refusal
from textwire.store import codes, numbers, senders
from textwire.store.codes import Code
from textwire.store.committer import Unit
from textwire.store.senders import Sender
from textwire.store.store import Store
from textwire.switch.once import Keep
from textwire.switch.proving import Proof

from .codes import Codes, Started
from .limits import DAY

PURPOSE: Final = "sender"
MOST_SENDERS: Final = 100  # of an account


class _Remove(msgspec.Struct, frozen=True):
    account: int
    number: str
    real: int


class Senders:
    """A Proving."""

    def __init__(self, store: Store, codes: Codes, real_now: Callable[[], int]) -> None:
        self._store, self._codes, self._real_now = store, codes, real_now
        self._removing = _Removing()

    async def start(self, account: int, principal: int, number: str, keep: Keep | None = None) -> Proof:
        async def judge(unit: Unit) -> None:
            await _must_be_nobodys(unit, number)
            held = await senders.held(unit, account, MOST_SENDERS)
            if number in held:
                raise Refusal("sender_verified", field="number")
            if len(held) >= MOST_SENDERS:
                raise Refusal("too_many_senders", f"An account has at most {MOST_SENDERS} senders.")

        if keep is not None:
            word = keep.word
            keep = replace(keep, word=lambda started: word(_pending(_code(started))))
        return _pending(await self._codes.send(account, principal, PURPOSE, number, judge=judge, keep=keep))

    async def finish(self, account: int, principal: int, number: str, code: str) -> Proof:
        now = self._real_now()

        async def then(unit: Unit) -> None:
            await _must_be_nobodys(unit, number)
            await senders.proved(unit, Sender(account, number, principal, now))

        await self._codes.check(account, PURPOSE, number, code, then)
        return Proof(number, "verified", now)

    async def list(self, account: int) -> list[Proof]:
        now = self._real_now()
        proved = await senders.of_account(self._store.engine, account, MOST_SENDERS)
        asked = await codes.asked_for(self._store.engine, account, now - DAY, MOST_SENDERS)
        return [Proof(one.address, "verified", one.verified_at) for one in proved] + [
            _pending(code) for code in asked if _waits(code, now)
        ]

    async def remove(self, account: int, number: str) -> None:
        await self._store.write(self._removing, _Remove(account, number, self._real_now()))


class _Removing:
    """The write that ends a sender, or the wait for its code."""

    async def run(self, unit: Unit, items: list[_Remove]) -> list[Refusal | None]:
        return [await self._remove(unit, one) for one in items]

    async def _remove(self, unit: Unit, wish: _Remove) -> Refusal | None:
        was_proved = await senders.remove(unit, wish.account, wish.number)
        code = await codes.latest(unit, wish.account, PURPOSE, wish.number)
        if code is not None and _waits(code, wish.real):
            await codes.tried(unit, code.id, "replaced", code.tries)
            return None
        return None if was_proved else Refusal("not_found")


async def _must_be_nobodys(unit: Unit, number: str) -> None:
    """What an account here owns is no other's, and its owner needs no proof."""
    if await numbers.owners(unit, [number]):
        raise Refusal("number_taken", field="number")


def _waits(code: Code, now: int) -> bool:
    return code.purpose == PURPOSE and code.state == "live" and code.expires_at > now


def _code(started: Started) -> Code:
    return started.code


def _pending(code: Code) -> Proof:
    return Proof(code.number, "pending", code.sent_at, code.expires_at)
