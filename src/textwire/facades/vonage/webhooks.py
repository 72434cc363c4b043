"""The Dialect: where inbound texts and receipts are told, part by part, by which method, how signed, how often."""

# Targets: protocols 2.1; requests: 2.2; schedule: 2.5 and decisions 26.

import uuid
from collections.abc import Mapping
from typing import Final
from urllib.parse import quote_plus, urlencode

import msgspec

from textwire.domain.account import Settings
from textwire.domain.event import Event
from textwire.domain.message import Message, Segment, Telling
from textwire.domain.number import Settings as NumberSettings
from textwire.hooks.dialect import Call, Calling, Notice
from textwire.store import events, messages, numbers, receipts, tellings
from textwire.store.engines.engine import Engine
from textwire.store.hooks import Hook
from textwire.switch.callbacks import DIALECT
from textwire.switch.draft import OCTETS
from textwire.switch.people.settings import SettingsCache

from . import fields
from .fields import STATUSES, Fields
from .messages.telling import TOLD, Teller
from .signatures import sign

RECEIVED: Final = "message.received"
FINALS: Final = frozenset(f"message.{state}" for state in STATUSES)
SENT: Final = "message.sent"
MESSAGES: Final = "messages"  # what an account sets to be told so
WHOLE: Final = 0  # the part that an event as a whole is
UNSIGNED: Final = "none"
HEADERS: Final = {"Accept": "*/*", "User-Agent": "Vonage/MessagingHUB/v1.0"}

FIRST_WAIT, LONGEST_WAIT, ATTEMPTS = 5.0, 900.0, 103


def waits() -> tuple[float, ...]:
    """Seconds between attempts: 5, doubled up to a quarter of an hour; the last attempt is after 23 h 51 min."""
    return tuple(min(FIRST_WAIT * 2**n, LONGEST_WAIT) for n in range(ATTEMPTS - 1))


class _Said(msgspec.Struct, frozen=True):
    """What an event says of a failure."""

    error: str = ""
    reason: str = ""


class VonageDialect(Calling):
    """`settings` are those of accounts."""

    name = DIALECT
    waits = waits()
    jitter = 0.0
    disables = False
    silence = None

    def __init__(self, engine: Engine, settings: SettingsCache) -> None:
        self._engine, self._settings, self._teller = engine, settings, Teller(engine)

    async def targets(self, hook: Hook, event: Event, message: Message | None) -> Mapping[int, str]:
        """In the Messages API's words the event as a whole; in the SMS API's every part of a text that came in, and
        of one that went out every part once the whole is final.
        """
        if message is None:
            return {}
        if event.type == RECEIVED:
            whole, url = await self._inbound_urls(message)
        elif message.direction == "out":
            whole, url = await self._status_urls(event, message)
        else:
            return {}
        if whole:
            return {WHOLE: whole}
        return dict.fromkeys(await self._parts(event, message), url) if url else {}

    async def target(self, hook: Hook, event: Event, message: Message | None, part: int) -> str:
        """As it was begun, though the account may have chosen the other API meanwhile."""
        if message is None or event.type != RECEIVED:
            return await super().target(hook, event, message, part)
        if part == WHOLE:
            return await self._teller.inbound_place(message)
        return await self._inbound_url(message)

    async def call(self, notice: Notice) -> Call | None:
        """The request of this attempt: its `timestamp`, `nonce` and `sig` are its own."""
        message = notice.message
        if message is None:
            return None
        if notice.part == WHOLE:
            return await self._teller.call(notice)
        segment = await self._segment(message, notice.part)
        said = await self._fields(notice, message, segment)
        settings = await self._settings.of(message.account)
        return _call(settings.callback_method, _signed(said, notice, settings))

    async def _inbound_urls(self, message: Message) -> tuple[str, str]:
        """The application's place, if the account has chosen the Messages API; else one in the SMS API's words."""
        settings = await self._settings.of(message.account)
        told_whole = (
            settings.sms_api == MESSAGES and message.encoding != OCTETS
        )  # it has words for texts only
        if told_whole and (place := await self._teller.inbound_place(message)):
            return place, ""
        return "", await self._inbound_url(message)

    async def _status_urls(self, event: Event, message: Message) -> tuple[str, str]:
        """A place in the words of the API by which the message was sent; that of the account speaks the SMS API's."""
        told = await tellings.of(self._engine, message.id)
        if told.form and (place := await self._teller.status_place(message, told)):
            return place if event.type in TOLD else "", ""
        return "", await self._receipt_url(message, told) if await self._is_told(event) else ""

    async def _is_told(self, event: Event) -> bool:
        """Whether the SMS API tells of it: of every end, and for who wants that when the network has it."""
        if event.type == SENT:
            return (await self._settings.of(event.account)).intermediate_receipts
        return event.type in FINALS

    async def _inbound_url(self, message: Message) -> str:
        """The number's own place, else the account's."""
        number = await numbers.one(self._engine, message.account, message.recipient)
        if number is not None:
            own = msgspec.json.decode(number.settings, type=NumberSettings).inbound_url
            if own:
                return own
        return (await self._settings.of(message.account)).inbound_url

    async def _receipt_url(self, message: Message, telling: Telling) -> str:
        """The message's own place, else the account's; none for a message whose sender wants no receipts."""
        if not telling.receipts:
            return ""
        return telling.url or (await self._settings.of(message.account)).receipt_url

    async def _parts(self, event: Event, message: Message) -> range:
        """All of them; but when a receipt corrects one that was final already, that one alone."""
        if event.segment and event.type in FINALS:
            told = await events.of_subject(self._engine, message.id)
            if any(e.type in FINALS and e.number < event.number for e in told):
                return range(event.segment, event.segment + 1)
        return range(message.id, message.id + message.total)

    async def _segment(self, message: Message, key: int) -> Segment:
        """A part; of a text that came in without it, an empty one."""
        found = {s.id: s for s in await messages.segments(self._engine, message)}
        missing = Segment(key, message.id, key - message.id + 1, "", message.state, message.carrier, "")
        return found.get(key, missing)

    async def _fields(self, notice: Notice, message: Message, segment: Segment) -> Fields:
        key = notice.hook.correlator
        if notice.event.type == RECEIVED:
            return fields.inbound(message, segment, key)
        if notice.event.type == SENT:
            return fields.accepted(message, segment, notice.event, key)
        kept = [k for k in await receipts.of_message(self._engine, message) if k.segment == segment.id]
        last = kept[-1].receipt if kept else None
        said = msgspec.json.decode(notice.event.data, type=_Said)
        return fields.receipt(message, segment, notice.event, last, said.error or said.reason, key)


def _signed(said: Fields, notice: Notice, settings: Settings) -> Fields:
    """With a signature, unless the account wants none or has no secret."""
    method, secret = settings.callback_signature, notice.hook.secret
    if method == UNSIGNED or not secret:
        return said
    whole = {**said, "timestamp": str(notice.at // 1_000_000), "nonce": str(uuid.uuid4())}
    return {**whole, "sig": sign(method, secret, whole)}


def _call(method: str, said: Fields) -> Call:
    if method == "GET":
        return Call(method="GET", headers=HEADERS, query=said)
    if method == "POST":
        form = urlencode(said, quote_via=quote_plus, safe="").encode()
        content = "application/x-www-form-urlencoded; charset=UTF-8"
        return Call(method="POST", headers={**HEADERS, "Content-Type": content}, body=form)
    return Call(
        method="POST", headers={**HEADERS, "Content-Type": "application/json"}, body=msgspec.json.encode(said)
    )
