"""How Kandy's wire spells things: names of fields, identifiers, and the relative URLs inside its bodies."""

import re

import msgspec

from textwire.domain.refusal import Refusal

LOGIN = "/cpaas/auth/v1/token"
SMS = "/cpaas/smsmessaging/v1"
CHANNELS = "/cpaas/notificationchannel/v1"

_CAPITALS = {"sms": "SMS", "url": "URL"}

_MESSAGE_ID = re.compile(r"SM1-[0-7][0-9a-f]{15}")

# The callers' own key for a request; SDKs send their client identifier and a suffix.
MAX_CORRELATOR = 256


def spelled(field: str) -> str:
    """`outbound_sms_message_request` → `outboundSMSMessageRequest`, `resource_url` → `resourceURL`."""
    first, *rest = field.split("_")
    return first + "".join(_CAPITALS.get(word) or word.capitalize() for word in rest)


class Wire(msgspec.Struct, frozen=True, kw_only=True, rename=spelled, omit_defaults=True):
    """A piece of a body. Unknown members are ignored, members that have nothing to say are left out."""


def sms_url(user: str) -> str:
    """The root of a user's SMS resources; `user` is a principal's public identifier, raw."""
    return f"{SMS}/{user}"


def channels_url(user: str) -> str:
    """The collection of a user's notification channels."""
    return f"{CHANNELS}/{user}/channels"


def subscription_url(user: str, subscription: str) -> str:
    """One subscription to what a number receives."""
    return f"{SMS}/{user}/inbound/subscriptions/{subscription}"


def message_id(message: int) -> str:
    """How a message's identifier reads here: no `/`, and SDKs take it for opaque text."""
    return f"SM1-{message:016x}"


def message_of(text: str) -> int:
    """The identifier that reads so; what cannot be one is as missing as one that nothing has."""
    if not _MESSAGE_ID.fullmatch(text):
        raise Refusal("not_found")
    return int(text[4:], 16)


def remotes_url(user: str, remote: str = "") -> str:
    """The threads of a user, or those with one remote."""
    return f"{SMS}/{user}/remoteAddresses" + (f"/{remote}" if remote else "")


def thread_url(user: str, remote: str, local: str) -> str:
    """One thread: a number of the user's with a remote."""
    return f"{remotes_url(user, remote)}/localAddresses/{local}"


def message_url(user: str, remote: str, local: str, message: int) -> str:
    """One message; the long form, because some SDKs count its parts."""
    return f"{thread_url(user, remote, local)}/messages/{message_id(message)}"


def milliseconds(at: int) -> int:
    """Every time on this wire: epoch milliseconds, from µs."""
    return at // 1000
