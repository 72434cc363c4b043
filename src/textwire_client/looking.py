"""Plans that look something up and that several resources need: a whole list, one's own default number."""

from __future__ import annotations

from typing import TypeVar

from .calls import following
from .errors import TextwireError
from .pages import Page
from .plans import Plan, asked
from .request import Request, path
from .values import Account, Number

T = TypeVar("T")

DEFAULT = "default"


class NoDefaultNumber(TextwireError):
    """Nobody said which number is meant, and the key has no default number (or more numbers than are looked through)."""


def every(request: Request[Page[T]], enough: int = 10_000) -> Plan[tuple[T, ...]]:
    """All items of a list, or a page more than enough of them."""
    page = yield from asked(request)
    items = list(page.items)
    while page.next is not None and len(items) < enough:
        page = yield from asked(following(request, page.next))
        items += page.items
    return tuple(items)


def plain(written: str) -> str:
    """A number without what tutorials write around it: `tel:+1…` and `sip:+1…@domain` are the same as `+1…`."""
    number = written.strip()
    for scheme in ("tel:", "sip:"):
        if number.lower().startswith(scheme):
            return number[len(scheme) :].partition("@")[0]
    return number


def own_number(written: str | None) -> Plan[str]:
    """The number that is meant, as the server writes it; one's default number for None and `default`."""
    if written is None or written == DEFAULT:
        return (yield from default_number())
    found = yield from asked(
        Request[Number](method="GET", path=path("numbers", plain(written)), answer=Number)
    )
    return found.number


def own_numbers(written: tuple[str | None, ...]) -> Plan[tuple[str, ...]]:
    """Several of them."""
    found: tuple[str, ...] = ()
    for one in written:
        found += ((yield from own_number(one)),)
    return found


def default_number() -> Plan[str]:
    """The number that the caller sends from unasked."""
    account = yield from asked(Request[Account](method="GET", path=path("account"), answer=Account))
    wanted, request = account.caller.principal, Request[Page[Number]](
        method="GET", path=path("numbers"), answer=Page[Number], query={"limit": 100}
    )  # fmt: skip
    for number in (yield from every(request)):
        if any(one.default and one.principal == wanted for one in number.assignments):
            return number.number
    raise NoDefaultNumber("name a number: this key has no default one")
