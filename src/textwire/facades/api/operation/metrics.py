"""/metrics: what is measured of this server, for Prometheus; from other machines only with an operator's key."""

from collections.abc import Awaitable, Callable
from typing import Final

from textwire.facades.api.about import About
from textwire.facades.api.entrance import OPERATOR, Entrance
from textwire.facades.api.nearby import near
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.routes import Route

PATH: Final = "/metrics"
# https://prometheus.io/docs/instrumenting/exposition_formats/, "Text-based format"
TEXT: Final = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The handler. `scrape` makes the exposition."""

    def __init__(self, scrape: Callable[[], Awaitable[bytes]]) -> None:
        self._scrape = scrape

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """The one path."""

        async def show(request: Request) -> Response:
            if not near(request):
                await entrance.caller(request, OPERATOR)
            return Response(200, await self._scrape(), TEXT)

        about = About(summary="Read the metrics", media=TEXT, codes=("unauthorized", "scope_missing"))
        return (entrance.public("GET", PATH, show, about=about),)
