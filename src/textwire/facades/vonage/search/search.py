"""/search: messages by identifier or by day and recipient, and requests that were refused."""

# "Message Search API" (OpenAPI developer/messages 1.0.6); the vendor has replaced it by reports, its clients still ask.

from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

import msgspec

from textwire.domain.ids import MAX_INT
from textwire.domain.message import Message
from textwire.facades.vonage.addresses import bare
from textwire.facades.vonage.rest import Call, Rest, api_key, said, status
from textwire.facades.vonage.wire import NETWORK, digits, euros, message_id, part_of, stamp
from textwire.store import parted
from textwire.store.listing import Filter
from textwire.store.rejections import Rejection
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.routes import Route

from . import records
from .records import LABELS, Record

WRONG: Final = (400, "wrong parameters")
MOST_IDS: Final = 10
MOST_FOUND: Final = 100  # messages, or refusals, of a day
MOST_PAGES: Final = 25
DAY: Final = 86_400_000_000  # µs
FINALS: Final = {
    "delivered": "DELIVRD", "expired": "EXPIRED", "failed": "UNDELIV", "rejected": "REJECTD",
}  # fmt: skip


class Element(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"sender": "from"}):
    """A part. What is over says what came of it; what came in has neither price nor end."""

    message_id: str = msgspec.field(name="message-id")
    account_id: str = msgspec.field(name="account-id")
    network: str
    sender: str
    to: str
    body: str
    price: str = ""
    date_received: str = msgspec.field(name="date-received")
    final_status: str = msgspec.field(name="final-status", default="")
    date_closed: str = msgspec.field(name="date-closed", default="")
    latency: int | None = None
    client_ref: str = msgspec.field(name="client-ref", default="")
    status: str = ""
    error_code: str = msgspec.field(name="error-code", default="")
    error_code_label: str = msgspec.field(name="error-code-label", default="")
    type: str


class Refused(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    """A request that was refused."""

    account_id: str = msgspec.field(name="account-id")
    sender: str
    to: str
    date_received: str = msgspec.field(name="date-received")
    error_code: str = msgspec.field(name="error-code")
    error_code_label: str = msgspec.field(name="error-code-label")


class Found(msgspec.Struct, frozen=True):
    """Several."""

    count: int
    items: list[Any]


class Search:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._engine, self._conversations, self._rejections = (
            desk.store.engine,
            desk.conversations,
            desk.rejections,
        )

    def routes(self, rest: Rest) -> tuple[Route, ...]:
        """All three paths."""
        return (
            rest.route("GET", "/search/message", self._one),
            rest.route("GET", "/search/messages", self._several),
            rest.route("GET", "/search/rejections", self._refused),
        )

    async def _one(self, call: Call) -> Response:
        if not (named := call.given.get("id")):
            return status(call.request, *WRONG)
        found = await self._named(call, [named])
        return said(call.request, "message", found[0] if found else {})

    async def _several(self, call: Call) -> Response:
        if ids := _ids(call.request):
            if len(ids) > MOST_IDS:
                return status(call.request, *WRONG)
            found = await self._named(call, ids)
        else:
            if (day := _day(call.given)) is None or not (to := _to(call.given)):
                return status(call.request, *WRONG)
            found = await self._sent(call, to, day)
        return said(call.request, "messages", Found(len(found), found), item="message")

    async def _refused(self, call: Call) -> Response:
        if (day := _day(call.given)) is None or not (to := _to(call.given)):
            return status(call.request, *WRONG)
        kept = await self._rejections.found(call.caller.account, to, day, day + DAY, MOST_FOUND)
        found = [_refusal(one, api_key(call.caller)) for one in kept]
        return said(call.request, "rejections", Found(len(found), found), item="rejection")

    async def _named(self, call: Call, ids: list[str]) -> list[Element]:
        wanted = [key for key in map(part_of, ids) if key]
        found = await parted.named(self._engine, call.caller.account, wanted)
        messages = {one.id: one for one in found.values()}
        parts = {one.segment.id: one for one in await records.of(self._engine, list(messages.values()))}
        return [_element(parts[key], api_key(call.caller)) for key in dict.fromkeys(wanted) if key in parts]

    async def _sent(self, call: Call, to: str, day: int) -> list[Element]:
        wanted = Filter(recipient=f"+{to}", since=day, until=day + DAY)
        messages: list[Message] = []
        before = MAX_INT
        for _ in range(MOST_PAGES):  # each looks at so many messages only, whether it finds some or not
            room = MOST_FOUND - len(messages)
            page = await self._conversations.list(call.caller.account, wanted, before=before, limit=room)
            messages, before = messages + page.messages, page.before
            if not before or len(messages) == MOST_FOUND:
                break
        parts = await records.of(self._engine, messages)
        return [_element(one, api_key(call.caller)) for one in parts]


def _element(one: Record, account: str) -> Element:
    m = one.message
    ends: dict[str, Any] = {}
    if not one.inbound:
        ends = {"price": euros(m.price), "client_ref": m.correlator, "status": one.status}
    if not one.inbound and one.closed_at:
        ends |= {
            "final_status": FINALS.get(one.status, "UNKNOWN"), "date_closed": stamp(one.closed_at),
            "latency": one.latency, "error_code": one.code, "error_code_label": LABELS[one.code],
        }  # fmt: skip
    return Element(
        message_id=message_id(one.segment.id), account_id=account, network=NETWORK, sender=digits(m.sender),
        to=digits(m.recipient), body=one.text, date_received=stamp(m.created_at), type="MO" if one.inbound else "MT", **ends,
    )  # fmt: skip


def _refusal(one: Rejection, account: str) -> Refused:
    return Refused(
        account_id=account, sender=one.sender, to=one.recipient, date_received=stamp(one.at), error_code=one.code,
        error_code_label=one.label,
    )  # fmt: skip


def _ids(request: Request) -> list[str]:
    """Every `ids` of the query, which may have several."""
    query = request.scope["query_string"].decode("ascii", "replace")
    return [value for name, value in parse_qsl(query) if name == "ids"]


def _to(given: dict[str, str]) -> str:
    return bare(given.get("to", ""))


def _day(given: dict[str, str]) -> int | None:
    """The beginning of the day that is asked for, µs UTC."""
    try:
        day = datetime.strptime(given.get("date", ""), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return int(day.timestamp()) * 1_000_000
