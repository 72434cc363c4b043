"""Who wants to be called when something changes: `client.on` and `client.off`."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Literal, TypeAlias, TypeVar, overload

import msgspec

from textwire_client.values.changes import (
    ConversationsChange,
    MessagesChange,
    SubscriptionChange,
    SubscriptionError,
)

SUBSCRIPTION, ERROR = "subscription:change", "subscription:error"
MESSAGES, CONVERSATIONS = "messages:change", "conversations:change"
NAMES = (SUBSCRIPTION, ERROR, MESSAGES, CONVERSATIONS)

Callback: TypeAlias = Callable[[Any], object]
OnMessages = TypeVar("OnMessages", bound=Callable[[MessagesChange], object])
OnConversations = TypeVar("OnConversations", bound=Callable[[ConversationsChange], object])
OnSubscription = TypeVar("OnSubscription", bound=Callable[[SubscriptionChange], object])
OnError = TypeVar("OnError", bound=Callable[[SubscriptionError], object])


class Told(msgspec.Struct, frozen=True):
    """Something to call the callbacks of an event with."""

    name: str
    what: Any


class Listeners:
    """Callbacks by event, in the order in which they were registered; `awaits` tells whether they may be coroutines."""

    def __init__(self, *, awaits: bool) -> None:
        self._awaits, self._lock = awaits, threading.Lock()
        self._callbacks: dict[str, tuple[Callback, ...]] = dict.fromkeys(NAMES, ())

    def add(self, name: str, callback: Callback) -> None:
        """Call it from now on."""
        if not callable(callback):
            raise TypeError(f"not a callback: {callback!r}")
        if not self._awaits and _is_coroutine(callback):
            raise TypeError("coroutines are for AsyncClient: nobody would await this one")
        with self._lock:
            self._callbacks[name] = (*self.of(name), callback)

    def remove(self, name: str, callback: Callback) -> None:
        """Do not call it any more."""
        with self._lock:
            self._callbacks[name] = tuple(one for one in self.of(name) if one != callback)

    def of(self, name: str) -> tuple[Callback, ...]:
        """Those of one event; ValueError if there is no such event."""
        try:
            return self._callbacks[name]
        except KeyError:
            raise ValueError(f"no event {name!r}: {', '.join(NAMES)}") from None


class Listening:
    """`on` and `off` of both clients."""

    def __init__(self, listeners: Listeners) -> None:
        self._listeners = listeners

    @overload
    def on(self, event: Literal["messages:change"], callback: Callable[[MessagesChange], object]) -> None: ...
    @overload
    def on(
        self, event: Literal["conversations:change"], callback: Callable[[ConversationsChange], object]
    ) -> None: ...
    @overload
    def on(
        self, event: Literal["subscription:change"], callback: Callable[[SubscriptionChange], object]
    ) -> None: ...
    @overload
    def on(
        self, event: Literal["subscription:error"], callback: Callable[[SubscriptionError], object]
    ) -> None: ...
    @overload
    def on(self, event: Literal["messages:change"]) -> Callable[[OnMessages], OnMessages]: ...
    @overload
    def on(self, event: Literal["conversations:change"]) -> Callable[[OnConversations], OnConversations]: ...
    @overload
    def on(self, event: Literal["subscription:change"]) -> Callable[[OnSubscription], OnSubscription]: ...
    @overload
    def on(self, event: Literal["subscription:error"]) -> Callable[[OnError], OnError]: ...
    def on(self, event: str, callback: Callback | None = None) -> Any:
        """Have a callback called with what has changed; without one it is a decorator.

        `messages:change` comes for every message of the numbers that `client.services.subscribe` named: when it is
        received or sent, by whomever, when its state changes, when it is deleted. `conversations:change` follows
        when the message is the first of its conversation. Callbacks are called one after the other, in the order of
        events: those of `Client` on a thread of their own, those of `AsyncClient` on its loop, where they may be
        coroutines. One that raises is logged (logger `textwire_client`) and stops nothing.
        """
        self._listeners.of(event)
        if callback is not None:
            return self._listeners.add(event, callback)

        def register(found: Callback) -> Callback:
            self._listeners.add(event, found)
            return found

        return register

    def off(
        self,
        event: Literal[
            "messages:change", "conversations:change", "subscription:change", "subscription:error"
        ],
        callback: Callback,
    ) -> None:
        """Do not call it any more."""
        self._listeners.remove(event, callback)


def _is_coroutine(callback: Callback) -> bool:
    import inspect  # late: it is slow to import

    return inspect.iscoroutinefunction(callback) or inspect.iscoroutinefunction(
        getattr(callback, "__call__", None)  # noqa: B004 - an object whose call is a coroutine
    )
