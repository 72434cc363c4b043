"""POST /sessions/sms: a text, now or at a time; accepted is 204 and nothing else."""

from typing import Any, Final

from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.switch.desk import Desk
from textwire.switch.draft import SendRequest
from textwire.web.problem import Refused
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.routes import Route

from . import times
from .errors import NO_SMS_ID
from .gate import Gate, Me
from .numbering import Numbering
from .scopes import SESSIONS, permit
from .senders import BUILT_IN, sender_of
from .values import filled
from .wire import ROOT, Wire, number_of

BODY_LIMIT: Final = 262_144  # the longest text, each character written \uXXXX


class Asked(Wire, frozen=True, kw_only=True):
    """The body; that members are of the wrong type is said in the vendor's order, not by the decoder."""

    sms_id: Any = None
    recipient: Any = None
    message: Any = None
    send_at: Any = None


class Sessions:
    """The resource."""

    def __init__(self, desk: Desk, numbering: Numbering) -> None:
        self._desk, self._numbering = desk, numbering

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        """Its scopes are looked at after its fields: the vendor's order."""
        return (gate.route("POST", f"{ROOT}/sessions/sms", self._send, body_limit=BODY_LIMIT),)

    async def _send(self, request: Request, me: Me) -> Response:
        asked = await request.json(Asked)
        if asked.sms_id is None:
            raise Refused(NO_SMS_ID)
        sms = filled(asked.sms_id, "smsId")
        to = await self._numbering.read(me.caller.account, filled(asked.recipient, "recipient"), "recipient")
        text = filled(asked.message, "message")
        send_at = times.send_at(asked.send_at, self._desk.clock.now())
        permit(me.caller, SESSIONS)
        if number_of(sms) != me.extension.number:
            raise Refusal("sender_forbidden", "There is no such SMS extension of yours.", "smsId")
        await self._accept(me, to, text, send_at)
        return Response(204)

    async def _accept(self, me: Me, to: str, text: str, send_at: int) -> None:
        accepted = await self._desk.accept(
            SendRequest(
                account=me.caller.account, principal=me.caller.principal, rights="extension",
                sender=await self._sender(me), recipients=(to,), text=text, send_at=send_at,
            )
        )  # fmt: skip
        [taken] = accepted.messages
        if not isinstance(taken, Message):
            raise taken

    async def _sender(self, me: Me) -> str:
        """The address of the caller id that the extension has chosen, as it stands now."""
        if not me.extension.chosen:
            return BUILT_IN
        return sender_of(me.extension, await self._desk.extensions.callers(me.extension))
