"""What a webhook's endpoint is sent: its signature is checked over the octets that came, then it is read."""

# "Signature scheme" in https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md

from __future__ import annotations

import base64
import binascii
import hmac
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal, overload

import msgspec

from .errors import BadAnswer, BadSignature
from .values import Event
from .values.notices import KandyNotification

TOLERANCE_SECONDS = 300
PREFIX = "whsec_"
MOST_OCTETS = 524_288  # the longest text, escaped as JSON allows, is about half of it
MOST_SIGNATURES = 10
MOST_LEARNED = 1_000  # as many hooks as an account may have


class Notification:
    """`client.notification`; `secrets` are those of the hooks that may call (two while one is rotated).

    Those of `client.conversation.subscribe` are known without being named, as long as this client lives.
    """

    def __init__(self, secrets: str | Sequence[str] = ()) -> None:
        self._secrets = _several(secrets)
        self._learned: dict[str, str] = {}

    @overload
    def parse(
        self, body_or_request: Any, headers: Mapping[str, str] | None = None, *,
        secret: str | Sequence[str] | None = None, now: float | None = None, signed: Literal[True] = True,
    ) -> Event: ...  # fmt: skip
    @overload
    def parse(
        self, body_or_request: Any, headers: Mapping[str, str] | None = None, *, signed: Literal[False],
        authorization: str | None = None,
    ) -> KandyNotification: ...  # fmt: skip
    def parse(
        self, body_or_request: Any, headers: Mapping[str, str] | None = None, *,
        secret: str | Sequence[str] | None = None, now: float | None = None, signed: bool = True,
        authorization: str | None = None,
    ) -> Event | KandyNotification:  # fmt: skip
        """The event of a call: BadSignature unless one of the secrets signed it within the last five minutes.

        Give the body as it came with its headers, or a request of Flask, Django or anything that has `headers` and
        `body` or `get_data()`. Where the body is awaited (Starlette, FastAPI, aiohttp), give `await request.body()`
        and `request.headers`. `event.notification` is the same in the words of Kandy's SDKs.

        Kandy's API signs nothing. To read its notifications say so, `signed=False`: anybody who knows the endpoint's
        address can post one. A channel with `x-authorization` has that posted along; name it in `authorization`
        and anything else is a BadSignature.
        """
        if signed:
            if authorization is not None:
                raise TypeError("authorization goes with signed=False: our own calls are signed")
            return self._signed(body_or_request, headers, secret, now)
        if secret is not None:
            raise TypeError("a secret goes with signed calls, and Kandy's are not")
        from . import kandy  # late: not everybody has to do with it

        body, found = _opened(body_or_request, headers, bare=authorization is None)
        if authorization is not None:
            _authorized(found, authorization)
        return kandy.read(_bounded(body))

    def learn(self, hook: str, secret: str) -> None:
        """From now on a call that is signed with this is believed, too."""
        self._learned.pop(hook, None)
        self._learned[hook] = secret
        while len(self._learned) > MOST_LEARNED:
            self._learned.pop(next(iter(self._learned)), None)

    def forget(self, hook: str) -> None:
        """Do not believe it any more."""
        self._learned.pop(hook, None)

    def _signed(
        self, given: Any, headers: Mapping[str, str] | None, secret: str | Sequence[str] | None, now: float | None
    ) -> Event:  # fmt: skip
        body, found = _opened(given, headers)
        chosen = (*self._secrets, *self._learned.copy().values()) if secret is None else _several(secret)
        verify(_bounded(body), found, chosen, time.time() if now is None else now)
        try:
            return msgspec.json.decode(body, type=Event)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise BadAnswer(f"a signed body that is no event: {error}") from None


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], now: float) -> None:
    """BadSignature unless one of the secrets signed this body, not long ago."""
    if not secrets:
        raise BadSignature("no secret to verify with: give the one that the hook was created with")
    names = {name.lower(): value for name, value in headers.items()}
    identifier, at = names.get("webhook-id", ""), names.get("webhook-timestamp", "")
    if not (at.isascii() and at.isdecimal() and len(at) < 20) or abs(now - int(at)) > TOLERANCE_SECONDS:
        raise BadSignature("no time in webhook-timestamp, or one more than five minutes off")
    signed = f"{identifier}.{at}.".encode(errors="replace") + body
    given = names.get("webhook-signature", "").encode(errors="replace").split()[:MOST_SIGNATURES]
    for secret in secrets:
        own = _signature(secret, signed)
        if any(hmac.compare_digest(own, one) for one in given):
            return
    raise BadSignature("not signed with this secret")


def _signature(secret: str, signed: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        raise ValueError("a secret is whsec_ and base64") from None
    return b"v1," + base64.b64encode(hmac.digest(key, signed, "sha256"))


def _authorized(headers: Mapping[str, str], wanted: str) -> None:
    """BadSignature unless the call carries what its channel was told to present."""
    given = {name.lower(): value for name, value in headers.items()}.get("authorization", "")
    if not wanted or not hmac.compare_digest(given.encode(errors="replace"), wanted.encode(errors="replace")):
        raise BadSignature("not the authorization that was asked for")


def _several(secrets: str | Sequence[str]) -> tuple[str, ...]:
    return (secrets,) if isinstance(secrets, str) else tuple(secrets)


def _bounded(body: bytes) -> bytes:
    if len(body) > MOST_OCTETS:
        raise BadAnswer(f"a body of {len(body)} octets is none of ours")
    return body


def _opened(
    given: Any, headers: Mapping[str, str] | None, *, bare: bool = False
) -> tuple[bytes, Mapping[str, str]]:
    """The octets and headers of whatever was given; a `bare` body, read as JSON already or not, needs no headers."""
    if headers is None:
        headers = getattr(given, "headers", None)
        if headers is None and not bare:
            raise TypeError(
                "a body alone has no signature: give its headers, too (or signed=False for Kandy's)"
            )
        if headers is not None:
            read = getattr(given, "get_data", None)
            given = read() if callable(read) else getattr(given, "body", None)
    if isinstance(given, str):
        given = given.encode(errors="replace")
    if bare and isinstance(given, Mapping):
        given = _json(given)
    if not isinstance(given, (bytes, bytearray, memoryview)):
        raise TypeError("the body as it came is needed, in octets: await it first where it is awaited")
    return bytes(given), headers or {}


def _json(given: Mapping[str, Any]) -> bytes:
    try:
        return msgspec.json.encode(given)
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise BadAnswer(f"not a notification of Kandy's: {error}") from None
