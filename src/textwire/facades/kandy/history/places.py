"""Whose threads: the numbers of a caller, and what paths say for a number and a remote."""

from typing import Final

from textwire.domain.account import Caller
from textwire.domain.address import BadAddress, parse_recipient
from textwire.domain.refusal import Refusal
from textwire.store import numbers
from textwire.store.threads import Thread
from textwire.switch.desk import Desk
from textwire.switch.draft import DEFAULT_SENDER
from textwire.web.request import Request

MOST_NUMBERS: Final = 1_000  # of one user


class Places:
    """`country` completes national numbers, as everywhere in the house."""

    def __init__(self, desk: Desk, country: str) -> None:
        self._desk, self._engine, self._country = desk, desk.store.engine, country

    async def numbers(self, caller: Caller) -> list[str]:
        """The numbers assigned to a caller, those it may only read from among them."""
        return await numbers.of_principal(self._engine, caller.principal, MOST_NUMBERS)

    async def named(self, request: Request, caller: Caller) -> tuple[str, str]:
        """(number, remote) of a path. Refusal not_found for a number that is not the caller's."""
        number = await self._local(request.params["local"], caller)
        return number, await self.remote(request.params["remote"], caller)

    async def thread(self, request: Request, caller: Caller) -> Thread:
        """The thread of a path. Refusal not_found: nobody has written, or it is somebody else's."""
        number, remote = await self.named(request, caller)
        found = await self._desk.histories.one(caller.account, caller.principal, number, remote)
        if found is None:
            raise Refusal("not_found")
        return found

    async def remote(self, raw: str, caller: Caller) -> str:
        """The other side. What is no number may be a sender's name, or the page's own word, of whom there is nothing."""
        return await self._number(raw, caller) or raw

    async def _local(self, raw: str, caller: Caller) -> str:
        if raw == caller.public_id or raw.lower() == DEFAULT_SENDER:
            number = await numbers.default(self._engine, caller.principal)
        else:
            number = await self._number(raw, caller)
            if number and not await numbers.is_assigned(self._engine, caller.principal, number):
                number = ""
        if not number:
            raise Refusal("not_found")
        return number

    async def _number(self, raw: str, caller: Caller) -> str:
        """A number in any of its forms as it is kept; "" for anything else."""
        settings = await self._desk.people.settings.of(caller.account)
        try:
            return parse_recipient(raw, settings.country or self._country).value
        except BadAddress:
            return ""
