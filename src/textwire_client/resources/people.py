"""The account, its users, projects and keys, and for the operator all accounts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import UNSET, UnsetType

from textwire_client.calls import Resource, call, listing
from textwire_client.pages import Page
from textwire_client.request import Request, form, path
from textwire_client.values import (
    Account,
    AccountEntry,
    Key,
    NewAccount,
    NewKey,
    NewProject,
    NewUser,
    Project,
    User,
)

D = TypeVar("D")


class OwnAccount(Resource[D]):
    """`client.account`"""

    @call
    def get(self) -> Request[Account]:
        """Balance, settings, and who is calling."""
        return Request(method="GET", path=path("account"), answer=Account)

    @call
    def change(
        self, *, country: str | None = None, on_ambiguous: str | None = None, inbound_url: str | None = None,
        receipt_url: str | None = None, callback_method: str | None = None, callback_signature: str | None = None,
        request_signature: str | None = None, sms_api: str | None = None, throughput: int | None = None,
        simulated_status: str | None = None, intermediate_receipts: bool | None = None,
        conversions: bool | None = None,
    ) -> Request[Account]:  # fmt: skip
        """Set what is named: the settings of an account, which the page of the own API explains."""
        settings = form(
            country=country, on_ambiguous=on_ambiguous, inbound_url=inbound_url, receipt_url=receipt_url,
            callback_method=callback_method, callback_signature=callback_signature,
            request_signature=request_signature, sms_api=sms_api, throughput=throughput,
            simulated_status=simulated_status, intermediate_receipts=intermediate_receipts, conversions=conversions,
        )  # fmt: skip
        body = {"settings": settings}
        return Request(method="PATCH", path=path("account"), answer=Account, body=body, repeatable=True)


class Accounts(Resource[D]):
    """`client.accounts`, for the operator"""

    @call
    def create(
        self, name: str, *, balance: str | None = None, trial: bool | None = None,
        scopes: Sequence[str] | None = None, idempotency_key: str | None = None,
    ) -> Request[NewAccount]:  # fmt: skip
        """Open an account, with a `balance` in EUR as text. Keep its `key`: it is shown this once. Conflict if the name is taken."""
        body = form(name=name, balance=balance, trial=trial, scopes=None if scopes is None else list(scopes))
        return Request(method="POST", path=path("accounts"), answer=NewAccount, body=body, creates=True,
                       idempotency_key=idempotency_key)  # fmt: skip

    @listing
    def list(self, *, limit: int | None = None) -> Request[Page[AccountEntry]]:
        """All accounts, newest first."""
        return Request(method="GET", path=path("accounts"), answer=Page[AccountEntry], query={"limit": limit})

    @call
    def get(self, id: str) -> Request[AccountEntry]:
        """One account."""
        return Request(method="GET", path=path("accounts", id), answer=AccountEntry)

    @call
    def change(
        self, id: str, *, state: str | None = None, trial: bool | None = None, topup: str | None = None
    ) -> Request[AccountEntry]:
        """Set the state or trial, or add `topup` (EUR as text) to the balance; never repeated, as it would be added twice."""
        body = form(state=state, trial=trial, topup=topup)
        return Request(method="PATCH", path=path("accounts", id), answer=AccountEntry, body=body)


class Users(Resource[D]):
    """`client.users`"""

    @call
    def create(
        self, email: str, *, name: str | None = None, password: str | None = None,
        scopes: Sequence[str] | None = None, default_number: str | None = None, idempotency_key: str | None = None,
    ) -> Request[NewUser]:  # fmt: skip
        """Add a person. Without a password one is made, and shown in this answer alone.

        A password has 10 to 1,024 characters. Conflict if the address is somebody's, or the account has 1,000 people.
        """
        body = form(email=email, name=name, password=password, default_number=default_number,
                    scopes=None if scopes is None else list(scopes))  # fmt: skip
        return Request(method="POST", path=path("users"), answer=NewUser, body=body, creates=True,
                       idempotency_key=idempotency_key)  # fmt: skip

    @listing
    def list(self, *, limit: int | None = None) -> Request[Page[User]]:
        """All people of the account."""
        return Request(method="GET", path=path("users"), answer=Page[User], query={"limit": limit})

    @call
    def get(self, id: str) -> Request[User]:
        """One person."""
        return Request(method="GET", path=path("users", id), answer=User)

    @call
    def change(
        self, id: str, *, email: str | None = None, name: str | None = None, password: str | None = None,
        scopes: Sequence[str] | None = None, default_number: str | UnsetType | None = UNSET,
    ) -> Request[User]:  # fmt: skip
        """Change what is named; `default_number=None` leaves the person without one."""
        body = form(
            email=email, name=name, password=password, scopes=None if scopes is None else list(scopes)
        )
        body |= {} if default_number is UNSET else {"default_number": default_number}
        return Request(method="PATCH", path=path("users", id), answer=User, body=body, repeatable=True)

    @call
    def delete(self, id: str) -> Request[None]:
        """Remove a person."""
        return Request(method="DELETE", path=path("users", id))


class Projects(Resource[D]):
    """`client.projects`"""

    @call
    def create(
        self, name: str, *, default_number: str | None = None, idempotency_key: str | None = None
    ) -> Request[NewProject]:
        """Add software that logs in at a vendor's API. Keep its `client_secret`: it is shown this once.

        Conflict if the account has 1,000 projects.
        """
        body = form(name=name, default_number=default_number)
        return Request(method="POST", path=path("projects"), answer=NewProject, body=body, creates=True,
                       idempotency_key=idempotency_key)  # fmt: skip

    @listing
    def list(self, *, limit: int | None = None) -> Request[Page[Project]]:
        """All projects of the account."""
        return Request(method="GET", path=path("projects"), answer=Page[Project], query={"limit": limit})

    @call
    def get(self, id: str) -> Request[Project]:
        """One project."""
        return Request(method="GET", path=path("projects", id), answer=Project)

    @call
    def change(
        self, id: str, *, name: str | None = None, new_secret: bool | None = None,
        default_number: str | UnsetType | None = UNSET,
    ) -> Request[NewProject]:  # fmt: skip
        """Change what is named; `new_secret=True` ends the old secret and shows the new one."""
        body = form(name=name, new_secret=new_secret)
        body |= {} if default_number is UNSET else {"default_number": default_number}
        return Request(method="PATCH", path=path("projects", id), answer=NewProject, body=body)

    @call
    def delete(self, id: str) -> Request[None]:
        """Remove a project."""
        return Request(method="DELETE", path=path("projects", id))


class Keys(Resource[D]):
    """`client.keys`"""

    @call
    def create(
        self, name: str, scopes: Sequence[str], *, expires_at: datetime | None = None,
        default_number: str | None = None, idempotency_key: str | None = None,
    ) -> Request[NewKey]:  # fmt: skip
        """Make a key with scopes of `read`, `send`, `manage` and `operator`. Keep it: it is shown this once.

        Conflict if the account has 1,000 keys.
        """
        body = form(name=name, scopes=list(scopes), expires_at=expires_at, default_number=default_number)
        return Request(method="POST", path=path("keys"), answer=NewKey, body=body, creates=True,
                       idempotency_key=idempotency_key)  # fmt: skip

    @listing
    def list(self, *, limit: int | None = None) -> Request[Page[Key]]:
        """All keys of the account, without what opens."""
        return Request(method="GET", path=path("keys"), answer=Page[Key], query={"limit": limit})

    @call
    def get(self, id: str) -> Request[Key]:
        """One key."""
        return Request(method="GET", path=path("keys", id), answer=Key)

    @call
    def delete(self, id: str) -> Request[None]:
        """Remove a key: it is refused at once."""
        return Request(method="DELETE", path=path("keys", id))
