"""/healthz and /readyz: whether the process lives, and whether it can take work. No key needed, nothing told."""

import asyncio
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from textwire.domain.refusal import Refusal
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.store import accounts
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

STORE_SECONDS: Final = 2.0  # for a read that takes well under a millisecond
MOST_LAG: Final = 1.0  # seconds by which the loop may run late (reliability O3)


class State(msgspec.Struct, frozen=True):
    """How the server is."""

    status: Literal["alive", "ready"]


ALIVE = About(summary="Whether the process lives", answer=State)
READY = About(
    summary="Whether the server can take work",
    note="It can when the store answers and the program keeps up.",
    answer=State,
    codes=("unavailable",),
)


class Health:
    """The handlers. `lag` tells by how many seconds the loop ran late when it was last looked at."""

    def __init__(self, desk: Desk, lag: Callable[[], float]) -> None:
        self._engine, self._lag = desk.store.engine, lag

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """Both paths."""
        return (
            entrance.public("GET", "/healthz", self._alive, about=ALIVE),
            entrance.public("GET", "/readyz", self._ready, about=READY),
        )

    async def _alive(self, request: Request) -> Response:
        return json_response(State("alive"))

    async def _ready(self, request: Request) -> Response:
        if self._lag() > MOST_LAG:
            raise Refusal("unavailable", "The server is too busy to be prompt.")
        try:
            async with asyncio.timeout(STORE_SECONDS):
                await accounts.setting(self._engine, "ready")
        except TimeoutError:
            raise Refusal("unavailable", "The store does not answer.") from None
        return json_response(State("ready"))
