"""What a submission is answered, as JSON and as XML: one element per part, every scalar a string."""

from collections.abc import Sequence
from typing import Final

import msgspec

from textwire.domain.message import Message
from textwire.web.response import Response, json_response

from .statuses import Failed
from .wire import NETWORK, digits, euros, message_id
from .xml import written

XML: Final = "text/xml;charset=UTF-8"
TAKEN: Final = "0"


class Element(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="kebab"):
    """What became of one part, or why nothing did. What is empty is left out."""

    to: str = ""
    message_id: str = ""
    status: str
    remaining_balance: str = ""
    message_price: str = ""
    error_text: str = ""
    network: str = ""
    client_ref: str = ""
    account_ref: str = ""


class Answer(msgspec.Struct, frozen=True, rename="kebab"):
    """The body; the count is a string, as clients want it."""

    message_count: str
    messages: Sequence[Element]


def taken(message: Message, balance: int, account_ref: str) -> list[Element]:
    """A message's parts, each with its own identifier; the balance falls part by part to what is left now."""
    return [
        Element(
            to=digits(message.recipient),
            message_id=message_id(message.id + n),
            status=TAKEN,
            remaining_balance=euros(balance + message.price * (message.total - 1 - n)),
            message_price=euros(message.price),
            network=NETWORK,
            client_ref=message.correlator,
            account_ref=account_ref,
        )
        for n in range(message.total)
    ]


def refused(failure: Failed) -> list[Element]:
    """The one element that says why."""
    return [Element(to=failure.to, status=failure.status, error_text=failure.text, network=failure.network)]


def answer(form: str, elements: Sequence[Element], status: int = 200, after: int = 0) -> Response:
    """The response in the form that the path names, `json` or `xml`; `after`: when to come back, in seconds."""
    headers = (("Retry-After", str(after)),) if after else ()
    if form == "xml":
        return Response(status, _xml(elements), XML, headers)
    return json_response(Answer(str(len(elements)), elements), status, headers)


def _xml(elements: Sequence[Element]) -> bytes:
    messages = "".join(f"<message>{_fields(element)}</message>" for element in elements)
    return (
        "<?xml version='1.0' encoding='UTF-8' ?><mt-submission-response>"
        f"<messages count='{len(elements)}'>{messages}</messages></mt-submission-response>"
    ).encode()


def _fields(element: Element) -> str:
    said = ((name, getattr(element, field)) for field, name in _NAMES)
    return "".join(f"<{name}>{written(value)}</{name}>" for name, value in said if value)


def _camel(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(map(str.capitalize, rest))


_NAMES: Final = tuple((field, _camel(field)) for field in Element.__struct_fields__)
