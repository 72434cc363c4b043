"""Notification channels: where a user's notifications go. Webhooks, so far."""

# conversation.subscribe of the SDKs creates one each time and deletes none.

import re
from collections.abc import Callable
from typing import Annotated, Final

import msgspec

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.store import channels
from textwire.store.channels import Channel
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .gate import Gate
from .wire import MAX_CORRELATOR, Wire, channels_url

Judge = Callable[[str], None]

WEBHOOKS: Final = "webhooks"  # answered in lower case, asked for in any
MAX_AUTHORIZATION: Final = 1_024
# What a header's value may hold (RFC 9110 §5.5), the visible part of it.
_AUTHORIZATION: Final = re.compile(r"[!-~]([ -~]*[!-~])?")


class Data(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of a webhook channel: its address, and what to present there as `Authorization`."""

    url: str | None = msgspec.field(default=None, name="x-webhookURL")
    authorization: str | None = msgspec.field(default=None, name="x-authorization")


class Wanted(Wire, frozen=True, kw_only=True):
    channel_data: Data | None = None
    channel_type: str = ""
    client_correlator: Annotated[str, msgspec.Meta(max_length=MAX_CORRELATOR)] | None = None


class Asked(Wire, frozen=True, kw_only=True):
    """The body of a creation."""

    notification_channel: Wanted


class Shown(Wire, frozen=True, kw_only=True):
    """A channel; `callback_url` is its identifier, by which subscriptions name it."""

    callback_url: str
    channel_data: Data
    channel_type: str
    client_correlator: str = ""
    resource_url: str


class One(Wire, frozen=True, kw_only=True):
    notification_channel: Shown


class Listed(msgspec.Struct, frozen=True, rename="camel"):
    """Its members are always there, an empty list too."""

    notification_channel: list[Shown]
    resource_url: str = msgspec.field(name="resourceURL")


class Many(Wire, frozen=True, kw_only=True):
    notification_channel_list: Listed


class Channels:
    """`judge` raises Refusal("blocked_address") for an address that we never call."""

    def __init__(self, desk: Desk, judge: Judge) -> None:
        self._readers, self._engine, self._judge = desk.readers, desk.store.engine, judge

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        """What is under C."""
        path = channels_url("{user}")
        return (
            gate.route("POST", path, self._create),
            gate.route("GET", path, self._list),
            gate.route("GET", f"{path}/{{id}}", self._one),
            gate.route("DELETE", f"{path}/{{id}}", self._delete),
        )

    async def _create(self, request: Request, caller: Caller) -> Response:
        wanted = (await request.json(Asked)).notification_channel
        if wanted.channel_type.lower() != WEBHOOKS:
            raise Refusal("invalid_field", field="channelType")
        url, authorization = self._place(wanted.channel_data or Data())
        channel = await self._readers.create_channel(
            caller.account, caller.principal, kind="webhook", url=url, authorization=authorization,
            correlator=wanted.client_correlator or "",
        )  # fmt: skip
        return json_response(One(notification_channel=_shown(channel, caller, authorization)), 201)

    def _place(self, data: Data) -> tuple[str, str]:
        """The address and what is presented there, both judged."""
        url, authorization = data.url or "", data.authorization or ""
        if not url:
            raise Refusal("missing_field", field="url")
        try:
            self._judge(url)
        except Refusal as refusal:
            refusal.field = "url"
            raise
        if authorization and not (
            len(authorization) <= MAX_AUTHORIZATION and _AUTHORIZATION.fullmatch(authorization)
        ):
            raise Refusal("invalid_field", field="x-authorization")
        return url, authorization

    async def _list(self, request: Request, caller: Caller) -> Response:
        """All of them, filtered as the query wishes (clientCorrelator, channelType)."""
        correlator = request.query.get("clientCorrelator")
        kind = request.query.get("channelType", WEBHOOKS).lower()
        found = [
            _shown(channel, caller)
            for channel in await channels.of_principal(self._engine, caller.principal)
            if kind == WEBHOOKS and correlator in (None, channel.correlator)
        ]
        listed = Listed(notification_channel=found, resource_url=channels_url(caller.public_id))
        return json_response(Many(notification_channel_list=listed))

    async def _one(self, request: Request, caller: Caller) -> Response:
        channel = await channels.one(self._engine, caller.principal, request.params["id"])
        if channel is None:
            raise Refusal("not_found")
        return json_response(One(notification_channel=_shown(channel, caller)))

    async def _delete(self, request: Request, caller: Caller) -> Response:
        """Its subscriptions end with it."""
        await self._readers.delete_channel(caller.principal, request.params["id"])
        return Response(204)


def _shown(channel: Channel, caller: Caller, authorization: str = "") -> Shown:
    """A channel; what it presents is repeated to whoever has just set it, and never shown again."""
    return Shown(
        callback_url=channel.public_id,
        channel_data=Data(url=channel.url, authorization=authorization or None),
        channel_type=WEBHOOKS,
        client_correlator=channel.correlator,
        resource_url=f"{channels_url(caller.public_id)}/{channel.public_id}",
    )
