"""`client.services`: which numbers' texts the callbacks of `client.on` are told of."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

from textwire_client.calls import Resource, steps
from textwire_client.errors import TextwireError
from textwire_client.looking import own_numbers
from textwire_client.plans import Listen, Plan
from textwire_client.talk.channel import SERVICE, Channel
from textwire_client.values.changes import ServiceSubscriptions

D = TypeVar("D")


class Services(Resource[D]):
    """`client.services`: subscribe to a number's texts over a WebSocket, which comes back by itself wherever it was.

    It is `client.live` for programs that rather have callbacks than a loop: see `client.on`.
    """

    def __init__(self, driver: D, channel: Channel) -> None:
        super().__init__(driver)
        self._channel = channel

    @property
    def after(self) -> str | None:
        """The id of the last event that callbacks were told of: `subscribe(…, after=…)` goes on there, another day."""
        return self._channel.after

    def subscriptions(self) -> ServiceSubscriptions:
        """What is subscribed to."""
        return self._channel.subscriptions()

    @steps
    def subscribe(
        self, services: Sequence[str | Mapping[str, Any]], type: Literal["websocket"] = "websocket", *,
        after: str | None = None, patience: float = math.inf,
    ) -> Plan[ServiceSubscriptions]:  # fmt: skip
        """Subscribe to `{"service": "smsinbound", "params": {"destinationAddress": "+1…"}}`, a number of the account's.

        Without a number it is the default one. When this returns, nothing that happens to these numbers will be
        missed, and nothing told twice, through dropped sockets and restarts of the server; after `after` is from that
        event on. If the server cannot be reached for `patience` seconds the subscriptions end with
        `subscription:error`. That is also told when this call fails, which raises all the same: NotFound for a number
        that is not the account's, NoDefaultNumber. ValueError for what is no service.
        """
        if type != "websocket":
            raise ValueError("subscribe to a 'websocket' here; webhooks are client.conversation.subscribe")
        return self._subscribe(_numbers(services), after, patience)

    @steps
    def unsubscribe(
        self, services: Sequence[str | Mapping[str, Any]] = (SERVICE,)
    ) -> Plan[ServiceSubscriptions]:
        """Be told no more of `"smsinbound"` (all numbers), or of the number that is named as in `subscribe`."""
        return self._unsubscribe(_numbers(services))

    def _subscribe(
        self, written: tuple[str | None, ...], after: str | None, patience: float
    ) -> Plan[ServiceSubscriptions]:
        with self._channel.working():
            try:
                yield from self._join(written, after, patience)
            except TextwireError as error:
                self._channel.missed(error)
                yield Listen(self._channel, "attend")
                raise
        yield Listen(self._channel, "attend")
        return self.subscriptions()

    def _join(self, written: tuple[str | None, ...], after: str | None, patience: float) -> Plan[None]:
        numbers = yield from own_numbers(written)
        position = after if after is not None else (yield Listen(self._channel, "position", numbers))
        self._channel.add(numbers, position, patience)

    def _unsubscribe(self, written: tuple[str | None, ...]) -> Plan[ServiceSubscriptions]:
        everything = None in written
        self._channel.drop(self._channel.wish.numbers if everything else (yield from own_numbers(written)))
        yield Listen(self._channel, "attend")
        return self.subscriptions()


def _numbers(services: Sequence[str | Mapping[str, Any]]) -> tuple[str | None, ...]:
    """The number of each service, None where none is named; ValueError for what is no service."""
    if isinstance(services, (str, Mapping)) or not services:
        raise ValueError("name services in a list: [{'service': 'smsinbound', 'params': …}]")
    return tuple(_number(one) for one in services)


def _number(service: str | Mapping[str, Any]) -> str | None:
    named: Mapping[str, Any] = {"service": service} if isinstance(service, str) else service
    if named.get("service") != SERVICE:
        raise ValueError(f"no such service: {named.get('service')!r}, there is {SERVICE!r}")
    params = named.get("params") or {}
    number = params.get("destinationAddress", params.get("destination_address"))
    if number is not None and not isinstance(number, str):
        raise ValueError(f"not a number: {number!r}")
    return number or None
