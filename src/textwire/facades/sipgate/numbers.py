"""The numbers that the account owns, and to whose extension each of them is assigned."""

from typing import Any, Final

from textwire.domain.number import Number
from textwire.domain.refusal import Refusal
from textwire.store import numbers
from textwire.store.extensions import Extension
from textwire.switch.desk import Desk
from textwire.web.problem import Refused
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .errors import not_booked
from .gate import Gate, Me
from .scopes import NUMBERS_READ, NUMBERS_WRITE
from .users import must_manage
from .values import page, truth
from .wire import ROOT, USER, Items, Wire, number_of, sms_id, user_id

TYPES: Final = {"mobile": "MOBILE", "landline": "LANDLINE"}
MOST: Final = 1000  # of an account


class Shown(Wire, frozen=True, kw_only=True):
    """`endpoint_…` are empty for a number that is assigned to no user."""

    id: str
    number: str
    localized: str
    type: str
    endpoint_id: str = ""
    endpoint_alias: str = ""
    endpoint_url: str = ""


class Changed(Wire, frozen=True, kw_only=True):
    """The body: where the number goes; the rest is for telephony."""

    endpoint_id: Any = None
    release_for_mnp: Any = False
    quick_dial: Any = False


class Numbers:
    """The resource."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        return (
            gate.route("GET", f"{ROOT}/numbers", self._all, NUMBERS_READ),
            gate.route("GET", f"{ROOT}/{USER}/numbers", self._mine, NUMBERS_READ),
            gate.route("PUT", f"{ROOT}/numbers/{{id:[0-9]{{1,15}}}}", self._change, NUMBERS_WRITE),
        )

    async def _all(self, request: Request, me: Me) -> Response:
        return json_response(Items(page(request, await self._of_account(me), MOST, MOST)))

    async def _mine(self, request: Request, me: Me) -> Response:
        mine = sms_id(me.extension.number)
        found = [one for one in await self._of_account(me) if one.endpoint_id == mine]
        return json_response(Items(page(request, found, MOST, MOST)))

    async def _change(self, request: Request, me: Me) -> Response:
        asked = await request.json(Changed)
        if truth(asked.release_for_mnp or False, "releaseForMnp"):
            raise Refused(not_booked("Porting"))
        if truth(asked.quick_dial or False, "quickDial"):
            raise Refused(not_booked("Quick dial"))
        await must_manage(self._desk, me)
        account, number = me.caller.account, "+" + request.params["id"]
        to = await self._endpoint(account, asked.endpoint_id)
        await self._desk.numbers.one(account, number)
        if to is not None:
            await self._desk.numbers.hand(account, number, to)
        return Response(204)

    async def _endpoint(self, account: int, written: Any) -> int | None:
        """The user whose extension it is, 0 for nobody's, None if nothing is said."""
        if written is None or written == "":
            return None if written is None else 0
        for one in await self._desk.extensions.all(account):
            if isinstance(written, str) and number_of(written) == one.number:
                return one.principal
        raise Refusal("not_found", "There is no such SMS extension.", "endpointId")

    async def _of_account(self, me: Me) -> list[Shown]:
        engine, account = self._desk.store.engine, me.caller.account
        places = {one.principal: one for one in await self._desk.extensions.all(account)}
        holders: dict[str, Extension] = {}
        for one in await numbers.assignments(engine, account):
            if one.principal in places:
                holders.setdefault(one.number, places[one.principal])
        return [
            shown(number, holders[number.number].number, holders[number.number].alias)
            if number.number in holders
            else shown(number)
            for number in await numbers.of_account(engine, account)
        ]


def shown(number: Number, place: int | None = None, alias: str = "") -> Shown:
    """A number; `place` is the number of the extension that has it."""
    bare = Shown(
        id=number.number.lstrip("+"), number=number.number, localized=localized(number.number),
        type=TYPES.get(number.type, "LANDLINE"),
    )  # fmt: skip
    if place is None:
        return bare
    return Shown(
        id=bare.id, number=bare.number, localized=bare.localized, type=bare.type, endpoint_id=sms_id(place),
        endpoint_alias=alias, endpoint_url=f"{ROOT}/{user_id(place)}/sms/{sms_id(place)}",
    )  # fmt: skip


def localized(number: str) -> str:
    """As it is dialled in Germany: `01579-9912345`."""
    if not number.startswith("+49"):
        return "00" + number[1:]
    national = "0" + number[3:]
    cut = 5 if national.startswith("015") else 4 if national.startswith(("016", "017")) else 0
    return f"{national[:cut]}-{national[cut:]}" if cut else national
