"""/api/simnet/phones: what a handset shows, what its person texts, and the state it is in."""

from typing import Annotated, Any, Final

import msgspec

from textwire.domain.account import Caller
from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal
from textwire.simnet.handset import PhoneView, Shown
from textwire.simnet.manners import PhoneState
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import pages, reading, views
from .entrance import Entrance
from .handsets import Phones

LONGEST_WAIT: Final = 30  # seconds
ONE: Final = "/api/simnet/phones/{number}"


class ShownQuery(pages.Paging, frozen=True, kw_only=True):
    """Which messages of a handset, and whether to wait for the first of them."""

    after: Annotated[int, msgspec.Meta(ge=0, le=MAX_INT, description="Only those with a higher id.")] = 0
    wait: Annotated[
        float, msgspec.Meta(ge=0, le=LONGEST_WAIT, description="Seconds to wait for the first one.")
    ] = 0.0


class TextForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person texts."""

    to: str
    text: str


class PhoneForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a handset shall be; an `answer` alone makes it an answering one."""

    state: PhoneState | None = None
    answer: str | None = None


class Handling:
    """The handlers."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/simnet/phones."""
        return (
            entrance.simulated("GET", ONE, self._get),
            entrance.simulated("PATCH", ONE, self._set),
            entrance.simulated("GET", ONE + "/messages", self._messages),
            entrance.simulated("POST", ONE + "/messages", self._text),
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
        shown = await self._phones.text(number, reading.number(form.to, "to"), form.text)
        return json_response(_shown(number, shown), 201)


def _number(request: Request) -> str:
    return reading.number(request.params["number"], "number")


def _answer(phone: PhoneView) -> Response:
    messages = [_shown(phone.number, one) for one in reversed(phone.messages)]
    return json_response(
        {"number": phone.number, "state": phone.state, "answer": phone.answer, "messages": messages}
    )


def _shown(number: str, one: Shown) -> dict[str, Any]:
    """A message as the handset's screen has it: `in` came to this handset, `out` was written on it."""
    ends = (number, one.other) if one.direction == "out" else (one.other, number)
    return {
        "id": str(one.id),
        "direction": one.direction,
        "from": ends[0],
        "to": ends[1],
        "text": one.text,
        "at": views.stamp(one.at),
    }
