"""Notification channels on the wire: what is asked for, what is shown, and the bounds of a socket's lifetime."""

from typing import Annotated, Any, Final, Literal

import msgspec

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.facades.kandy.wire import MAX_CORRELATOR, Wire, channels_url
from textwire.store.channels import Channel

Kind = Literal["webhooks", "websockets"]
KINDS: Final[dict[str, Kind]] = {"webhook": "webhooks", "websocket": "websockets"}  # asked for in any case
# Who asks whether the other end is alive; the API description's XConnCheckRole.
ROLES: Final = ("client", "server")

# Seconds. The page's own value is 3600; a page that uses the documented option sends none.
DEFAULT_LIFETIME: Final = 3_600
SHORTEST_LIFETIME: Final = 30
LONGEST_LIFETIME: Final = 86_400

Lifetime = Annotated[int, msgspec.Meta(ge=1, le=2**53)]


class Data(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of a webhook: its address, and what to present there as `Authorization`. Of a socket: where it opens."""

    url: str | None = msgspec.field(default=None, name="x-webhookURL")
    authorization: str | None = msgspec.field(default=None, name="x-authorization")
    channel_url: str | None = msgspec.field(default=None, name="channelURL")


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    data: Data | None = msgspec.field(default=None, name="channelData")
    type: str = msgspec.field(default="", name="channelType")
    correlator: Annotated[str, msgspec.Meta(max_length=MAX_CORRELATOR)] | None = msgspec.field(
        default=None, name="clientCorrelator"
    )
    lifetime: Lifetime | None = msgspec.field(default=None, name="channelLifetime")
    role: str | None = msgspec.field(default=None, name="x-connCheckRole")


class Asked(Wire, frozen=True, kw_only=True):
    """The body of a creation."""

    notification_channel: Wanted


class Longer(msgspec.Struct, frozen=True, kw_only=True):
    lifetime: Lifetime = msgspec.field(name="channelLifetime")


class Renewal(Wire, frozen=True, kw_only=True):
    """How long a channel is to last from now on; the answer has the same shape."""

    notification_channel_lifetime: Longer


class Shown(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A channel; `callbackURL` is its identifier, by which subscriptions name it."""

    callback: str = msgspec.field(name="callbackURL")
    data: Data = msgspec.field(name="channelData")
    lifetime: int | None = msgspec.field(default=None, name="channelLifetime")
    type: str = msgspec.field(name="channelType")
    correlator: str = msgspec.field(default="", name="clientCorrelator")
    role: str | None = msgspec.field(default=None, name="x-connCheckRole")
    resource_url: str = msgspec.field(name="resourceURL")


class One(Wire, frozen=True, kw_only=True):
    notification_channel: Shown


class Listed(msgspec.Struct, frozen=True):
    """Its members are always there, an empty list too."""

    channels: list[Shown] = msgspec.field(name="notificationChannel")
    resource_url: str = msgspec.field(name="resourceURL")


class Many(Wire, frozen=True, kw_only=True):
    notification_channel_list: Listed


def kind_of(asked: str) -> Kind:
    """The type that is asked for."""
    for kind in KINDS.values():
        if asked.lower() == kind:
            return kind
    raise Refusal("invalid_field", field="channelType")


def negotiated(asked: int | None) -> int:
    """The lifetime that is granted, in seconds."""
    return min(max(asked or DEFAULT_LIFETIME, SHORTEST_LIFETIME), LONGEST_LIFETIME)


def role_of(asked: str | None) -> str:
    """Who asks; the client, unless it is said otherwise."""
    role = (asked or ROLES[0]).lower()
    if role not in ROLES:
        raise Refusal("invalid_field", field="x-connCheckRole")
    return role


def channel_url(user: str, channel: str) -> str:
    """Where a socket opens: relative, so that its client puts wss and our name in front."""
    return f"{channels_url(user)}/{channel}/websocket"


def shown(channel: Channel, caller: Caller, *, authorization: str = "", role: str = "") -> Shown:
    """A channel; what it presents is repeated to whoever has just set it, and never shown again."""
    own: dict[str, Any] = {"data": Data(url=channel.url, authorization=authorization or None)}
    if channel.kind == "websocket":
        own = {"data": Data(channel_url=channel_url(caller.public_id, channel.public_id))}
        own |= {"lifetime": channel.lifetime, "role": role}
    return Shown(
        callback=channel.public_id, type=KINDS[channel.kind], correlator=channel.correlator,
        resource_url=f"{channels_url(caller.public_id)}/{channel.public_id}", **own,
    )  # fmt: skip
