"""SMS extensions: which one a user has, what it is called and what it sends as."""

from typing import Any, Final

from textwire.domain.refusal import Refusal
from textwire.store import accounts
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .gate import Gate, Me
from .scopes import SMS_READ, SMS_WRITE
from .senders import sender_of
from .values import filled
from .wire import ROOT, SMS, USER, Items, Wire, number_of, sms_id

LONGEST_ALIAS: Final = 100


class Shown(Wire, frozen=True, kw_only=True):
    """`caller_id` is what it sends as."""

    id: str
    alias: str
    caller_id: str


class Renamed(Wire, frozen=True, kw_only=True):
    """The body."""

    alias: Any = None


class Extensions:
    """The resource. Two clients in the field ask for `/sms`, which no specification has."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        return (
            gate.route("GET", f"{ROOT}/{USER}/sms", self._list, SMS_READ),
            gate.route("GET", f"{ROOT}/sms", self._list, SMS_READ),
            gate.route("PUT", f"{ROOT}/{USER}/sms/{SMS}", self._rename, SMS_WRITE),
        )

    async def _list(self, request: Request, me: Me) -> Response:
        callers = await self._desk.extensions.callers(me.extension)
        one = Shown(
            id=sms_id(me.extension.number),
            alias=await alias(self._desk, me),
            caller_id=sender_of(me.extension, callers),
        )
        return json_response(Items([one]))

    async def _rename(self, request: Request, me: Me) -> Response:
        wanted = filled((await request.json(Renamed)).alias, "alias")
        if len(wanted) > LONGEST_ALIAS:
            raise Refusal("invalid_field", f"alias has at most {LONGEST_ALIAS} characters.", "alias")
        must_be_mine(request, me)
        await self._desk.extensions.rename(me.extension, wanted)
        return Response(204)


def must_be_mine(request: Request, me: Me) -> None:
    """Refusal not_found for a path with another extension than the caller's."""
    if number_of(request.params["sms"]) != me.extension.number:
        raise Refusal("not_found", "There is no such SMS extension of yours.")


async def alias(desk: Desk, me: Me) -> str:
    """What an extension is called: after its user until it gets a name of its own."""
    if me.extension.alias:
        return me.extension.alias
    user = await accounts.principal(desk.store.engine, me.caller.public_id)
    return f"SMS von {user.name or user.email}" if user else "SMS"
