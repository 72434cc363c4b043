"""Values that the tests of this room word and read."""

from typing import Any

from textwire.domain.event import Event
from textwire.domain.message import Message
from textwire.store.hooks import Hook

AT = 1_700_000_000_123_456  # 2023-11-14T22:13:20.123456Z
SECOND = 1_000_000
OURS = "+16139998877"
PHONE = "+447700900123"

_MESSAGE: dict[str, Any] = {
    "id": 123_456_789_012_345_678,
    "account": 1,
    "principal": 2,
    "direction": "out",
    "state": "submitting",
    "sender": OURS,
    "recipient": PHONE,
    "text": "hello",
    "encoding": "gsm7",
    "total": 1,
    "reference": 0,
    "carrier": "simulated",
    "price": 7_000_000,
    "correlator": "",
    "batch": 0,
    "klass": "",
    "on_ambiguous": "resend",
    "flash": 0,
    "send_at": 0,
    "valid_until": AT + 3600 * SECOND,
    "attempts": 1,
    "possible_duplicate": 0,
    "reason": "",
    "error": "",
    "sequence": 1,
    "created_at": AT,
    "updated_at": AT,
    "raw": "",
    "incomplete": 0,
    "rights": "owned",
}


def message(**changes: Any) -> Message:
    return Message(**(_MESSAGE | changes))


def event(kind: str = "message.sent", sequence: int = 2, data: str = "{}", **changes: Any) -> Event:
    fields: dict[str, Any] = {
        "number": 41,
        "account": 1,
        "type": kind,
        "subject": _MESSAGE["id"],
        "sequence": sequence,
        "state": kind.removeprefix("message."),
        "at": AT + SECOND,
        "data": data,
    }
    return Event(**(fields | changes))


def hook(**changes: Any) -> Hook:
    fields: dict[str, Any] = {
        "id": 9,
        "account": 1,
        "principal": 2,
        "public_id": "b7b0",
        "dialect": "api",
        "channel": 0,
        "url": "http://127.0.0.1:9/hook",
        "types": 1,
        "number": "",
        "secret": "sealed",
        "correlator": "",
        "state": "active",
        "failing_since": 0,
        "created_at": AT,
    }
    return Hook(**(fields | changes))
