"""The write of these verbs: one wish after the other, each with its entries in the audit."""

from collections.abc import Callable
from typing import Any

import msgspec

from textwire.domain.account import Caller
from textwire.domain.ids import Ids
from textwire.domain.refusal import Refusal
from textwire.store.audit import Chain, Deed
from textwire.store.committer import Unit

from . import api_keys, applications, clients, owners, principals, secrets, tokens
from .api_keys import Equip
from .applications import Alter, Register, Retire
from .clients import Amend, Enter, Expel
from .secrets import Another, Revoke
from .tokens import Give, Take
from .wishes import Add, Adjust, Change, Found, Remove, Settle


class Sheet:
    """What a step works with: the transaction, identifiers, and a pen for the audit."""

    def __init__(self, unit: Unit, ids: Ids, now: int) -> None:
        self.unit, self.now = unit, now
        self._ids = ids
        self.deeds: list[Deed] = []

    def id(self) -> int:
        """A new identifier."""
        return self._ids.take(self.now)

    def note(self, by: Caller, account: int, action: str, subject: str, **data: Any) -> None:
        """What was done, for the audit: `data` never holds a secret, nor what hashes to one."""
        told = msgspec.json.encode(data).decode()
        self.deeds.append(Deed(account, self.now, by.public_id, action, subject, told))


class Book:
    """The write."""

    def __init__(self, ids: Ids, real_now: Callable[[], int], chain: Chain) -> None:
        self._ids, self._real_now, self._chain = ids, real_now, chain
        self._steps: dict[type, Callable[[Any, Any], Any]] = {
            Add: principals.add, Change: principals.change, Remove: principals.remove,
            Settle: owners.settle, Found: owners.found, Adjust: owners.adjust,
            Register: applications.register, Alter: applications.alter, Retire: applications.retire,
            Another: secrets.another, Revoke: secrets.revoke,
            Enter: clients.enter, Amend: clients.amend, Expel: clients.expel,
            Equip: api_keys.equip, Give: tokens.give, Take: tokens.take,
        }  # fmt: skip

    async def run(self, unit: Unit, items: list[Any]) -> list[Any]:
        sheet = Sheet(unit, self._ids, self._real_now())
        outcomes: list[Any] = []
        for item in items:
            try:
                outcomes.append(await self._steps[type(item)](sheet, item))
            except Refusal as refusal:  # raised before the step has written anything
                outcomes.append(refusal)
        await self._chain.append(unit, sheet.deeds)
        return outcomes
