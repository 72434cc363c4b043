"""The verbs of the people of an account, for whoever stands at a door."""

import uuid
from collections.abc import Callable
from typing import Any

from textwire.clock import Clock
from textwire.domain.account import Account, Caller, NewApiKey, NewCredential, PrincipalKind, Settings
from textwire.domain.ids import Ids
from textwire.store.audit import Chain, Verdict
from textwire.store.people import Person
from textwire.store.store import Store
from textwire.switch.once import Keep, write

from .api_keys import ApiKeys
from .applications import Applications
from .book import Book
from .clients import Clients
from .secrets import Secrets
from .settings import SettingsCache
from .tokens import Tokens
from .wishes import Add, Adjust, Change, Found, Made, Remove, Settle


class People:
    """The verbs. `observers` are called after every commit that took something from a credential, or a credential.

    Secrets are made and hashed by the caller; nobody gives, or gets hold of, more scopes than he has himself.
    """

    def __init__(
        self, store: Store, ids: Ids, clock: Clock, real_now: Callable[[], int], chain: Chain
    ) -> None:
        self._store, self._clock, self._chain = store, clock, chain
        self._book = Book(ids, real_now, chain)
        self.settings = SettingsCache(store, real_now)
        self.observers: list[Callable[[], None]] = []
        self.applications = Applications(store, self._book, clock, self._tell)
        self.secrets = Secrets(store, self._book, self._tell)
        self.clients = Clients(store, self._book, self._tell)
        self.api_keys = ApiKeys(store, self._book, self._tell)
        self.tokens = Tokens(store, self._book, self._tell)

    async def add(
        self, by: Caller, kind: PrincipalKind, name: str, credentials: tuple[NewCredential, ...], *,
        email: str = "", number: str = "", keep: Keep | None = None,
    ) -> Person:  # fmt: skip
        """A new user, project or key of the caller's account; its principal's `number` is its default.

        Refusal email_taken, too_many_people, scope_missing ("scopes"), invalid_field ("default_number").
        """
        wish = Add(
            by=by, account=by.account, kind=kind, public_id=str(uuid.uuid4()), name=name, email=email,
            credentials=credentials, number=number, now=self._clock.now(),
        )  # fmt: skip
        made: Person = await write(self._store, self._book, wish, keep)
        return made

    async def change(self, by: Caller, kind: PrincipalKind, public_id: str, **changes: Any) -> Person:
        """Changes name, email, password (a hash), secret (a credential), scopes or number; see `wishes.Change`.

        Refusal not_found, email_taken, scope_missing, invalid_field.
        """
        wish = Change(by=by, kind=kind, public_id=public_id, now=self._clock.now(), **changes)
        changed: Person = await self._store.write(self._book, wish)
        self._tell()
        return changed

    async def remove(self, by: Caller, kind: PrincipalKind, public_id: str) -> None:
        """Takes a principal away with all that proves it. Refusal not_found, scope_missing."""
        await self._store.write(
            self._book, Remove(by=by, kind=kind, public_id=public_id, now=self._clock.now())
        )
        self._tell()

    async def settle(self, by: Caller, changes: dict[str, Any]) -> Settings:
        """Sets something of the caller's account; None: the default. Refusal invalid_field."""
        settled: Settings = await self._store.write(self._book, Settle(by=by, changes=changes))
        return self.settings.put(by.account, settled)

    async def found(
        self,
        by: Caller,
        name: str,
        key: NewCredential,
        api_key: NewApiKey,
        *,
        trial: bool,
        balance: int,
        keep: Keep | None = None,
    ) -> Made:
        """A new account with a first key and an api_key. Refusal name_taken."""
        wish = Found(
            by=by, name=name, trial=trial, balance=balance, public_id=str(uuid.uuid4()), key=key,
            api_key=api_key, now=self._clock.now(),
        )  # fmt: skip
        made: Made = await write(self._store, self._book, wish, keep)
        return made

    async def adjust(self, by: Caller, account: int, **changes: Any) -> Account:
        """Changes state or trial, or tops up; see `wishes.Adjust`. Refusal not_found, invalid_field."""
        wish = Adjust(by=by, account=account, now=self._clock.now(), **changes)
        adjusted: Account = await self._store.write(self._book, wish)
        return adjusted

    async def check_audit(self, account: int) -> Verdict:
        """Whether an account's audit is as it was written."""
        return await self._chain.check(self._store.engine, account)

    def _tell(self) -> None:
        for observe in self.observers:
            observe()
