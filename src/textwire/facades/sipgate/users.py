"""The users of the account, as far as the caller may see them: an administrator all, everybody else himself."""

from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal
from textwire.store import people
from textwire.store.people import Person
from textwire.switch.desk import Desk
from textwire.switch.extensions import MOST_SHOWN
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .gate import Gate, Me
from .scopes import USERS_READ
from .wire import ROOT, USER, Items, Wire, user_id


class Shown(Wire, frozen=True, kw_only=True):
    """What the specification has; of telephony there is nothing to tell."""

    id: str
    firstname: str
    lastname: str
    email: str
    default_device: str
    busy_on_busy: bool = False
    address_id: str = ""
    direct_dial_ids: tuple[str, ...] = ()
    timezone: str = "Europe/Berlin"
    admin: bool


class Users:
    """The resource."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        one = f"{ROOT}/users/{USER.replace('{user:', '{who:')}"
        return (
            gate.route("GET", f"{ROOT}/users", self._list, USERS_READ),
            gate.route("GET", one, self._one, USERS_READ),
        )

    async def _list(self, request: Request, me: Me) -> Response:
        return json_response(Items(await self._visible(me)))

    async def _one(self, request: Request, me: Me) -> Response:
        for one in await self._visible(me):
            if one.id == request.params["who"]:
                return json_response(one)
        raise Refusal("not_found")

    async def _visible(self, me: Me) -> list[Shown]:
        """By their numbers."""
        places = {one.principal: one.number for one in await self._desk.extensions.all(me.caller.account)}
        found = await people.page(
            self._desk.store.engine, me.caller.account, "user", before=MAX_INT, limit=MOST_SHOWN
        )
        mine = [one for one in found if one.principal.id == me.caller.principal]
        seen = found if any(is_admin(one) for one in mine) else mine
        rows = [(places[one.principal.id], one) for one in seen if one.principal.id in places]
        return [shown(number, one) for number, one in sorted(rows, key=lambda row: row[0])]


def shown(number: int, person: Person) -> Shown:
    """A user; the last word of the name is taken for the family's."""
    first, _, last = person.principal.name.rpartition(" ")
    return Shown(
        id=user_id(number), firstname=first or last, lastname=last if first else "",
        email=person.principal.email, default_device=f"e{number}", admin=is_admin(person),
    )  # fmt: skip


async def must_manage(desk: Desk, me: Me) -> None:
    """Refusal scope_missing for who is no administrator."""
    person = await people.one(desk.store.engine, me.caller.account, "user", me.caller.public_id)
    if person is None or not is_admin(person):
        raise Refusal("scope_missing", "Only an administrator of the account may do this.")


def is_admin(person: Person) -> bool:
    """Who may change what the account has."""
    return "manage" in person.scopes
