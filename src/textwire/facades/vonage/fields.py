"""What the vendor's webhooks say: the fields of an inbound part and of a receipt, in the order that was captured."""

# protocols 2.3 and 2.4.

from typing import Final

from textwire.domain.event import Event
from textwire.domain.message import FINAL, Message, Segment
from textwire.domain.receipt import Receipt
from textwire.switch.draft import OCTETS
from textwire.text import gsm7

from .wire import NETWORK, digits, euros, message_id, minute, stamp

Fields = dict[str, str]

STATUSES: Final = {
    "delivered": "delivered", "undelivered": "failed", "failed": "failed", "rejected": "rejected",
    "expired": "expired",
}  # fmt: skip
# "Delivery receipt error codes" of the vendor's developer site ← what networks and the house say.
ERRORS: Final = {
    "absent_subscriber": "2", "unknown_subscriber": "9", "barred": "4", "memory_full": "7", "throttled": "8",
    "network_full": "8", "network_reset": "8", "no_receipt": "1", "ambiguous": "1", "no_answer": "8", "crash": "8",
    "opted_out": "53", "": "99",
}  # fmt: skip
DELIVERED: Final = "0"
GENERAL: Final = "99"


def inbound(message: Message, segment: Segment, api_key: str) -> Fields:
    """One part of what a person has texted."""
    if message.encoding == OCTETS:
        return _binary(message, segment, api_key)
    text = segment.text if message.total > 1 else message.text
    place = {}
    if message.total > 1:
        place = {
            "concat": "true", "concat-ref": str(message.reference), "concat-total": str(message.total),
            "concat-part": str(segment.n),
        }  # fmt: skip
    return {
        "msisdn": digits(message.sender),
        "to": digits(message.recipient),
        "messageId": message_id(segment.id),
        **place,
        "text": text,
        "type": "text" if gsm7.measure(text) is not None else "unicode",
        "keyword": keyword(text),
        "api-key": api_key,
        "message-timestamp": stamp(message.created_at),
    }


def _binary(message: Message, segment: Segment, api_key: str) -> Fields:
    """What is no text: the octets, and the header before them."""
    header = message.raw.removesuffix(message.text)
    return {
        "msisdn": digits(message.sender),
        "to": digits(message.recipient),
        "messageId": message_id(segment.id),
        "type": "binary",
        "api-key": api_key,
        "message-timestamp": stamp(message.created_at),
        "data": message.text,
        **({"udh": header} if header else {}),
    }


def receipt(
    message: Message, segment: Segment, event: Event, last: Receipt | None, error: str, api_key: str
) -> Fields:
    """What became of one part. `last` is the latest that the network said of it, `error` what the event says."""
    state = segment.state if segment.state in FINAL else message.state
    reference = {"client-ref": message.correlator} if message.correlator else {}
    return {
        "msisdn": digits(message.recipient),
        "to": digits(message.sender),
        "network-code": NETWORK,
        "messageId": message_id(segment.id),
        "price": euros(message.price),
        "status": STATUSES.get(state, "unknown"),
        "scts": minute(last.at if last else event.at),
        "err-code": DELIVERED if state == "delivered" else code(last.error if last else error),
        "api-key": api_key,
        **reference,
        "message-timestamp": stamp(event.at),
    }


def accepted(message: Message, segment: Segment, event: Event, api_key: str) -> Fields:
    """That the network has a part, whatever became of it since."""
    said = receipt(message, segment, event, None, "", api_key)
    return {**said, "status": "accepted", "err-code": DELIVERED}


def code(error: str) -> str:
    """The vendor's code for an error."""
    return ERRORS.get(error, GENERAL)


def keyword(text: str) -> str:
    """The first word, in capitals."""
    words = text.split(maxsplit=1)
    return words[0].upper() if words else ""
