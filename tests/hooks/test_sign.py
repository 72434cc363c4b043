"""Signatures that the stock Standard Webhooks verifier accepts."""

import base64
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from textwire.hooks.sign import key, new_secret, sign

BODY = json.dumps({"text": "Grüße 😀"}).encode()


def verify(secret: str, webhook_id: str, timestamp: int, body: bytes, signature: str) -> None:
    headers = {"webhook-id": webhook_id, "webhook-timestamp": str(timestamp), "webhook-signature": signature}
    Webhook(secret).verify(body, headers, json_parse=False)


def test_a_new_secret_is_32_random_bytes_behind_a_prefix() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    for secret in secrets:
        prefix, encoded = secret[:6], secret[6:]
        assert prefix == "whsec_"
        assert len(base64.b64decode(encoded, validate=True)) == 32


def test_the_value_of_the_specification_is_reproduced() -> None:
    # The example of the Standard Webhooks specification and of its reference libraries.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    assert (
        sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1), st.text().map(str.encode)
)
def test_the_stock_verifier_accepts_every_signature(webhook_id: str, body: bytes) -> None:
    secret, now = new_secret(), int(time.time())
    verify(secret, webhook_id, now, body, sign(secret, webhook_id, now, body))


@pytest.mark.parametrize("change", ["secret", "webhook_id", "timestamp", "body"])
def test_the_stock_verifier_refuses_a_signature_over_something_else(change: str) -> None:
    secret, now = new_secret(), int(time.time())
    signature = sign(secret, "msg_1", now, BODY)
    with pytest.raises(WebhookVerificationError):
        verify(
            new_secret() if change == "secret" else secret,
            "msg_2" if change == "webhook_id" else "msg_1",
            now + 1 if change == "timestamp" else now,
            BODY + b" " if change == "body" else BODY,
            signature,
        )


def test_during_a_rotation_both_secrets_verify_the_same_header() -> None:
    old, new, now = new_secret(), new_secret(), int(time.time())
    signature = sign([new, old], "msg_1", now, BODY)
    assert len(signature.split(" ")) == 2
    verify(new, "msg_1", now, BODY, signature)
    verify(old, "msg_1", now, BODY, signature)


def test_prefix_and_padding_of_a_secret_are_optional() -> None:
    secret = "whsec_" + base64.b64encode(bytes(range(32))).decode()
    assert key(secret) == key(secret[6:]) == key(secret.rstrip("=")) == bytes(range(32))


@pytest.mark.parametrize("size", [0, 23, 65])
def test_a_secret_of_the_wrong_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="24 to 64"):
        key("whsec_" + base64.b64encode(bytes(size)).decode())


@pytest.mark.parametrize("secret", ["whsec_!!!", "whsec_äöü", "geheim geheim", "vwxyz"])
def test_a_secret_that_is_no_base64_is_refused_without_showing_it(secret: str) -> None:
    with pytest.raises(ValueError) as caught:
        sign(secret, "msg_1", 1, b"")
    assert secret not in str(caught.value)
