"""The account, its people and its keys as the server tells them."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from .base import Value


class AccountSettings(Value, frozen=True, kw_only=True):
    """What holds for the account's own messages; everything behind `on_ambiguous` is about Vonage's API."""

    country: str
    on_ambiguous: str
    inbound_url: str = ""
    receipt_url: str = ""
    callback_method: str = "GET"
    callback_signature: str = "sha256"
    request_signature: str = "any"
    sms_api: str = "sms"
    throughput: int = 0
    simulated_status: str = ""
    intermediate_receipts: bool = False
    conversions: bool = True


class Caller(Value, frozen=True, kw_only=True):
    """Who is calling."""

    principal: str
    kind: str
    scopes: tuple[str, ...]


class AccountEntry(Value, frozen=True, kw_only=True):
    """An account as the operator sees it."""

    id: str
    name: str
    state: str
    trial: bool
    balance: Decimal
    currency: str
    created_at: datetime


class Account(AccountEntry, frozen=True, kw_only=True):
    """One's own account."""

    settings: AccountSettings
    caller: Caller


class Vonage(Value, frozen=True, kw_only=True):
    """What Vonage's clients call with in the account's name: since when each secret is good, none is shown."""

    api_key: str | None
    api_secrets: tuple[datetime, ...]
    signature_since: datetime | None


class NewVonage(Vonage, frozen=True, kw_only=True):
    """The same with the secrets that were made now, shown this once."""

    api_secret: str | None
    signature_secret: str | None

    def __repr__(self) -> str:
        return f"NewVonage(api_key={self.api_key!r})"  # never a secret


class ApiKey(Value, frozen=True, kw_only=True):
    """What Vonage's clients call with in the name of an account that was opened, shown this once."""

    api_key: str
    api_secret: str
    signature_secret: str

    def __repr__(self) -> str:
        return f"ApiKey(api_key={self.api_key!r})"  # never a secret


class NewAccount(AccountEntry, frozen=True, kw_only=True):
    """An account that was opened, with its first key and what Vonage's clients call with, shown this once."""

    key_id: str
    key: str
    vonage: ApiKey

    def __repr__(self) -> str:
        return f"NewAccount(id={self.id!r}, name={self.name!r})"  # never the key


class User(Value, frozen=True, kw_only=True):
    """A person."""

    id: str
    email: str
    name: str
    scopes: tuple[str, ...]
    default_number: str | None
    kandy_client_id: str | None
    created_at: datetime


class NewUser(User, frozen=True, kw_only=True):
    """A person who was added, with the password if one was made, shown this once."""

    password: str | None

    def __repr__(self) -> str:
        return f"NewUser(id={self.id!r}, email={self.email!r})"  # never the password


class Project(Value, frozen=True, kw_only=True):
    """Software that logs in at a vendor's API."""

    id: str
    name: str
    default_number: str | None
    client_id: str | None
    created_at: datetime


class NewProject(Project, frozen=True, kw_only=True):
    """A project with its secret if there is a new one, shown this once."""

    client_secret: str | None

    def __repr__(self) -> str:
        return f"NewProject(id={self.id!r}, name={self.name!r})"  # never the secret


class Key(Value, frozen=True, kw_only=True):
    """A key without what opens."""

    id: str
    name: str
    scopes: tuple[str, ...]
    default_number: str | None
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


class NewKey(Key, frozen=True, kw_only=True):
    """A key that was made, shown this once."""

    key: str

    def __repr__(self) -> str:
        return f"NewKey(id={self.id!r}, name={self.name!r})"  # never the key


class Token(Value, frozen=True, kw_only=True):
    """A personal access token of a user, without what opens."""

    id: str
    user: str
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime


class NewToken(Token, frozen=True, kw_only=True):
    """A token that was made, shown this once."""

    token: str

    def __repr__(self) -> str:
        return f"NewToken(id={self.id!r}, name={self.name!r})"  # never the token
