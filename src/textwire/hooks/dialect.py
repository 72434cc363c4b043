"""The port by which a facade words an event for a webhook; implemented by facades, handed over by `app`."""

from typing import Protocol

import msgspec

from textwire.domain.event import Event
from textwire.domain.message import Message
from textwire.store.hooks import Hook


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way to one hook. `message` is as it is now; the event tells what it was.

    `identifier` is the same on every retry; `at` is the real time of this attempt in µs. The hook's secret is
    open here ("" if this server's key does not fit it).
    """

    identifier: str
    event: Event
    message: Message | None
    hook: Hook
    at: int


class Dialect(Protocol):
    """How one wire words events. `waits` are the seconds between the attempts of one delivery.

    `silence` are those after an attempt that was swallowed whole and never answered, which then counts against
    no endpoint; None: it is a failure like any other.
    """

    name: str
    waits: tuple[float, ...]
    jitter: float  # share of a wait by which it may be shorter or longer, 0 to 1
    disables: bool  # whether an endpoint that only fails, or says that it is gone, is disabled
    silence: tuple[float, ...] | None

    def body(self, notice: Notice) -> bytes | None:
        """The body to post, or None when this event says nothing to this hook."""
        ...

    def headers(self, notice: Notice, body: bytes) -> dict[str, str]:
        """Headers beside Content-Type and Content-Length: signatures, authorization."""
        ...
