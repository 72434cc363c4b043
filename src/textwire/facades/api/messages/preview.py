"""POST /api/text/preview: what a text will be on its way, what makes it dear, and what would make it cheaper."""

from typing import Annotated, Final, Literal

import msgspec

from textwire.domain.account import Caller
from textwire.facades.api import reading
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.views import euros
from textwire.switch.desk import Desk
from textwire.switch.preview import Previewed
from textwire.text.preview import Culprit
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

PATH: Final = "/api/text/preview"
LONGEST: Final = 10_000  # characters


class PreviewForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A text; `to` is for the price, `encoding` asks what it would be in another one than it needs."""

    text: Annotated[str, msgspec.Meta(max_length=LONGEST)]
    to: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    encoding: Literal["auto", "gsm7", "ucs2"] | None = None


class PieceView(msgspec.Struct, frozen=True):
    """A segment: `units` are septets of GSM 03.38 or 16-bit units of UCS-2."""

    n: int
    text: str
    characters: int
    units: int


class Cost(msgspec.Struct, frozen=True):
    """In segments, and in EUR if it is known to whom."""

    segments: int
    price: str | None


class CulpritView(msgspec.Struct, frozen=True):
    """A character outside GSM 03.38; `cost` is what the text would save without this one alone."""

    character: str
    code: str
    name: str
    positions: list[int]
    instead: str | None
    cost: Cost


class Suggestion(msgspec.Struct, frozen=True):
    """A text in GSM 03.38 that says the same, and what it saves."""

    text: str
    segments: int
    price: str | None
    saves: Cost


class PreviewView(msgspec.Struct, frozen=True):
    """`room`: how many units the last segment has left. `forced`: how many different characters need UCS-2."""

    encoding: str
    characters: int
    segments: list[PieceView]
    room: int
    price: str | None
    forced: int
    characters_forcing_ucs2: list[CulpritView]
    suggestion: Suggestion | None


class Texts:
    """The handler."""

    def __init__(self, desk: Desk) -> None:
        self._previews = desk.previews

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/text."""
        return (
            entrance.route("POST", PATH, self._preview, about=About(
                summary="What a text will be: encoding, segments, price, and what forces UCS-2", form=PreviewForm,
                answer=PreviewView, codes=("text_empty", "text_too_long", "invalid_address"),
            )),
        )  # fmt: skip

    async def _preview(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, PreviewForm)
        return json_response(_view(self._previews.of(form.text, form.to, form.encoding or "auto")))


def _view(found: Previewed) -> PreviewView:
    p = found.preview
    total = len(p.parts)
    return PreviewView(
        encoding=p.encoding,
        characters=sum(map(len, p.parts)),
        segments=[
            PieceView(n, part, len(part), units)
            for n, (part, units) in enumerate(zip(p.parts, p.units, strict=True), 1)
        ],
        room=p.room,
        price=_price(found, total),
        forced=p.forced,
        characters_forcing_ucs2=[_culprit(found, culprit) for culprit in p.culprits],
        suggestion=_suggestion(found),
    )


def _suggestion(found: Previewed) -> Suggestion | None:
    p = found.preview
    if p.plain is None:
        return None
    saves = len(p.parts) - p.plain_segments
    return Suggestion(
        p.plain, p.plain_segments, _price(found, p.plain_segments), Cost(saves, _price(found, saves))
    )


def _culprit(found: Previewed, c: Culprit) -> CulpritView:
    cost = len(found.preview.parts) - c.segments
    return CulpritView(
        c.character, f"U+{ord(c.character):04X}", c.name, list(c.positions), c.instead,
        Cost(cost, _price(found, cost)),
    )  # fmt: skip


def _price(found: Previewed, segments: int) -> str | None:
    return None if found.price is None else euros(found.price * segments)
