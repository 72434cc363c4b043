"""The port of whoever lets an account prove that a number it does not own here is its own."""

from typing import Literal, Protocol

import msgspec

from .once import Keep


class Proof(msgspec.Struct, frozen=True):
    """How far a sender is proved; `at` is when it was, or when the code was texted (µs, real clock)."""

    number: str
    state: Literal["pending", "verified"]
    at: int
    expires_at: int = 0  # of the code


class Proving(Protocol):
    """The verbs over senders."""

    async def start(self, account: int, principal: int, number: str, keep: Keep | None = None) -> Proof:
        """Texts a code to a number (E.164); under `keep` the outcome is worded as this Proof.

        Refusal number_taken, sender_verified, too_many_senders, too_many_codes, insufficient_balance.
        """
        ...

    async def finish(self, account: int, principal: int, number: str, code: str) -> Proof:
        """Makes the number a sender of the account. Refusal not_found, code_wrong, number_taken."""
        ...

    async def list(self, account: int) -> list[Proof]:
        """What is proved, and what waits for its code."""
        ...

    async def remove(self, account: int, number: str) -> None:
        """The number is no sender of the account any more. Refusal not_found."""
        ...
