"""Reads what callers write: JSON bodies, the parameters of a query, instants, spans, identifiers and numbers."""

import re
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, TypeVar

import msgspec

from textwire.domain.address import BadAddress, parse_recipient
from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal
from textwire.web.decode import BadBody, convert
from textwire.web.problem import Problem, Refused
from textwire.web.request import Request

T = TypeVar("T")

Moment = str | int | float  # RFC 3339, or seconds since 1970
Span = str | int | float  # "24h", or seconds

FURTHEST_S: Final = 1e11  # seconds: a number beyond is no time of ours, and would not fit 63 bits of µs
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_AWARE: Final[Any] = Annotated[datetime, msgspec.Meta(tz=True)]
_SPAN: Final = re.compile(r"([0-9]{1,12})(ms|s|m|h|d)")
_UNITS: Final = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_ID: Final = re.compile(r"[1-9][0-9]{0,18}")

_NOT_JSON: Final = Problem(
    status=415,
    code="unsupported_media_type",
    detail="Send the body as JSON, with Content-Type: application/json.",
    headers=(("Accept", "application/json"),),
)


async def body(request: Request) -> bytes:
    """The body of a request that says it is JSON, or says nothing. Raises Refused (413, 415, 408) and Gone.

    A form that a browser posts by itself names another type, so no page elsewhere can speak to us.
    """
    if request.media_type not in ("application/json", ""):
        raise Refused(_NOT_JSON)
    return await request.body()


async def form(request: Request, type: type[T]) -> T:
    """The body as `type`; raises BadBody too."""
    await body(request)
    return await request.json(type)


def query(request: Request, known: Collection[str]) -> Mapping[str, str]:
    """The query's parameters; one that the call does not know is refused, because it would filter nothing."""
    try:
        found = request.query
    except BadBody as error:  # without a field it is a name that cannot be read, or too many of them
        raise Refusal("invalid_field", f"{error.reason}.", error.field) from None
    for name in found:
        if name not in known:
            raise Refusal("unknown_field", "There is no such parameter.", name)
    return found


def parameters(request: Request, type: type[T]) -> T:
    """The query as `type`, a Struct of numbers, booleans, words and texts, named as it encodes its fields.

    Raises Refusal for a parameter that `type` does not have, BadBody for a value that it does not take.
    """
    names = {field.encode_name: field.name for field in msgspec.structs.fields(type)}  # type: ignore[arg-type]
    found = query(request, names)
    read = convert(found, type, strict=False)
    for name in found:
        if getattr(read, names[name]) is None:  # `null` is no word of a query: it would filter nothing
            raise Refusal("invalid_field", "Give a value, or leave the parameter out.", name)
    return read


def instant(value: Moment, field: str) -> int:
    """µs UTC of an RFC 3339 time with its zone, or of seconds since 1970; never 0. Raises Refusal."""
    if isinstance(value, str):
        try:
            moment: datetime = msgspec.convert(value, _AWARE)
        except msgspec.ValidationError:
            detail = (
                "Write the time as RFC 3339 with its zone (2030-01-31T09:00:00Z) or as seconds since 1970."
            )
            raise Refusal("invalid_field", detail, field) from None
        return (moment - _EPOCH) // _MICROSECOND or 1
    return _microseconds(value, field) or 1


def span(value: Span, field: str) -> int:
    """µs of a span, given in seconds or as a number with its unit (ms, s, m, h, d). Raises Refusal."""
    if isinstance(value, str):
        match = _SPAN.fullmatch(value)
        if match is None:
            detail = "Write a span in seconds, or as a whole number with ms, s, m, h or d: 24h."
            raise Refusal("invalid_field", detail, field)
        return int(match[1]) * _UNITS[match[2]]
    return _microseconds(value, field)


def _microseconds(seconds: float, field: str) -> int:
    if not -FURTHEST_S < seconds < FURTHEST_S:
        raise Refusal("invalid_field", "The number of seconds is out of all proportion.", field)
    return round(seconds * 1_000_000)


def identifier(text: str) -> int:
    """The identifier in a path; what cannot be one is as missing as one that nothing has."""
    if not _ID.fullmatch(text) or int(text) > MAX_INT:
        raise Refusal("not_found")
    return int(text)


def number(text: str, field: str) -> str:
    """A phone number or short code, its plus optional, as it is kept. Raises Refusal."""
    try:
        return parse_recipient(text, plus=False).value
    except BadAddress as error:
        raise Refusal("invalid_address", f"{error}.", field) from None
