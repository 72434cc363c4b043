"""Members of bodies as the vendor's decoder reads them (numbers are text, "true" is true), and parameters of lists."""

from typing import Any, Final, TypeVar

from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal
from textwire.web.request import Request

T = TypeVar("T")

MOST_DIGITS: Final = 18


def filled(value: Any, field: str) -> str:
    """A member that has to say something."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Refusal("invalid_field", f"{field} has to be text.", field)
    if not value.strip():
        raise Refusal("missing_field", f"{field} is empty.", field)
    return value


def truth(value: Any, field: str) -> bool:
    """A member that is true or false; the vendor's library writes it as text."""
    if value in ("true", "false"):
        return bool(value == "true")
    if not isinstance(value, bool):
        raise Refusal("invalid_field", f"{field} has to be true or false.", field)
    return value


def page(request: Request, items: list[T], usual: int, most: int) -> list[T]:
    """The part of a list that `offset` and `limit` ask for."""
    offset = whole(request, "offset", 0, MAX_INT)
    return items[offset : offset + whole(request, "limit", usual, most)]


def whole(request: Request, name: str, usual: int, most: int) -> int:
    """A parameter that is a whole number from 0 on; `usual` when it is left out."""
    given = request.query.get(name)
    if given is None:
        return usual
    if not (given.isascii() and given.isdigit() and len(given) <= MOST_DIGITS and int(given) <= most):
        raise Refusal("invalid_field", f"{name} has to be a number from 0 to {most}.", name)
    return int(given)
