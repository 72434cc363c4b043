"""/api/simnet/network and /api/simnet/reset: the weather of the simulated network, and a fresh start."""

from textwire.domain.account import Caller
from textwire.facades.api import reading
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.simnet.weather import Weather
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .handsets import Phones

PATH = "/api/simnet/network"

READ = About(summary="The weather of the simulated network", answer=Weather)
SET = About(
    summary="Set the weather of the simulated network",
    note="What is left out is as in a new network.",
    form=Weather,
    answer=Weather,
    example={
        "latency": {"min_ms": 20, "max_ms": 200},
        "loss": [{"what": "receipt", "probability": 0.01}],
        "throttle": {"per_second": 50},
        "seed": 7,
    },
)
RESET = About(
    summary="Forget all handsets and the weather",
    note="What is under way ends `undelivered`. Messages, numbers and the clock stay as they are.",
    status=204,
)


class Sky:
    """The handlers."""

    def __init__(self, phones: Phones) -> None:
        self._phones = phones

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """Both paths."""
        return (
            entrance.simulated("GET", PATH, self._get, about=READ),
            entrance.simulated("PUT", PATH, self._put, about=SET),
            entrance.simulated("POST", "/api/simnet/reset", self._reset, about=RESET),
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
