"""Subscriptions to what a number receives: a number, and the channel on which its texts arrive."""

from typing import Annotated

import msgspec

from textwire.domain.account import Caller
from textwire.domain.address import BadAddress, parse_recipient
from textwire.domain.event import BIT, mask
from textwire.domain.refusal import Refusal
from textwire.store import hooks
from textwire.store.hooks import Subscription
from textwire.switch.desk import Desk
from textwire.switch.readers import PREFIX
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import notifications
from .gate import Gate
from .wire import MAX_CORRELATOR, Wire, sms_url, subscription_url


class Callback(Wire, frozen=True, kw_only=True):
    """`notify_url` is a channel's callbackURL."""

    notify_url: str = ""


class Wanted(Wire, frozen=True, kw_only=True):
    """Without a destinationAddress, or with an empty one, it is about the default number.

    `x-deliveryInfo` is ours: a webhook that wants to hear what becomes of texts, as sockets do.
    """

    callback_reference: Callback = Callback()
    outcomes: bool = msgspec.field(default=False, name="x-deliveryInfo")
    client_correlator: Annotated[str, msgspec.Meta(max_length=MAX_CORRELATOR)] | None = None
    destination_address: str | None = None


class Asked(Wire, frozen=True, kw_only=True):
    """The body of a creation."""

    subscription: Wanted


class Shown(Wire, frozen=True, kw_only=True):
    """A subscription, with the number that it is really about."""

    callback_reference: Callback
    client_correlator: str = ""
    destination_address: str
    resource_url: str


class One(Wire, frozen=True, kw_only=True):
    subscription: Shown


class Listed(msgspec.Struct, frozen=True):
    """Its members are always there, an empty list too."""

    resource_url: str = msgspec.field(name="resourceURL")
    subscription: list[Shown]


class Many(Wire, frozen=True, kw_only=True):
    subscription_list: Listed


class Subscriptions:
    """`country` completes national numbers where the account says nothing else, as everywhere in the house."""

    def __init__(self, desk: Desk, country: str) -> None:
        self._readers, self._engine, self._country = desk.readers, desk.store.engine, country
        self._settings = desk.people.settings
        told = [name for name in notifications.EVENTS if name in BIT]
        self._types, self._more = mask(told), mask(list(notifications.OUTCOMES))

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        """What is under U/inbound/subscriptions."""
        path = f"{sms_url('{user}')}/inbound/subscriptions"
        return (
            gate.route("POST", path, self._create),
            gate.route("GET", path, self._list),
            gate.route("GET", f"{path}/{{id}}", self._one),
            gate.route("DELETE", f"{path}/{{id}}", self._delete),
        )

    async def _create(self, request: Request, caller: Caller) -> Response:
        wanted = (await request.json(Asked)).subscription
        subscription = await self._subscribe(
            caller, wanted, await self._number(wanted.destination_address, caller)
        )
        return json_response(One(subscription=_shown(subscription, caller)), 201)

    async def _subscribe(self, caller: Caller, wanted: Wanted, number: str) -> Subscription:
        channel = wanted.callback_reference.notify_url
        outcomes = wanted.outcomes or channel.startswith(PREFIX["websocket"])
        types = self._types | (self._more if outcomes else 0)
        try:
            return await self._readers.subscribe(
                caller.account, caller.principal, channel=channel, dialect=notifications.NAME, number=number,
                types=types, correlator=wanted.client_correlator or "",
            )  # fmt: skip
        except Refusal as refusal:
            if refusal.code != "not_found":
                raise
            raise Refusal("invalid_field", field="channel") from None  # what the body names, not the path

    async def _number(self, raw: str | None, caller: Caller) -> str:
        if not raw:
            return ""
        country = (await self._settings.of(caller.account)).country or self._country
        try:
            return parse_recipient(raw, country).value
        except BadAddress:
            raise Refusal("invalid_address", field="number") from None

    async def _list(self, request: Request, caller: Caller) -> Response:
        found = [_shown(one, caller) for one in await hooks.subscriptions(self._engine, caller.principal)]
        url = f"{sms_url(caller.public_id)}/inbound/subscriptions"
        return json_response(Many(subscription_list=Listed(url, found)))

    async def _one(self, request: Request, caller: Caller) -> Response:
        wanted = request.params["id"]
        for one in await hooks.subscriptions(self._engine, caller.principal):
            if one.hook.public_id == wanted:
                return json_response(One(subscription=_shown(one, caller)))
        raise Refusal("not_found")

    async def _delete(self, request: Request, caller: Caller) -> Response:
        await self._readers.unsubscribe(caller.account, caller.principal, request.params["id"])
        return Response(204)


def _shown(one: Subscription, caller: Caller) -> Shown:
    return Shown(
        callback_reference=Callback(notify_url=one.channel),
        client_correlator=one.hook.correlator,
        destination_address=one.hook.number,
        resource_url=subscription_url(caller.public_id, one.hook.public_id),
    )
