"""Sending a text: `POST …/outbound/{senderAddress}/requests`."""

# conversation.createMessage of the vendor's SDKs; senderAddress is a number, `default` or the user's own id.
# `DeliveredToNetwork` and `DeliveryImpossible` are all that its page knows at this point.

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec

from textwire.domain.account import Caller
from textwire.domain.address import BadAddress, parse_recipient
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.switch import outcomes
from textwire.switch.desk import Desk
from textwire.switch.draft import DEFAULT_SENDER, SendRequest
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .gate import Gate
from .wire import MAX_CORRELATOR, Wire, message_url, sms_url

MOST_ADDRESSES: Final = 100
WAIT_SECONDS: Final = 2.0
# The longest text (255 segments, 39,015 characters) may come in \u escapes of six bytes, beside 100 addresses.
BODY_LIMIT: Final = 262_144

ON_ITS_WAY: Final = "DeliveredToNetwork"
IMPOSSIBLE: Final = "DeliveryImpossible"


class Text(Wire, frozen=True, kw_only=True):
    """What is sent; SDKs leave an empty one out."""

    message: str = ""


class Wanted(Wire, frozen=True, kw_only=True):
    """The request proper. Some SDKs' callers write one address without its brackets."""

    address: list[str] | str = ""
    client_correlator: Annotated[str, msgspec.Meta(max_length=MAX_CORRELATOR)] | None = None
    outbound_sms_text_message: Text = Text()


class Asked(Wire, frozen=True, kw_only=True):
    """The body of the request."""

    outbound_sms_message_request: Wanted


class DeliveryInfo(Wire, frozen=True, kw_only=True):
    """What became of one destination, under both names by which SDKs know it."""

    address: str
    destination_address: str
    delivery_status: str


class DeliveryInfoList(Wire, frozen=True, kw_only=True):
    delivery_info: list[DeliveryInfo]
    resource_url: str


class Sent(Wire, frozen=True, kw_only=True):
    """The request, repeated, with the number that was really used and what became of it."""

    address: list[str]
    client_correlator: str = ""
    delivery_info_list: DeliveryInfoList
    outbound_sms_text_message: Text
    resource_url: str
    sender_address: str


class Answer(Wire, frozen=True, kw_only=True):
    """The body of the answer."""

    outbound_sms_message_request: Sent


class Sending:
    """`country` completes national numbers where the account says nothing else; `wait`: for so many seconds an answer
    waits for the carrier's."""

    def __init__(self, desk: Desk, country: str, wait: float = WAIT_SECONDS) -> None:
        self._desk, self._country, self._wait = desk, country, wait

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        """What is under U/outbound."""
        path = f"{sms_url('{user}')}/outbound/{{sender}}/requests"
        return (gate.route("POST", path, self._create, BODY_LIMIT),)

    async def _create(self, request: Request, caller: Caller) -> Response:
        wanted = (await request.json(Asked)).outbound_sms_message_request
        addresses = (wanted.address,) if isinstance(wanted.address, str) else tuple(wanted.address)
        if len(addresses) > MOST_ADDRESSES:
            raise Refusal("too_many_recipients", field="recipient")
        asked = send_request(caller, request.params["sender"], addresses, wanted)
        taken = (await self._desk.accept(asked)).messages
        states = await self._desk.outcomes.of([m.id for m in taken if isinstance(m, Message)], self._wait)
        country = (await self._desk.people.settings.of(caller.account)).country or self._country
        infos = [_info(raw, one, states, country) for raw, one in zip(addresses, taken, strict=True)]
        return json_response(_answer(caller, wanted, taken, infos), 201)


def _answer(
    caller: Caller, wanted: Wanted, taken: tuple[Message | Refusal, ...], infos: list[DeliveryInfo]
) -> Answer:
    first = next((one for one in taken if isinstance(one, Message)), None)
    if first is None:  # nothing has an identifier that an answer could name
        raise next(one for one in taken if isinstance(one, Refusal))
    url = message_url(caller.public_id, first.recipient, first.sender, first.id)
    return Answer(
        outbound_sms_message_request=Sent(
            address=[info.address for info in infos],
            client_correlator=wanted.client_correlator or "",
            delivery_info_list=DeliveryInfoList(delivery_info=infos, resource_url=f"{url}/deliveryInfos"),
            outbound_sms_text_message=wanted.outbound_sms_text_message,
            resource_url=url,
            sender_address=first.sender,
        )
    )


def _info(raw: str, one: Message | Refusal, states: Mapping[int, str], country: str) -> DeliveryInfo:
    if isinstance(one, Message):
        number, status = one.recipient, delivery_status(states.get(one.id, ""))
    else:
        number, status = _shown(raw, country), IMPOSSIBLE
    return DeliveryInfo(address=number, destination_address=number, delivery_status=status)


def delivery_status(state: str) -> str:
    """What an answer says of the first state that the carrier's word has led to; "": it has said nothing yet."""
    return IMPOSSIBLE if state in outcomes.IMPOSSIBLE else ON_ITS_WAY


def send_request(caller: Caller, sender: str, addresses: tuple[str, ...], wanted: Wanted) -> SendRequest:
    """What is asked of the desk; only numbers assigned to the caller may send."""
    own = sender == caller.public_id or sender.lower() == DEFAULT_SENDER
    return SendRequest(
        account=caller.account,
        principal=caller.principal,
        rights="assigned",
        sender=None if own else sender,
        recipients=addresses,
        text=wanted.outbound_sms_text_message.message,
        correlator=wanted.client_correlator or "",
        whole=False,
    )


def _shown(raw: str, country: str) -> str:
    """A destination that was refused, as the desk has read it."""
    try:
        return parse_recipient(raw, country).value
    except BadAddress:
        return raw
