"""Who is calling and who pays: accounts, principals and credentials."""

from typing import Final, Literal

import msgspec

PrincipalKind = Literal["user", "project", "application", "key", "esme", "system"]

Scope = Literal["read", "send", "manage", "operator"]
"""What a credential allows: to look, to send and answer, to change what the account has, to run the server."""

SCOPES: Final[tuple[Scope, ...]] = ("read", "send", "manage", "operator")


class Account(msgspec.Struct, frozen=True):
    """Who owns and pays. `balance` is in 10⁻⁸ EUR."""

    id: int
    name: str
    balance: int
    trial: int
    state: Literal["active", "suspended"]
    created_at: int


class Principal(msgspec.Struct, frozen=True):
    """The user, project, application, key or ESME that is calling; `public_id` is [A-Za-z0-9-]+ and unique."""

    id: int
    account: int
    kind: PrincipalKind
    public_id: str
    email: str
    name: str


class Caller(msgspec.Struct, frozen=True):
    """A principal that has proved itself, with what its credential allows."""

    account: int
    principal: int
    kind: PrincipalKind
    public_id: str
    scopes: frozenset[str] = frozenset()
