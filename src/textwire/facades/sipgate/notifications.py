"""Notifications: a text to an e-mail address, which needs a feature that no account here has, as no e-mail is sent."""

from typing import Any, Final

from textwire.domain.refusal import Refusal
from textwire.web.problem import Refused
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .errors import not_booked
from .gate import Gate, Me
from .scopes import NOTIFICATIONS_READ, NOTIFICATIONS_WRITE
from .values import filled
from .wire import ROOT, USER, Wire

ALL: Final = f"{ROOT}/{USER}/notifications"
FEATURE: Final = "SMSToMail"  # as the vendor's specification calls it


class Shown(Wire, frozen=True, kw_only=True):
    """What the specification has, of which there is nothing."""

    fax: tuple[Any, ...] = ()
    voicemail: tuple[Any, ...] = ()
    call: tuple[Any, ...] = ()
    sms: tuple[Any, ...] = ()


class Wanted(Wire, frozen=True, kw_only=True):
    """The body."""

    endpoint_id: Any = None
    email: Any = None


class Notifications:
    """The resource."""

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        one = f"{ALL}/{{id:[0-9A-Za-z-]{{1,40}}}}"
        return (
            gate.route("GET", ALL, self._list, NOTIFICATIONS_READ),
            gate.route("POST", f"{ALL}/sms/email", self._add, NOTIFICATIONS_WRITE),
            gate.route("DELETE", one, self._drop, NOTIFICATIONS_WRITE),
        )

    async def _list(self, request: Request, me: Me) -> Response:
        return json_response(Shown())

    async def _add(self, request: Request, me: Me) -> Response:
        asked = await request.json(Wanted)
        filled(asked.endpoint_id, "endpointId")
        filled(asked.email, "email")
        raise Refused(not_booked(FEATURE))

    async def _drop(self, request: Request, me: Me) -> Response:
        raise Refusal("not_found")
