"""What callers write about people, with its bounds, and how it is read."""

import re
from typing import Annotated, Final

from msgspec import UNSET, Meta, UnsetType

from textwire.domain.account import (
    ACCOUNT_NAME_PATTERN,
    EMAIL_PATTERN,
    LONGEST_EMAIL,
    LONGEST_NAME,
    PASSWORD_LENGTHS,
    SCOPES,
    Caller,
    Scope,
)
from textwire.domain.refusal import Refusal
from textwire.facades.api import reading
from textwire.facades.api.reading import Moment
from textwire.facades.api.views import EUR

Name = Annotated[
    str, Meta(min_length=1, max_length=LONGEST_NAME, description="For people to tell it from others.")
]
Email = Annotated[
    str,
    Meta(pattern=EMAIL_PATTERN, max_length=LONGEST_EMAIL, description="One person's on the whole server."),
]
Password = Annotated[
    str,
    Meta(
        min_length=PASSWORD_LENGTHS[0],
        max_length=PASSWORD_LENGTHS[1],
        description="The same for every API that a person logs in to. It is kept as argon2id.",
    ),
]
Scopes = Annotated[
    list[Scope],
    Meta(min_length=1, max_length=len(SCOPES), description="What it may do: none includes another."),
]
DefaultNumber = Annotated[
    str, Meta(max_length=32, description="A number of the account, from which it sends unasked.")
]
AccountName = Annotated[
    str,
    Meta(pattern=ACCOUNT_NAME_PATTERN, description="Up to 15 of a-z and 0-9, single hyphens between them."),
]
Amount = Annotated[
    str, Meta(pattern=r"^[0-9]{1,9}(\.[0-9]{1,8})?\Z", description="EUR, as a decimal number in a string.")
]

_USUAL: Final[frozenset[Scope]] = frozenset(("read", "send", "manage"))
_AMOUNT: Final = re.compile(r"([0-9]+)(?:\.([0-9]+))?")


def scopes(wanted: list[Scope] | None, caller: Caller) -> frozenset[str]:
    """The scopes that are asked for; unasked the usual ones, as far as the caller has them himself."""
    return frozenset(_USUAL & caller.scopes) if wanted is None else frozenset(wanted)


def number(wanted: str | UnsetType | None) -> str | UnsetType | None:
    """A default number as it is kept; unset and none as they are. Raises Refusal."""
    return reading.number(wanted, "default_number") if isinstance(wanted, str) else wanted


def until(wanted: Moment | None, now: int) -> int:
    """µs on the real clock until which something is good, 0: for ever."""
    if wanted is None:
        return 0
    end = reading.instant(wanted, "expires_at")
    if end <= now:
        raise Refusal("invalid_field", "This time is over.", "expires_at")
    return end


def cents(amount: str) -> int:
    """10⁻⁸ EUR of an Amount."""
    match = _AMOUNT.fullmatch(amount)
    assert match is not None, "its pattern was checked"
    return int(match[1]) * EUR + int((match[2] or "").ljust(8, "0"))


def unless_unset(**changes: object) -> dict[str, object]:
    """The changes that are wished; Refusal("missing_field") if there is none."""
    wished = {name: value for name, value in changes.items() if value is not UNSET}
    if not wished:
        raise Refusal("missing_field", "Say what to change.", next(iter(changes)))
    return wished
