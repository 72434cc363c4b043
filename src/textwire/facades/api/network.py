"""/api/simnet/network and /api/simnet/reset: the weather of the simulated network, and a fresh start."""

from textwire.domain.account import Caller
from textwire.simnet.weather import Weather
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import reading
from .entrance import Entrance
from .handsets import Phones

PATH = "/api/simnet/network"


class Sky:
    """The handlers."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """Both paths."""
        return (
            entrance.simulated("GET", PATH, self._get),
            entrance.simulated("PUT", PATH, self._put),
            entrance.simulated("POST", "/api/simnet/reset", self._reset),
        )

    async def _get(self, request: Request, caller: Caller) -> Response:
        return json_response(self._phones.weather())

    async def _put(self, request: Request, caller: Caller) -> Response:
        """The whole weather: what is left out is as in a new network."""
        self._phones.set_weather(await reading.form(request, Weather))
        return json_response(self._phones.weather())

    async def _reset(self, request: Request, caller: Caller) -> Response:
        self._phones.reset()
        return Response(204)
