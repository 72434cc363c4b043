"""The port of whoever lets an extension prove that a number is its user's, so that it may text from it."""

from typing import Protocol

from textwire.store.extensions import Extension


class Calling(Protocol):
    """The verbs that add caller ids; all others are in `extensions`."""

    async def add(self, extension: Extension, number: str) -> None:
        """A caller id that waits for its code, which is texted to the number (E.164); one that the account owns
        needs none. Asked again, another code is texted.

        Refusal invalid_address for what is no mobile number, number_taken, sender_verified, too_many_senders,
        too_many_codes, insufficient_balance.
        """
        ...

    async def verify(self, extension: Extension, caller: int, code: str) -> None:
        """The caller id may be chosen from now on. Refusal not_found, code_wrong, number_taken."""
        ...
