"""The port by which a facade words an event for a webhook; implemented by facades, handed over by `app`."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Protocol

import msgspec

from textwire.domain.event import Event
from textwire.domain.message import Message
from textwire.store.hooks import Hook


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """One event on its way to one hook. `message` is as it is now; the event tells what it was.

    `identifier` is the same on every retry; `at` is the real time of this attempt in µs. The hook's secret is
    open here ("" if this server's key does not fit it). `part`: the segment that is told of, 0: the event as a whole.
    """

    identifier: str
    event: Event
    message: Message | None
    hook: Hook
    at: int
    part: int = 0


class Schedule(Protocol):
    """When one wire tries again. `waits` are the seconds between the attempts of one delivery.

    `silence` are those after an attempt that was swallowed whole and never answered, which then counts against
    no endpoint; None: it is a failure like any other.
    """

    name: str
    waits: tuple[float, ...]
    jitter: float  # share of a wait by which it may be shorter or longer, 0 to 1
    disables: bool  # whether an endpoint that only fails, or says that it is gone, is disabled
    silence: tuple[float, ...] | None


class Dialect(Schedule, Protocol):
    """How one wire words events for hooks that carry their address."""

    def body(self, notice: Notice) -> bytes | None:
        """The body to post, or None when this event says nothing to this hook."""
        ...

    def headers(self, notice: Notice, body: bytes) -> dict[str, str]:
        """Headers beside Content-Type and Content-Length: signatures, authorization."""
        ...


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request to a webhook; `query` is added to what its address has."""

    method: str
    headers: dict[str, str]
    query: dict[str, str] = {}
    body: bytes = b""


class Calling(ABC):
    """How a wire tells of events whose hooks have no address: event by event it says where, of which parts, and how.

    It may read. What it says of addresses is asked anew before every attempt, so that a change counts from the next.
    """

    name: str
    waits: tuple[float, ...]
    jitter: float
    disables: bool
    silence: tuple[float, ...] | None

    @abstractmethod
    async def targets(self, hook: Hook, event: Event, message: Message | None) -> Mapping[int, str]:
        """Part (0: the event as a whole) → address, one delivery each; none: nobody wants to be told."""

    async def target(self, hook: Hook, event: Event, message: Message | None, part: int) -> str:
        """Where one of these parts is told by now; "": nowhere any more."""
        return (await self.targets(hook, event, message)).get(part, "")

    @abstractmethod
    async def call(self, notice: Notice) -> Call | None:
        """The request; the notice's hook has the address. None when there is nothing to say."""
