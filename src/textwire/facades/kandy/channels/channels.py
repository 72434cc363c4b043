"""Notification channels: where a user's notifications go, made, shown, prolonged and ended."""

# conversation.subscribe of the server SDKs creates a webhook each time and deletes none; the browser SDK makes one
# socket, keeps it, and deletes it when it unsubscribes.

import re
from collections.abc import Callable
from typing import Final

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.facades.kandy.gate import Gate
from textwire.facades.kandy.wire import channels_url
from textwire.live.mail import Mail
from textwire.store import boxes, channels
from textwire.store.boxes import Box
from textwire.store.channels import Channel
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .forms import (
    KINDS,
    Asked,
    Data,
    Listed,
    Longer,
    Many,
    One,
    Renewal,
    Shown,
    Wanted,
    kind_of,
    negotiated,
    role_of,
    shown,
)

Judge = Callable[[str], None]

MAX_AUTHORIZATION: Final = 1_024
# What a header's value may hold (RFC 9110 §5.5), the visible part of it.
_AUTHORIZATION: Final = re.compile(r"[!-~]([ -~]*[!-~])?")


class Channels:
    """`judge` raises Refusal("blocked_address") for an address that we never call."""

    def __init__(self, desk: Desk, judge: Judge, mail: Mail) -> None:
        self._readers, self._engine, self._judge, self._mail = desk.readers, desk.store.engine, judge, mail
        self._now = desk.real_now

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        """What is under C."""
        path = channels_url("{user}")
        return (
            gate.route("POST", path, self._create),
            gate.route("GET", path, self._list),
            gate.route("GET", f"{path}/{{id}}", self._one),
            gate.route("PUT", f"{path}/{{id}}", self._renew),
            # What the browser SDK's own refresh, which nothing in it calls, would ask for.
            gate.route("PUT", f"{path}/{{id}}/websocket/channelLifetime", self._renew),
            gate.route("DELETE", f"{path}/{{id}}", self._delete),
        )

    async def _create(self, request: Request, caller: Caller) -> Response:
        wanted = (await request.json(Asked)).notification_channel
        make = self._webhook if kind_of(wanted.type) == "webhooks" else self._socket
        return json_response(One(notification_channel=await make(wanted, caller)), 201)

    async def _webhook(self, wanted: Wanted, caller: Caller) -> Shown:
        url, authorization = self._place(wanted.data or Data())
        channel = await self._readers.create_channel(
            caller.account, caller.principal, kind="webhook", url=url, authorization=authorization,
            correlator=wanted.correlator or "",
        )  # fmt: skip
        return shown(channel, caller, authorization=authorization)

    async def _socket(self, wanted: Wanted, caller: Caller) -> Shown:
        role = role_of(wanted.role)
        channel = await self._readers.create_channel(
            caller.account, caller.principal, kind="websocket", correlator=wanted.correlator or "",
            lifetime=negotiated(wanted.lifetime), role=role,
        )  # fmt: skip
        return shown(channel, caller, role=role)

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
        correlator, kind = request.query.get("clientCorrelator"), request.query.get("channelType")
        found = [
            channel
            for channel in await channels.of_principal(self._engine, caller.principal)
            if correlator in (None, channel.correlator) and (kind or "").lower() in ("", KINDS[channel.kind])
        ]
        alive = await self._alive(found)
        listed = [shown(one, caller, role=alive[one.id].role if one.id in alive else "") for one in found
                  if one.kind == "webhook" or one.id in alive]  # fmt: skip
        body = Many(notification_channel_list=Listed(listed, channels_url(caller.public_id)))
        return json_response(body)

    async def _alive(self, found: list[Channel]) -> dict[int, Box]:
        """The boxes of those that are sockets and whose time is not over."""
        kept = await boxes.some(self._engine, [one.id for one in found if one.kind == "websocket"])
        return {key: box for key, box in kept.items() if box.ends_at > self._now()}

    async def _one(self, request: Request, caller: Caller) -> Response:
        channel = await channels.one(self._engine, caller.principal, request.params["id"])
        alive = {} if channel is None else await self._alive([channel])
        if channel is None or (channel.kind == "websocket" and channel.id not in alive):
            raise Refusal("not_found")
        role = alive[channel.id].role if channel.id in alive else ""
        return json_response(One(notification_channel=shown(channel, caller, role=role)))

    async def _renew(self, request: Request, caller: Caller) -> Response:
        """A webhook lasts as long as something hangs on it; its lifetime is kept and says nothing."""
        lifetime = negotiated((await request.json(Renewal)).notification_channel_lifetime.lifetime)
        channel = await self._readers.renew_channel(caller.principal, request.params["id"], lifetime)
        self._mail.renew(channel)
        return json_response(Renewal(notification_channel_lifetime=Longer(lifetime=channel.lifetime)))

    async def _delete(self, request: Request, caller: Caller) -> Response:
        """Its subscriptions end with it, and its socket."""
        await self._readers.delete_channel(caller.principal, request.params["id"])
        self._mail.close(request.params["id"])
        return Response(204)
