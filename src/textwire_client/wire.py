"""What both drivers know of the HTTP client: its failures and its responses in our words."""

from __future__ import annotations

from typing import Any

import httpcore

from .errors import ConnectionFailed, TimedOut
from .place import Place
from .plans import Exchange
from .request import Answer

FAILURES = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)
_NOTHING_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout)


def options(place: Place) -> dict[str, Any]:
    """How a pool is made."""
    return {
        "ssl_context": place.tls,
        "max_connections": place.connections,
        "keepalive_expiry": place.keep_alive,
    }


def arguments(place: Place, step: Exchange) -> dict[str, Any]:
    """What a pool is asked for an exchange."""
    return {
        "method": step.method,
        "url": place.url + step.target,
        "headers": place.headers(step),
        "content": step.payload,
        "extensions": {"timeout": place.timeouts(step)},
    }


def failure(error: Exception, place: Place, step: Exchange) -> ConnectionFailed:
    """The client's failure in our words."""
    sent, where = (
        not isinstance(error, _NOTHING_SENT),
        f"{step.method} {place.url}{step.target.partition('?')[0]}",
    )
    if isinstance(error, httpcore.TimeoutException):
        return TimedOut(f"{where}: no answer in time", sent=sent)
    return ConnectionFailed(f"{where}: {error or type(error).__name__}", sent=sent)


def answer(response: httpcore.Response) -> Answer:
    """A response as a value; names of headers in lower case."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    return Answer(response.status, headers, response.content)
