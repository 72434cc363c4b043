"""Who the caller is to sipgate's clients."""

from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .gate import Gate, Me
from .wire import ROOT, Wire, user_id


class UserInfo(Wire, frozen=True, kw_only=True):
    """`sub` is the user's extension, whatever the credential; one client reads `userId`."""

    sub: str
    user_id: str
    domain: str = "sipgate.de"
    master_sip_id: str
    locale: str = "de_DE"


class Identity:
    """The resource."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        """Any valid credential may ask."""
        return (gate.route("GET", f"{ROOT}/authorization/userinfo", self._show),)

    async def _show(self, request: Request, me: Me) -> Response:
        name = user_id(me.extension.number)
        return json_response(UserInfo(sub=name, user_id=name, master_sip_id=sip_id(me.caller.account)))


def sip_id(account: int) -> str:
    """Seven digits that stay the same for an account; nothing here is found by them."""
    return f"{account % 10_000_000:07d}"
