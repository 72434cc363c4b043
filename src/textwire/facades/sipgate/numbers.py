"""The numbers that the account owns, and to whose extension each of them is assigned."""

from typing import Final

from textwire.domain.number import Number
from textwire.store import numbers
from textwire.store.extensions import Extension
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .gate import Gate, Me
from .scopes import NUMBERS_READ
from .values import page
from .wire import ROOT, USER, Items, Wire, sms_id, user_id

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


class Numbers:
    """The resource."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        return (
            gate.route("GET", f"{ROOT}/numbers", self._all, NUMBERS_READ),
            gate.route("GET", f"{ROOT}/{USER}/numbers", self._mine, NUMBERS_READ),
        )

    async def _all(self, request: Request, me: Me) -> Response:
        return json_response(Items(page(request, await self._of_account(me), MOST, MOST)))

    async def _mine(self, request: Request, me: Me) -> Response:
        mine = sms_id(me.extension.number)
        found = [one for one in await self._of_account(me) if one.endpoint_id == mine]
        return json_response(Items(page(request, found, MOST, MOST)))

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
