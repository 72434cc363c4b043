"""/api/simnet/phones: what a handset shows, what its person texts, and the state it is in."""

from typing import Annotated, Final

import msgspec

from textwire.domain.account import Caller
from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages, reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.simnet.delivery import MAX_TEXT
from textwire.simnet.handset import Direction, PhoneView, Shown
from textwire.simnet.manners import PhoneState
from textwire.simnet.network import MAX_OCTETS
from textwire.simnet.phones import MAX_TEMPLATE
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .handsets import Phones

LONGEST_WAIT: Final = 30  # seconds
LONGEST_NUMBER: Final = 32  # characters, as people write one
LONGEST_HEX: Final = 2 * MAX_OCTETS
ONE: Final = "/api/simnet/phones/{number}"


class ShownQuery(pages.Paging, frozen=True, kw_only=True):
    """Which messages of a handset, and whether to wait for the first of them."""

    after: Annotated[int, msgspec.Meta(ge=0, le=MAX_INT, description="Only those with a higher id.")] = 0
    wait: Annotated[
        float, msgspec.Meta(ge=0, le=LONGEST_WAIT, description="Seconds to wait for the first one.")
    ] = 0.0


class TextForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person texts: a `text`, or `data` that is none."""

    to: Annotated[str, msgspec.Meta(max_length=LONGEST_NUMBER, examples=["+16139998877"])]
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT, examples=["hi"])] | None = None
    data: (
        Annotated[
            str,
            msgspec.Meta(
                min_length=2, max_length=LONGEST_HEX, description="Octets as hex, in place of a text."
            ),
        ]
        | None
    ) = None
    udh: (
        Annotated[
            str, msgspec.Meta(max_length=LONGEST_HEX, description="The user data header before them, as hex.")
        ]
        | None
    ) = None


class PhoneForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a handset shall be; an `answer` alone makes it an answering one."""

    state: PhoneState | None = None
    answer: Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEMPLATE)] | None = None


class ShownView(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    """A message as the handset's screen has it: `in` came to this handset, `out` was written on it."""

    id: str
    direction: Direction
    sender: str
    to: str
    text: str
    at: str


class HandsetView(msgspec.Struct, frozen=True):
    """A handset as one sees it; `answer` is what an answering one replies with, `{text}` being what it was sent."""

    number: str
    state: PhoneState
    answer: str | None
    messages: list[ShownView]


SEE = About(
    summary="A handset: its state and what it shows",
    note="A handset exists for every number that no account owns, as soon as it is texted or used.",
    answer=HandsetView,
    codes=("invalid_address",),
)
SET = About(
    summary="Switch a handset off or on, fill it, lose it, or let it answer",
    note="`gone`: the network knows no such subscriber. An `answer` may contain `{text}`, what it was sent.",
    form=PhoneForm,
    answer=HandsetView,
    codes=("invalid_address",),
    example={"answer": "you said {text}"},
)
LIST = About(
    summary="What a handset shows, newest first",
    note="With `wait` it answers as soon as there is a message behind `after`.",
    query=ShownQuery,
    answer=pages.Page[ShownView],
    codes=("invalid_address",),
)
TEXT = About(
    summary="Let the person with this handset text somebody",
    note="A text to a number that an account owns is that account's inbound message when this answers. "
    "With `data` (and `udh`) in place of `text` it is binary: 140 octets at most, shown as hex.",
    form=TextForm,
    example={"to": "+16139998877", "text": "hi"},
    answer=ShownView,
    status=201,
    codes=("invalid_address",),
)


class Handling:
    """The handlers."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/simnet/phones."""
        return (
            entrance.simulated("GET", ONE, self._get, about=SEE),
            entrance.simulated("PATCH", ONE, self._set, about=SET),
            entrance.simulated("GET", ONE + "/messages", self._messages, about=LIST),
            entrance.simulated("POST", ONE + "/messages", self._text, about=TEXT),
        )

    async def _get(self, request: Request, caller: Caller) -> Response:
        return _answer(self._phones.phone(_number(request)))

    async def _set(self, request: Request, caller: Caller) -> Response:
        number, form = _number(request), await reading.form(request, PhoneForm)
        state = form.state or ("answering" if form.answer is not None else None)
        if state is None:
            raise Refusal("missing_field", "Give a state, or an answer.", "state")
        return _answer(self._phones.set_phone(number, state=state, answer=form.answer))

    async def _messages(self, request: Request, caller: Caller) -> Response:
        """Newest first; with `wait`, not before there is one whose id is above `after`."""
        query, number = reading.parameters(request, ShownQuery), _number(request)
        wanted = pages.asked(query)
        shown = await self._phones.wait(number, query.after, query.wait)
        return pages.page(shown[::-1], wanted, lambda one: (-one.id, ""), lambda one: _shown(number, one))

    async def _text(self, request: Request, caller: Caller) -> Response:
        number, form = _number(request), await reading.form(request, TextForm)
        to = reading.number(form.to, "to")
        if form.text is None and form.data is None:
            raise Refusal("missing_field", "Give a text, or data.", "text")
        if form.text is not None and (form.data is not None or form.udh is not None):
            raise Refusal("invalid_field", "Give either a text or data.", "data")
        if form.data is not None:
            shown = await self._phones.octets(number, to, form.udh or "", form.data)
        else:
            shown = await self._phones.text(number, to, form.text or "")
        return json_response(_shown(number, shown), 201)


def _number(request: Request) -> str:
    return reading.number(request.params["number"], "number")


def _answer(phone: PhoneView) -> Response:
    messages = [_shown(phone.number, one) for one in reversed(phone.messages)]
    return json_response(HandsetView(phone.number, phone.state, phone.answer, messages))


def _shown(number: str, one: Shown) -> ShownView:
    ends = (number, one.other) if one.direction == "out" else (one.other, number)
    return ShownView(
        id=str(one.id),
        direction=one.direction,
        sender=ends[0],
        to=ends[1],
        text=one.text,
        at=views.stamp(one.at),
    )
