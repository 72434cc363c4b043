"""What the webhooks of the Messages API say: an inbound text and the status of one that went out, in both shapes."""

# protocols 5.3; the older shape: messages-olympus 0.4.0 of the vendor's OpenAPI documents.

import uuid
from datetime import UTC, datetime
from typing import Any, Final

from textwire.domain.event import Event
from textwire.domain.message import Message, Telling
from textwire.facades.vonage.fields import keyword
from textwire.facades.vonage.wire import NETWORK, digits, euros

from . import errors
from .forms import CHANNEL, TEXT, V01

Words = dict[str, Any]

SENT: Final = "message.sent"
DELIVERED: Final = "message.delivered"
# state → status; where we have given up not knowing whether the network has it, it could not be handed over.
STATUSES: Final = {
    "sent": "submitted", "delivered": "delivered", "undelivered": "rejected", "failed": "rejected",
    "rejected": "rejected", "expired": "rejected",
}  # fmt: skip
GIVEN_UP: Final = ("failed", "ambiguous")  # (state, reason)
UNDELIVERABLE: Final = "undeliverable"
FINE: Final = ("submitted", "delivered")
_INBOUND: Final = uuid.UUID("6f3c9f2e-6b0b-4b43-9c1d-5c1c6f2b7f5a")  # names of texts that came in


def status(
    message: Message, telling: Telling, event: Event, reason: str, error: str, *, charged: bool
) -> Words:
    """What became of a message; `charged`: whether this is the event that tells its price."""
    state = event.type.removeprefix("message.")
    word = UNDELIVERABLE if (state, reason) == GIVEN_UP else STATUSES[state]
    old = telling.form == V01
    said = _head(telling.name, message, event.at, old) | {"status": word}
    if word not in FINE:
        said["error"] = _error(errors.code(state, reason, error), old)
    if telling.workflow and not old:
        said["workflow"] = {
            "id": telling.workflow, "items_number": str(telling.item), "items_total": str(telling.items),
        }  # fmt: skip
    if message.correlator:
        said["client_ref"] = message.correlator
    if charged:
        said["usage"] = _usage(message.price * message.total)
    if old:
        return said
    said |= {"channel": CHANNEL, "destination": {"network_code": NETWORK}}
    if charged:
        said["sms"] = {"count_total": str(message.total)}
    return said


def inbound(message: Message, old: bool) -> Words:
    """What a person has texted, all its parts put together."""
    name = str(uuid.uuid5(_INBOUND, str(message.id)))
    said = _head(name, message, message.created_at, old)
    if old:
        return said | {"message": {"content": {"type": TEXT, "text": message.text}}}
    return said | {
        "channel": CHANNEL,
        "message_type": TEXT,
        "text": message.text,
        "sms": {"num_messages": str(message.total), "keyword": keyword(message.text)},
        "usage": _usage(message.price * message.total),
        "origin": {"network_code": NETWORK},
    }


def _head(name: str, message: Message, at: int, old: bool) -> Words:
    to, sender = digits(message.recipient), digits(message.sender)
    return {
        "message_uuid": name,
        "to": {"type": CHANNEL, "number": to} if old else to,
        "from": {"type": CHANNEL, "number": sender} if old else sender,
        "timestamp": _time(at),
    }


def _error(code: int, old: bool) -> Words:
    title, detail = errors.CODES[code]
    if old:
        return {"code": code, "reason": title}
    return {
        "type": errors.address(code), "title": str(code), "detail": f"{title} - {detail}",
        "instance": uuid.uuid4().hex,
    }  # fmt: skip


def _usage(price: int) -> Words:
    return {"currency": "EUR", "price": euros(price)}


def _time(at: int) -> str:
    """ISO 8601 in UTC with milliseconds, from µs."""
    return datetime.fromtimestamp(at / 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
