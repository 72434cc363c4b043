"""What may be wished of the people of an account: values only, each with who wishes it."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from textwire.domain.account import Account, Caller, NewApiKey, NewCredential, PrincipalKind


class Add(msgspec.Struct, frozen=True, kw_only=True):
    """A new principal with its credentials. `number` is to be its default number, "": none."""

    by: Caller
    account: int
    kind: PrincipalKind
    public_id: str
    name: str
    credentials: tuple[NewCredential, ...]
    email: str = ""
    number: str = ""
    now: int


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """Something else of a principal; what is unset stays. `password` is its hash, `number` None: no default any more."""

    by: Caller
    kind: PrincipalKind
    public_id: str
    name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    password: str | UnsetType = UNSET
    secret: NewCredential | UnsetType = UNSET
    scopes: frozenset[str] | UnsetType = UNSET
    number: str | UnsetType | None = UNSET
    now: int


class Remove(msgspec.Struct, frozen=True, kw_only=True):
    """A principal is to be nobody any more."""

    by: Caller
    kind: PrincipalKind
    public_id: str
    now: int


class Settle(msgspec.Struct, frozen=True, kw_only=True):
    """Settings of the caller's account: setting → value, None: its default."""

    by: Caller
    changes: dict[str, Any]


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A new account with a first key, an api_key and a balance (10⁻⁸ EUR)."""

    by: Caller
    name: str
    trial: bool
    balance: int
    public_id: str
    key: NewCredential
    api_key: NewApiKey
    now: int


class Adjust(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator may do to an account: let it be or suspend it, put it on trial, top it up (10⁻⁸ EUR)."""

    by: Caller
    account: int
    state: str | UnsetType = UNSET
    trial: bool | UnsetType = UNSET
    topup: int = 0
    now: int


class Made(msgspec.Struct, frozen=True):
    """A new account, and the public identifier of its first key."""

    account: Account
    key: str
