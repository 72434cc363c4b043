"""/api/simnet/clock: the time that messages live by, stepped and frozen by the operator."""

from collections.abc import Awaitable, Callable
from typing import Annotated

import msgspec

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.facades.api import reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.reading import Span
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

PATH = "/api/simnet/clock"


class ClockForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to do with the clock: first freeze or let go, then step forward."""

    freeze: bool | None = None
    advance: (
        Annotated[Span, msgspec.Meta(description="How far to step: 24h, or seconds.", examples=["24h"])]
        | None
    ) = None


class ClockView(msgspec.Struct, frozen=True):
    """What time it is for messages, and what time it is."""

    now: str
    frozen: bool
    real: str
    ahead_seconds: float


READ = About(summary="The time that messages live by", answer=ClockView)
CHANGE = About(
    summary="Step the clock forward, freeze it or let it go",
    note="Schedules fire, validity ends and retries happen as if that time had passed. It survives a restart.",
    form=ClockForm,
    answer=ClockView,
    example={"advance": "24h"},
)


class Ticking:
    """The handlers. `keep` stores the clock's state, so that a restart continues the same time."""

    def __init__(self, desk: Desk, keep: Callable[[], Awaitable[None]]) -> None:
        self._clock, self._real_now, self._keep = desk.clock, desk.real_now, keep

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """Both methods."""
        return (
            entrance.simulated("GET", PATH, self._get, about=READ),
            entrance.simulated("POST", PATH, self._change, about=CHANGE),
        )

    async def _get(self, request: Request, caller: Caller) -> Response:
        real, now = self._real_now(), self._clock.now()
        frozen = self._clock.state().frozen_at is not None
        ahead = round((now - real) / 1_000_000, 3)
        return json_response(ClockView(views.stamp(now), frozen, views.stamp(real), ahead))

    async def _change(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, ClockForm)
        if form.freeze is None and form.advance is None:
            raise Refusal("missing_field", "Say how far to advance, or whether to freeze.", "advance")
        step = 0 if form.advance is None else reading.span(form.advance, "advance")
        try:
            self._step(form.freeze, step)
        except ValueError as error:
            raise Refusal("invalid_field", f"{error}.".capitalize(), "advance") from None
        await self._keep()
        return await self._get(request, caller)

    def _step(self, freeze: bool | None, step: int) -> None:
        before = self._clock.state()
        if freeze is not None:
            self._clock.freeze() if freeze else self._clock.unfreeze()
        try:
            self._clock.advance(step)
        except ValueError:
            self._clock.restore(before)
            raise
