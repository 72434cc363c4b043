"""Words events for the webhooks of the own API, signed as Standard Webhooks prescribes."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import msgspec

from textwire.domain.event import Event
from textwire.domain.message import Message
from textwire.hooks.dialect import Notice

from . import views

MINUTE: Final = 60.0
HOUR: Final = 3600.0

Sign = Callable[[Sequence[str], str, int, bytes], str]
"""(the secrets that sign, webhook-id, seconds UTC, body) → the value of webhook-signature."""


class Body(msgspec.Struct, frozen=True):
    """What is posted: `data` is the message as of the event, or what else the event is about."""

    id: str
    type: str
    timestamp: str
    sequence: int
    data: Any


class Gone(msgspec.Struct, frozen=True):
    """What is left to say of a message that was deleted before its event was told."""

    id: str
    state: str
    deleted: bool = True


_encode: Final = msgspec.json.Encoder().encode


def body(identifier: str, event: Event, message: Message | None) -> bytes:
    """The JSON of an event with its message, if it has one, as it was then."""
    about: Any = msgspec.Raw(event.data.encode())
    if message is not None:
        about = views.as_of(message, event)
    elif event.subject:
        about = Gone(str(event.subject), event.state)
    return _encode(Body(identifier, event.type, views.stamp(event.at), event.sequence, about))


class ApiDialect:
    """A Dialect. Each event of a message carries its sequence and the whole state: the highest one is right."""

    name = "api"
    # Ten tries in three days and some hours.
    waits: tuple[float, ...] = (
        5.0, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR, 24 * HOUR,
    )  # fmt: skip
    jitter = 0.1
    disables = True
    silence: tuple[float, ...] | None = None

    def __init__(self, sign: Sign) -> None:
        self._sign = sign

    def body(self, notice: Notice) -> bytes | None:
        """The event with its message as it was then."""
        return body(notice.identifier, notice.event, notice.message)

    def headers(self, notice: Notice, body: bytes) -> dict[str, str]:
        """https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md, "Webhook headers"."""
        second, hook = notice.at // 1_000_000, notice.hook
        headers = {"webhook-id": notice.identifier, "webhook-timestamp": str(second)}
        old = hook.old_secret if notice.at < hook.old_until else ""  # for a day after a rotation both sign
        secrets = [secret for secret in (hook.secret, old) if secret]
        if secrets:  # without one a receiver that verifies refuses, which is what it should do then
            headers["webhook-signature"] = self._sign(secrets, notice.identifier, second, body)
        return headers
