"""Messages: send, look, take back, delete, and wait for what becomes of one."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TypeVar

from textwire_client.calls import Resource, call, listing, steps
from textwire_client.errors import NotDelivered, WaitedTooLong
from textwire_client.pages import Page
from textwire_client.plans import Pause, Plan, asked
from textwire_client.request import Request, form, path
from textwire_client.values import Message, MessageStory, SentToMany

D = TypeVar("D")
SHORTEST_LOOK, LONGEST_LOOK = 0.03, 1.0


class Messages(Resource[D]):
    """`client.messages`"""

    @call
    def send(
        self, to: str, text: str, *, from_: str | None = None, send_at: datetime | None = None,
        validity: str | timedelta | None = None, ref: str | None = None, class_: str | None = None,
        on_ambiguous: str | None = None, flash: bool | None = None, idempotency_key: str | None = None,
    ) -> Request[Message]:  # fmt: skip
        """Send a text to one number. Under the same `idempotency_key` it is sent once, however often this is called.

        It leaves now, or at `send_at` (up to 366 days ahead), and is tried for `validity` (1 second to 168 hours, else 72).
        InvalidRequest for a number, text or time that cannot be; Forbidden if the recipient has opted out or the sender
        is not the account's; InsufficientBalance.
        """
        body = form(to=to, text=text, from_=from_, send_at=send_at, validity=validity, ref=ref, class_=class_,
                    on_ambiguous=on_ambiguous, flash=flash)  # fmt: skip
        return Request(method="POST", path=path("messages"), answer=Message, body=body, creates=True,
                       idempotency_key=idempotency_key)  # fmt: skip

    @call
    def send_many(
        self, to: Sequence[str], text: str, *, from_: str | None = None, send_at: datetime | None = None,
        validity: str | timedelta | None = None, ref: str | None = None, class_: str | None = None,
        on_ambiguous: str | None = None, flash: bool | None = None, idempotency_key: str | None = None,
    ) -> Request[SentToMany]:  # fmt: skip
        """Send the same text to up to 1,000 numbers: all of them, or none if one is refused, for which see `send`."""
        body = form(to=list(to), text=text, from_=from_, send_at=send_at, validity=validity, ref=ref, class_=class_,
                    on_ambiguous=on_ambiguous, flash=flash)  # fmt: skip
        return Request(method="POST", path=path("messages"), answer=SentToMany, body=body, creates=True,
                       idempotency_key=idempotency_key)  # fmt: skip

    @listing
    def list(
        self, *, direction: str | None = None, state: str | Sequence[str] | None = None, from_: str | None = None,
        to: str | None = None, ref: str | None = None, batch: str | None = None, q: str | None = None,
        created_after: datetime | None = None, created_before: datetime | None = None, limit: int | None = None,
    ) -> Request[Page[Message]]:  # fmt: skip
        """Messages, newest first, for which all of this is true: `direction` is `in` or `out`, `q` a part of the text.

        `limit` is the size of a page, up to 100: of this list and of all others, which end only where there is no more.
        """
        query = {"direction": direction, "state": state, "from": from_, "to": to, "ref": ref, "batch": batch, "q": q,
                 "created_after": created_after, "created_before": created_before, "limit": limit}  # fmt: skip
        return Request(method="GET", path=path("messages"), answer=Page[Message], query=query)

    @call
    def get(self, id: str) -> Request[MessageStory]:
        """One message with its whole story."""
        return _one(id)

    @call
    def cancel(self, id: str) -> Request[Message]:
        """Take a message back that has not begun to leave; otherwise Conflict."""
        return Request(method="POST", path=path("messages", id, "cancel"), answer=Message)

    @call
    def delete(self, id: str) -> Request[None]:
        """Delete a message that is over; otherwise Conflict."""
        return Request(method="DELETE", path=path("messages", id))

    @steps
    def wait(self, id: str, *, timeout: float = 30.0) -> Plan[MessageStory]:
        """The message once its state is final, whichever that is; WaitedTooLong after `timeout` seconds."""
        return _wait(id, timeout)

    @steps
    def wait_until_delivered(self, id: str, *, timeout: float = 30.0) -> Plan[MessageStory]:
        """The message once it is delivered; NotDelivered if it ends otherwise, WaitedTooLong after `timeout` seconds."""
        return _wait_until_delivered(id, timeout)


def _one(id: str) -> Request[MessageStory]:
    return Request(method="GET", path=path("messages", id), answer=MessageStory)


def _wait(id: str, timeout: float) -> Plan[MessageStory]:
    deadline, pause = time.monotonic() + timeout, SHORTEST_LOOK
    while True:
        message = yield from asked(_one(id))
        if message.final:
            return message
        left = deadline - time.monotonic()
        if left <= 0:
            raise WaitedTooLong(f"message {id} is {message.state} after {timeout} s")
        yield Pause(min(pause, left))
        pause = min(LONGEST_LOOK, pause * 1.5)


def _wait_until_delivered(id: str, timeout: float) -> Plan[MessageStory]:
    message = yield from _wait(id, timeout)
    if message.state != "delivered":
        raise NotDelivered(message)
    return message
