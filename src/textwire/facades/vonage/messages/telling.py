"""Tells of texts in the words of the Messages API: where to, and the request with the token that proves it."""

# protocols 5.3 and 2.1.

from typing import Any, Final

import msgspec

from textwire.domain.application import Application
from textwire.domain.event import Event
from textwire.domain.message import Message, Telling
from textwire.facades.vonage.applications import forms as applications
from textwire.hooks.dialect import Call, Notice
from textwire.store import applications as shelf
from textwire.store import events, tellings
from textwire.store.engines.engine import Engine

from . import signing, wording
from .forms import V01

RECEIVED: Final = "message.received"
TOLD: Final = frozenset(f"message.{state}" for state in wording.STATUSES)
HEADERS: Final = {
    "Content-Type": "application/json",
    "Accept": "*/*",
    "User-Agent": "Vonage/MessagingHUB/v1.0",
}


class _Said(msgspec.Struct, frozen=True):
    """What an event says of a failure."""

    error: str = ""
    reason: str = ""


class Teller:
    """For a dialect: its hook has the secret, and the api_key as its correlator."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def inbound_place(self, message: Message) -> str:
        """Of the application that the number is linked to; "": there is none."""
        found = await shelf.of_number(self._engine, message.account, message.recipient)
        return found.places.inbound_url if found else ""

    async def status_place(self, message: Message, telling: Telling) -> str:
        """The message's own place, else that of the application that sent it; "": there is none."""
        if telling.url:
            return telling.url
        found = await self._sender_of(message)
        return found.places.status_url if found else ""

    async def call(self, notice: Notice) -> Call | None:
        """The request of this attempt; always by POST."""
        message = notice.message
        if message is None:
            return None
        if notice.event.type == RECEIVED:
            application = await shelf.of_number(self._engine, message.account, message.recipient)
            old = application is not None and applications.version(application.places) == V01
            return _call(notice, wording.inbound(message, old), application)
        application = await self._sender_of(message)
        return _call(notice, await self._status(notice.event, message), application)

    async def _status(self, event: Event, message: Message) -> wording.Words:
        telling = await tellings.of(self._engine, message.id)
        said = msgspec.json.decode(event.data, type=_Said)
        charged = await self._charged(event)
        return wording.status(message, telling, event, said.reason, said.error, charged=charged)

    async def _charged(self, event: Event) -> bool:
        """Whether an event is the first to tell that a network has the message."""
        if event.type != wording.DELIVERED:
            return event.type == wording.SENT
        told = await events.of_subject(self._engine, event.subject)
        return not any(e.type in (wording.SENT, wording.DELIVERED) and e.number < event.number for e in told)

    async def _sender_of(self, message: Message) -> Application | None:
        return await shelf.of_principal(self._engine, message.account, message.principal)


def _call(notice: Notice, said: dict[str, Any], application: Application | None) -> Call:
    body = msgspec.json.encode(said)
    headers = dict(HEADERS)
    if secret := notice.hook.secret:
        name = application.public_id if application else ""
        signed = signing.token(secret, body, notice.at, notice.hook.correlator, name)
        headers["Authorization"] = f"Bearer {signed}"
    return Call(method="POST", headers=headers, body=body)
