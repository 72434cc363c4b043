"""/v2/reports/records: what was sent and received, by identifier or by time, with everything that is known of it."""

# "Reports API", loading records synchronously (https://developer.vonage.com/en/api/reports, OpenAPI 2.1.14; pages:
# https://developer.vonage.com/en/reports/guides/how-to-handle-pagination). One record per part, newest first.

import base64
import binascii
import uuid
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode

import msgspec

from textwire.domain.account import Caller
from textwire.domain.ids import MAX_INT
from textwire.domain.message import Message
from textwire.facades.vonage.account.countries import country_of, lands
from textwire.facades.vonage.account.pricing import CURRENCY, NETWORK_NAME
from textwire.facades.vonage.api import Api
from textwire.facades.vonage.parameters import boolean
from textwire.facades.vonage.problems import Failing, Wrong
from textwire.facades.vonage.rest import api_key
from textwire.facades.vonage.wire import NETWORK, SECOND, digits, euros, message_id, part_of
from textwire.store import parted
from textwire.store.listing import Filter
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import records
from .records import LABELS, WORDS, Record

PATH: Final = "/v2/reports/records"
SECRET: Final = ("api_secret", "password", "sig")  # parameters that are not said back
PRODUCT: Final = "SMS"
MOST: Final = 1_000  # records in an answer
MOST_IDS: Final = 100
WEEK: Final = 7 * 86_400 * SECOND
LONGEST: Final = 100  # characters of a parameter, but for the identifiers
IV: Final = (
    "AAAAAAAAAAAAAAAAAAAAAA"  # the vendor's cursors are encrypted, and want this sent back; ours are not
)
DIRECTIONS: Final = {"inbound": "in", "outbound": "out"}
FORMS: Final = ("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z")
ODD: Final = {"unknown": ("ambiguous", "quarantined"), "submitted": ("submitting",)}
# status → states.
STATES: Final = {
    **{word: tuple(state for state, said in WORDS.items() if said == word) for word in set(WORDS.values())}, **ODD,
}  # fmt: skip
BY_TIME: Final = ("status", "date_start", "date_end")  # what does not go with identifiers


class Inbound(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    """A part that came in."""

    account_id: str
    message_id: str
    direction: str = "inbound"
    sender: str
    to: str
    network: str = NETWORK
    network_name: str = NETWORK_NAME
    country: str | None
    country_name: str | None
    date_received: str
    currency: str = CURRENCY
    total_price: str = "0.00000000"
    message_body: str | msgspec.UnsetType = msgspec.UNSET


class Outbound(Inbound, frozen=True, kw_only=True, rename={"sender": "from"}):
    """A part that went out. What is not over yet has neither an end nor a code."""

    direction: str = "outbound"
    client_ref: str | None
    date_finalized: str | None
    latency: str | None
    status: str
    error_code: str | None
    error_code_description: str | None


class _Link(msgspec.Struct, frozen=True):
    href: str


class Report(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"links": "_links"}):
    """The answer. With `cursor` and `iv` the next one begins where this ends."""

    links: dict[str, _Link]
    request_id: str
    request_status: Literal["SUCCESS", "TRUNCATED"]
    id: str = ""
    received_at: str
    price: float
    currency: str
    account_id: str
    product: str
    direction: str
    include_message: bool
    items_count: int
    ids_not_found: str = ""
    cursor: str = ""
    iv: str = ""
    records: list[Any]


class _Asked(msgspec.Struct, frozen=True):
    """The parameters, read."""

    given: dict[str, str]
    direction: str
    ids: tuple[str, ...]
    wanted: Filter
    country: str
    body: bool
    before: int


class Reports:
    """The handler."""

    def __init__(self, desk: Desk) -> None:
        self._engine, self._conversations, self._clock = desk.store.engine, desk.conversations, desk.clock

    def routes(self, api: Api) -> tuple[Route, ...]:
        """The one path; reports that are made in the background there are none of."""
        return (api.route("GET", PATH, self._load),)

    async def _load(self, request: Request, caller: Caller) -> Response:
        given = {name: value for name, value in request.query.items() if value}
        asked = _read(given, api_key(caller), self._clock.now())
        if asked.ids:
            found, missing = await self._named(asked, caller.account)
            return json_response(self._report(asked, caller, found, 0, missing))
        page = await self._conversations.list(caller.account, asked.wanted, before=asked.before, limit=MOST)
        messages, before = _bounded(page.messages, page.before)
        found = await records.of(self._engine, messages)
        return json_response(self._report(asked, caller, found, before, ()))

    async def _named(self, asked: _Asked, account: int) -> tuple[list[Record], tuple[str, ...]]:
        wanted = {written: part_of(written) for written in asked.ids}
        messages = await parted.named(self._engine, account, filter(None, wanted.values()))
        unique = {one.id: one for one in messages.values() if one.direction == DIRECTIONS[asked.direction]}
        parts = {one.segment.id: one for one in await records.of(self._engine, list(unique.values()))}
        found = [parts[key] for key in dict.fromkeys(wanted.values()) if key in parts]
        return found, tuple(written for written, key in wanted.items() if key not in parts)

    def _report(
        self, asked: _Asked, caller: Caller, found: list[Record], before: int, missing: tuple[str, ...]
    ) -> Report:
        key = api_key(caller)
        shown = [
            one
            for one in (_record(one, key, asked.body) for one in found)
            if asked.country in ("", one.country)
        ]
        pages = {"cursor": _cursor(before), "iv": IV} if before else {}
        links = {"self": _link(asked.given)}
        if before:
            links["next"] = _link({**asked.given, **pages})
        return Report(
            links=links, request_id=str(uuid.uuid4()), request_status="TRUNCATED" if before else "SUCCESS",
            id=asked.given.get("id", ""), received_at=_stamp(self._clock.now()), price=0.0, currency=CURRENCY,
            account_id=key, product=PRODUCT, direction=asked.direction, include_message=asked.body,
            items_count=len(shown), ids_not_found=",".join(missing), records=shown, **pages,
        )  # fmt: skip


def _read(given: dict[str, str], key: str, now: int) -> _Asked:
    for name in ("account_id", "product", "direction"):
        if name not in given:
            raise _wrong(name, "Missing required parameter")
    if given["account_id"] != key:
        raise Failing(403, "#forbidden", "Forbidden", "User not authorized to query the requested data")
    if given["product"].upper() != PRODUCT:
        raise _wrong(
            "product", f"Could not resolve product name. Please use one of the following values [{PRODUCT}]"
        )
    direction = given["direction"].lower()
    if direction not in DIRECTIONS:
        raise _wrong("direction", "must be inbound or outbound")
    body = boolean(given.get("include_message", "false"))
    if body is None:
        raise _wrong("include_message", "must be true or false")
    for name, value in given.items():
        if name != "id" and name != "cursor" and len(value) > LONGEST:
            raise _wrong(name, f"must not be longer than {LONGEST} characters")
    ids = _ids(given)
    wanted = Filter() if ids else _filter(given, direction, now)
    return _Asked(given, direction, ids, wanted, given.get("country", "").upper(), body, _before(given))


def _ids(given: dict[str, str]) -> tuple[str, ...]:
    """The identifiers, which do not go with what narrows a time."""
    ids = tuple(dict.fromkeys(part.strip() for part in given.get("id", "").split(",") if part.strip()))
    if ids and (beside := [name for name in BY_TIME if name in given]):
        raise Failing(
            422, "/reports#invalid-filter", "Invalid filter",
            f"When using message_id, the following parameters are not supported: [{', '.join(beside)}]",
        )  # fmt: skip
    if len(ids) > MOST_IDS:
        raise _wrong("id", f"must not name more than {MOST_IDS}")
    return ids


def _filter(given: dict[str, str], direction: str, now: int) -> Filter:
    if "date_start" not in given and "date_end" not in given:
        raise _wrong("date_start", "Missing required parameter")
    until = _moment(given, "date_end") or now + SECOND
    since = _moment(given, "date_start") or until - WEEK
    if since >= until:
        raise _wrong("date_end", "must be later than date_start")
    states: tuple[str, ...] = ()
    if status := given.get("status", "").lower():
        if status not in STATES:
            raise _wrong("status", f"must be one of [{', '.join(sorted(STATES))}]")
        states = STATES[status]
    return Filter(
        direction=DIRECTIONS[direction], since=max(since, 0), until=until, states=states, ref=given.get("client_ref", ""),
        sender=_address(given.get("from", "")), recipient=_address(given.get("to", "")),
    )  # fmt: skip


def _address(written: str) -> str:
    """A number with its plus, a name as it is; "": any."""
    bare = digits(written.strip())
    return f"+{bare}" if bare.isascii() and bare.isdigit() else bare


def _moment(given: dict[str, str], name: str) -> int:
    """µs UTC; 0: none was given. A + that a client has not escaped came as a blank."""
    if not (written := given.get(name, "").strip().replace(" ", "+")):
        return 0
    for form in FORMS:
        try:
            at = datetime.strptime(written, form)
            return int(at.timestamp() * 1000) * 1000
        except (ValueError, OverflowError):
            continue
    raise _wrong(name, "must be a time in ISO-8601 format: yyyy-mm-ddThh:mm:ss[.sss]±hh:mm")


def _before(given: dict[str, str]) -> int:
    if not (cursor := given.get("cursor")):
        return MAX_INT
    try:
        return int.from_bytes(base64.b32decode(cursor[:LONGEST].encode("ascii", "replace"))) & MAX_INT
    except (binascii.Error, ValueError):
        raise _wrong("cursor", "is not one of ours") from None


def _cursor(before: int) -> str:
    return base64.b32encode(before.to_bytes(10)).decode()


def _bounded(messages: list[Message], before: int) -> tuple[list[Message], int]:
    """So many messages that their parts fit in an answer, and where the next one begins (0: nowhere)."""
    parts = 0
    for n, message in enumerate(messages):
        parts += message.total
        if parts > MOST:
            return messages[:n], messages[n - 1].id
    return messages, before


def _record(one: Record, account: str, body: bool) -> Inbound:
    m = one.message
    country = country_of(digits(m.sender if one.inbound else m.recipient))
    shown: dict[str, Any] = {
        "account_id": account, "message_id": message_id(one.segment.id), "sender": digits(m.sender),
        "to": digits(m.recipient), "country": country or None,
        "country_name": lands()[country].name if country else None, "date_received": _stamp(m.created_at),
        "message_body": one.text if body else msgspec.UNSET,
    }  # fmt: skip
    if one.inbound:
        return Inbound(**shown)
    over = one.closed_at > 0
    return Outbound(
        **shown, client_ref=m.correlator or None, date_finalized=_stamp(one.closed_at) if over else None,
        latency=str(one.latency) if over else None, status=one.status, error_code=one.code if over else None,
        error_code_description=LABELS[one.code] if over else None, total_price=euros(m.price),
    )  # fmt: skip


def _link(given: dict[str, str]) -> _Link:
    """The address of a page, without what a client has put there to prove who it is."""
    return _Link(f"{PATH}?{urlencode({name: value for name, value in given.items() if name not in SECRET})}")


def _stamp(at: int) -> str:
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%S+0000")


def _wrong(name: str, reason: str) -> Failing:
    return Failing(422, "#not-found", "Unprocessable entity", "Unprocessable entity.", Wrong(name, reason))
