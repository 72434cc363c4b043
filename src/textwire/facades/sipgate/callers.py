"""Caller ids of an extension: what it may send as, of which exactly one is the default."""

from typing import Any, Final

from textwire.switch.desk import Desk
from textwire.switch.extensions import BUILT_IN as BUILT_IN_ID
from textwire.switch.extensions import chosen
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .extensions import must_be_mine
from .gate import Gate, Me
from .numbering import Numbering
from .scopes import CALLERS_READ, CALLERS_WRITE
from .senders import BUILT_IN
from .values import filled, truth
from .wire import CALLER, ROOT, SMS, USER, Items, Wire

ALL: Final = f"{ROOT}/{USER}/sms/{SMS}/callerids"
ONE: Final = f"{ALL}/{CALLER}"


class Shown(Wire, frozen=True, kw_only=True):
    """Clients compare `phonenumber` to the letter, and fail unless one of a list is the default."""

    id: int
    phonenumber: str
    verified: bool
    default_number: bool


class Added(Wire, frozen=True, kw_only=True):
    """The body."""

    phonenumber: Any = None


class Verified(Wire, frozen=True, kw_only=True):
    """The body."""

    verification_code: Any = None


class Chosen(Wire, frozen=True, kw_only=True):
    """The body: true, or "true" from the vendor's own library."""

    default_number: Any = None


class Callers:
    """The resource."""

    def __init__(self, desk: Desk, numbering: Numbering) -> None:
        self._desk, self._numbering = desk, numbering

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        return (
            gate.route("GET", ALL, self._list, CALLERS_READ),
            gate.route("POST", ALL, self._add, CALLERS_WRITE),
            gate.route("POST", f"{ONE}/verification", self._verify, CALLERS_WRITE),
            gate.route("PUT", ONE, self._choose, CALLERS_WRITE),
            gate.route("DELETE", ONE, self._drop, CALLERS_WRITE),
        )

    async def _list(self, request: Request, me: Me) -> Response:
        must_be_mine(request, me)
        callers = await self._desk.extensions.callers(me.extension)
        default = chosen(me.extension, callers)
        rows = [(BUILT_IN_ID, BUILT_IN, True)]
        rows += [(one.number, one.address, bool(one.verified_at)) for one in callers]
        shown = [
            Shown(id=key, phonenumber=number, verified=verified, default_number=key == default)
            for key, number, verified in rows
        ]
        return json_response(Items(shown))

    async def _add(self, request: Request, me: Me) -> Response:
        written = filled((await request.json(Added)).phonenumber, "phonenumber")
        number = await self._numbering.read(me.caller.account, written, "phonenumber")
        must_be_mine(request, me)
        await self._desk.calling.add(me.extension, number)
        return Response(204)

    async def _verify(self, request: Request, me: Me) -> Response:
        code = filled((await request.json(Verified)).verification_code, "verificationCode")
        must_be_mine(request, me)
        await self._desk.calling.verify(me.extension, int(request.params["id"]), code)
        return Response(204)

    async def _choose(self, request: Request, me: Me) -> Response:
        wanted = truth((await request.json(Chosen)).default_number, "defaultNumber")
        must_be_mine(request, me)
        key = int(request.params["id"])
        if wanted:
            await self._desk.extensions.choose(me.extension, key)
        else:
            await self._desk.extensions.let_go(me.extension, key)
        return Response(204)

    async def _drop(self, request: Request, me: Me) -> Response:
        must_be_mine(request, me)
        await self._desk.extensions.drop(me.extension, int(request.params["id"]))
        return Response(204)
