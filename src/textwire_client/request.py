"""What a call asks of the server, as a value: no connection, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import msgspec

T = TypeVar("T")

RETRIED = frozenset({"GET", "PUT", "DELETE"})
"""Methods that may be sent twice: the second time changes nothing more."""


class Request(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """A request, and the type of its answer. `creates` gives it an Idempotency-Key, so that it may be repeated."""

    method: str
    path: str
    answer: Any = None
    query: Mapping[str, Any] = {}
    body: Any = msgspec.UNSET
    content: bytes = b""
    content_type: str = "application/json"
    creates: bool = False
    idempotency_key: str | None = None
    repeatable: bool = False
    patience: float = 0.0

    @property
    def may_repeat(self) -> bool:
        """Whether it can be sent again when nobody knows whether it arrived."""
        return self.repeatable or self.creates or self.method in RETRIED

    @property
    def target(self) -> str:
        """The path with its query."""
        query = urlencode([(name, spelled(value)) for name, value in self.query.items() if value is not None])
        return f"{self.path}?{query}" if query else self.path

    @property
    def payload(self) -> bytes:
        """The octets of the body."""
        return self.content if self.body is msgspec.UNSET else msgspec.json.encode(self.body)


class Answer(msgspec.Struct, frozen=True):
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def spelled(value: object) -> str:
    """A value of a query as the API spells it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (datetime, timedelta)):
        return str(moment(value) if isinstance(value, datetime) else span(value))
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ",".join(str(one) for one in value)
    return str(value)


def path(*pieces: str) -> str:
    """A path of the API; every piece is quoted, so that none can lead elsewhere."""
    if any(piece in {"", ".", ".."} for piece in pieces):
        raise ValueError(f"not a name of anything: {pieces!r}")
    return "/api/" + "/".join(quote(piece, safe="+") for piece in pieces)


def form(**fields: Any) -> dict[str, Any]:
    """The fields that were given, as the API names them: `from_` is `from`."""
    return {name.rstrip("_"): plain(value) for name, value in fields.items() if value is not None}


def plain(value: Any) -> Any:
    """A field's value as JSON has it."""
    if isinstance(value, datetime):
        return moment(value)
    return span(value) if isinstance(value, timedelta) else value


def moment(value: datetime) -> str:
    """A time as RFC 3339 in UTC; one without a zone would mean different things on different machines."""
    if value.tzinfo is None:
        raise ValueError("a time needs its zone: datetime(…, tzinfo=timezone.utc)")
    return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def span(value: timedelta) -> str:
    """A span in whole milliseconds."""
    return f"{round(value / timedelta(milliseconds=1))}ms"
