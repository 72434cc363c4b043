"""What a webhook's endpoint is sent: its signature is checked over the octets that came, then it is read."""

# "Signature scheme" in https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from .errors import BadAnswer, BadSignature
from .values import Event

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"


class Notification:
    """`client.notification`; `secrets` are those of the hooks that may call (two while one is rotated)."""

    def __init__(self, secrets: str | Sequence[str] = ()) -> None:
        self._secrets = (secrets,) if isinstance(secrets, str) else tuple(secrets)

    def parse(
        self, body_or_request: Any, headers: Mapping[str, str] | None = None, *,
        secret: str | Sequence[str] | None = None, now: float | None = None,
    ) -> Event:  # fmt: skip
        """The event of a call: BadSignature unless one of the secrets signed it within the last five minutes.

        Give the body as it came with its headers, or a request of Flask, Django or anything that has `headers` and
        `body` or `get_data()`. Where the body is awaited (Starlette, FastAPI, aiohttp), give `await request.body()`
        and `request.headers`.
        """
        body, found = _opened(body_or_request, headers)
        chosen = self._secrets if secret is None else (secret,) if isinstance(secret, str) else tuple(secret)
        verify(body, found, chosen, time.time() if now is None else now)
        try:
            return msgspec.json.decode(body, type=Event)
        except msgspec.MsgspecError as error:
            raise BadAnswer(f"a signed body that is no event: {error}") from None


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: float) -> None:
    """BadSignature unless one of the secrets signed this body, not long ago."""
    if not secrets:
        raise BadSignature("no secret to verify with: give the one that the hook was created with")
    names = {name.lower(): value for name, value in headers.items()}
    identifier, at = names.get("webhook-id", ""), names.get("webhook-timestamp", "")
    if not (at.isascii() and at.isdecimal()) or abs(now - int(at)) > TOLERANCE_SECONDS:
        raise BadSignature("no time in webhook-timestamp, or one more than five minutes off")
    signed = f"{identifier}.{at}.".encode() + body
    given = names.get("webhook-signature", "").encode().split()
    if not any(hmac.compare_digest(_signature(secret, signed), one) for secret in secrets for one in given):
        raise BadSignature("not signed with this secret")


def _signature(secret: str, signed: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a secret is whsec_ and base64") from None
    return b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256"))


def _opened(given: Any, headers: Mapping[str, str] | None) -> tuple[bytes, Mapping[str, str]]:
    """The octets and headers of whatever was given."""
    if headers is None:
        headers = getattr(given, "headers", None)
        if headers is None:
            raise TypeError("a body alone has no signature: give its headers, too")
        read = getattr(given, "get_data", None)
        given = read() if callable(read) else getattr(given, "body", None)
    if isinstance(given, str):
        given = given.encode()
    if not isinstance(given, (bytes, bytearray, memoryview)):
        raise TypeError("the body as it came is needed, in octets: await it first where it is awaited")
    return bytes(given), headers
