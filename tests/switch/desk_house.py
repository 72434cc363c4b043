"""Two accounts with numbers and the verbs over them, for the tests of numbers and readers."""

from typing import Any

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, ask, do, settle
from textwire.clock import ManualClock
from textwire.domain.account import Principal
from textwire.domain.event import Event
from textwire.domain.ids import Ids
from textwire.simnet.inventory import Inventory
from textwire.store import accounts
from textwire.store.store import Store
from textwire.switch.numbers import Numbers
from textwire.switch.readers import Readers
from textwire.switch.webhooks import Webhooks

NUMBER, SECOND_NUMBER, FOREIGN_NUMBER = "+16139998877", "+447700900001", "+4915799912345"
PROJECT = 71  # a second principal of the account
OTHER, STRANGER = 8, 80  # another account and its user


def _seal(plain: str) -> str:
    return f"sealed:{plain}"


class Verbs:
    """The account's user has the first number as its default; the second is nobody's yet."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.secret = store, ManualClock(NOW), "whsec_x"
        ids = Ids(3)
        self.numbers = Numbers(store, ids, self.clock, lambda: NOW, Inventory(7))
        self.readers = Readers(store, ids, self.clock, lambda: NOW, seal=_seal)
        self.webhooks = Webhooks(
            store, ids, self.clock, lambda: NOW, seal=_seal, new_secret=lambda: self.secret
        )
        self.heard: list[Event] = []
        store.committer.observers.append(self.heard.extend)

    async def settle(self) -> None:
        await settle(self.store, account=OTHER)
        project = Principal(PROJECT, ACCOUNT, "project", "project-7", "", "Project")
        await do(self.store, accounts.insert_principal, project, NOW)
        await self.numbers.add(ACCOUNT, NUMBER)
        await self.numbers.add(ACCOUNT, SECOND_NUMBER)
        await self.numbers.add(OTHER, FOREIGN_NUMBER)
        await self.numbers.assign(ACCOUNT, NUMBER, PRINCIPAL, default=True)
        self.heard.clear()

    async def channel(self, principal: int = PRINCIPAL, **named: Any) -> str:
        """The public identifier of a new channel."""
        account = OTHER if principal == STRANGER else ACCOUNT
        given = {"kind": "webhook", "url": "https://customer.test/hook", **named}
        return (await self.readers.create_channel(account, principal, **given)).public_id

    async def subscribe(
        self, channel: str, number: str = "", principal: int = PRINCIPAL, **named: Any
    ) -> Any:
        """A subscription: its hook, with the channel's public identifier."""
        account = OTHER if principal == STRANGER else ACCOUNT
        given = {"dialect": "kandy", "types": 256, **named}
        return await self.readers.subscribe(account, principal, channel=channel, number=number, **given)

    async def hooks(self) -> list[tuple[Any, ...]]:
        """(public_id, state) of all hooks."""
        return await ask(self.store, "select public_id, state from hook order by id")

    async def version(self) -> int:
        [(value,)] = await ask(self.store, "select value from counter where name = 'hook'")
        return int(value)
