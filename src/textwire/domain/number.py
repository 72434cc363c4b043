"""Number: a DID that an account owns, and its assignment to principals."""

import msgspec


class Number(msgspec.Struct, frozen=True):
    """One owned number in E.164; `created_at` in µs UTC."""

    number: str
    account: int
    country: str
    created_at: int


class Assignment(msgspec.Struct, frozen=True):
    """That a principal may use a number; at most one of a principal's is its default."""

    number: str
    principal: int
    is_default: int
