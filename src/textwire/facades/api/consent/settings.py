"""/api/keywords, /api/quiet-hours and /api/retention: what an account settles about consent, the night and keeping."""

from typing import Final

import msgspec

from textwire.domain.account import Caller
from textwire.domain.compliance import Keywords, QuietHours, Retention
from textwire.domain.refusal import Refusal
from textwire.facades.api import reading
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.switch.consent.languages import LANGUAGES, WISHES
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

KEYWORDS: Final = "/api/keywords"
QUIET_HOURS: Final = "/api/quiet-hours"
RETENTION: Final = "/api/retention"


class Words(msgspec.Struct, frozen=True):
    """What a language says for a wish, and what it is answered."""

    words: list[str]
    answer: str


class LanguageView(msgspec.Struct, frozen=True):
    """A language whose words everybody may use; `tag` is BCP 47."""

    tag: str
    name: str
    stop: Words
    start: Words
    help: Words


class KeywordsView(msgspec.Struct, frozen=True):
    """The account's own words and answers, and those that hold for everybody."""

    own: Keywords
    languages: list[LanguageView]


_LANGUAGES: Final = [
    LanguageView(
        one.tag, one.name, **{wish: Words(list(one.words[wish]), one.answers[wish]) for wish in WISHES}
    )
    for one in LANGUAGES
]


class Settings:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._rulings = desk.rulings

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """The three resources."""
        return (
            entrance.route("GET", KEYWORDS, self._keywords, about=About(
                summary="The words that stop, start and help, and what they are answered", answer=KeywordsView,
            )),
            entrance.route("PUT", KEYWORDS, self._set_keywords, about=About(
                summary="Replace the account's own keywords and answers", form=Keywords, answer=KeywordsView,
                example={"stop": ["QUIT LIST"]},
            )),
            entrance.route("GET", QUIET_HOURS, self._quiet, about=About(
                summary="When the account's people are not texted: 404 if they always may be", answer=QuietHours,
                codes=("not_found",),
            )),
            entrance.route("PUT", QUIET_HOURS, self._set_quiet, about=About(
                summary="Hold messages at night, on the recipient's clock", form=QuietHours, answer=QuietHours,
                example={"from": "21:00", "to": "08:00"},
            )),
            entrance.route("DELETE", QUIET_HOURS, self._end_quiet, about=About(
                summary="Have no quiet hours; what is held stays held", status=204, codes=("not_found",),
            )),
            entrance.route("GET", RETENTION, self._retention, about=About(
                summary="How long texts and messages are kept", answer=Retention,
            )),
            entrance.route("PUT", RETENTION, self._set_retention, about=About(
                summary="Keep texts and messages longer, or not as long", form=Retention, answer=Retention, example={"bodies_days": 7},
                note="What has gone does not come back.",
            )),
        )  # fmt: skip

    async def _keywords(self, request: Request, caller: Caller) -> Response:
        return json_response(KeywordsView(await self._rulings.keywords(caller.account), _LANGUAGES))

    async def _set_keywords(self, request: Request, caller: Caller) -> Response:
        own = await reading.form(request, Keywords)
        await self._rulings.set_keywords(caller.account, own, caller.public_id)
        return await self._keywords(request, caller)

    async def _quiet(self, request: Request, caller: Caller) -> Response:
        found = await self._rulings.quiet_hours(caller.account)
        if found is None:
            raise Refusal("not_found")
        return json_response(found)

    async def _set_quiet(self, request: Request, caller: Caller) -> Response:
        wanted = await reading.form(request, QuietHours)
        await self._rulings.set_quiet_hours(caller.account, wanted, caller.public_id)
        return json_response(wanted)

    async def _end_quiet(self, request: Request, caller: Caller) -> Response:
        if await self._rulings.quiet_hours(caller.account) is None:
            raise Refusal("not_found")
        await self._rulings.set_quiet_hours(caller.account, None, caller.public_id)
        return Response(204)

    async def _retention(self, request: Request, caller: Caller) -> Response:
        return json_response(await self._rulings.retention(caller.account))

    async def _set_retention(self, request: Request, caller: Caller) -> Response:
        wanted = await reading.form(request, Retention)
        await self._rulings.set_retention(caller.account, wanted, caller.public_id)
        return json_response(wanted)
