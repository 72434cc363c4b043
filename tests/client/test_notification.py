"""Webhooks are believed only when they are signed, as Standard Webhooks' own package signs."""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from textwire_client import BadAnswer, BadSignature, Client, Notification

SECRET = "whsec_" + "QUFB" * 8
OTHER = "whsec_" + "QkJC" * 8
NOW = 1_900_000_000
EVENT = {"id": "evt_7", "type": "optout.added", "timestamp": "2030-03-17T17:46:40.000Z", "sequence": 0, "data": {"number": "+44"}}  # fmt: skip
BODY = json.dumps(EVENT).encode()


def headers(*secrets: str, body: bytes = BODY, at: int = NOW) -> dict[str, str]:
    when = datetime.fromtimestamp(at, UTC)
    signatures = [Webhook(one).sign("evt_7", when, body.decode()) for one in secrets]
    return {"Webhook-Id": "evt_7", "Webhook-Timestamp": str(at), "Webhook-Signature": " ".join(signatures)}


def test_a_signed_event_is_read() -> None:
    event = Notification(SECRET).parse(BODY, headers(SECRET), now=NOW)
    assert (event.id, event.type, event.data, event.message) == (
        "evt_7",
        "optout.added",
        {"number": "+44"},
        None,
    )
    assert event.timestamp == datetime.fromtimestamp(NOW, UTC)


def test_while_a_secret_is_rotated_either_one_is_enough() -> None:
    assert Notification(OTHER).parse(BODY, headers(SECRET, OTHER), now=NOW)
    assert Notification([OTHER, SECRET]).parse(BODY, headers(SECRET), now=NOW)


@pytest.mark.parametrize(
    ("body", "given", "now"),
    [
        (BODY, headers(OTHER), NOW),
        (BODY + b" ", headers(SECRET), NOW),
        (BODY, headers(SECRET) | {"Webhook-Id": "evt_8"}, NOW),
        (BODY, headers(SECRET), NOW + 301),
        (BODY, headers(SECRET), NOW - 301),
        (BODY, headers(SECRET) | {"Webhook-Timestamp": "soon"}, NOW),
        (BODY, headers(SECRET) | {"Webhook-Timestamp": "٣"}, NOW),
        (BODY, headers(SECRET) | {"Webhook-Signature": ""}, NOW),
        (BODY, headers(SECRET) | {"Webhook-Signature": "v1,ümlaut"}, NOW),
        (BODY, {}, NOW),
    ],
)
def test_what_is_not_signed_is_refused(body: bytes, given: dict[str, str], now: int) -> None:
    with pytest.raises(BadSignature):
        Notification(SECRET).parse(body, given, now=now)


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(BadSignature, match="secret"):
        Client("http://127.0.0.1:9", "k").notification.parse(BODY, headers(SECRET))


def test_a_signed_body_that_is_no_event_is_told_as_such() -> None:
    with pytest.raises(BadAnswer):
        Notification(SECRET).parse(b"[]", headers(SECRET, body=b"[]"), now=NOW)


@pytest.mark.parametrize(
    "request_",
    [
        SimpleNamespace(headers=headers(SECRET), body=BODY),  # Django's
        SimpleNamespace(headers=headers(SECRET), get_data=lambda: BODY),  # Flask's
    ],
)
def test_a_request_is_taken_apart(request_: Any) -> None:
    assert Notification(SECRET).parse(request_, now=NOW).id == "evt_7"


def test_a_request_whose_body_is_awaited_is_refused_with_the_way_out() -> None:
    async def body() -> bytes:
        return BODY

    with pytest.raises(TypeError, match="await"):
        Notification(SECRET).parse(SimpleNamespace(headers=headers(SECRET), body=body), now=NOW)
    with pytest.raises(TypeError, match="headers"):
        Notification(SECRET).parse(BODY)
