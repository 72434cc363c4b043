"""POST /sessions/sms: a text, now or at a time; accepted is 204 and nothing else."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from textwire.domain.account import Settings
from textwire.domain.address import BadAddress, parse_recipient
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.switch.desk import Desk
from textwire.switch.draft import SendRequest
from textwire.switch.extensions import chosen
from textwire.web.problem import Refused
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.routes import Route

from . import times
from .errors import NO_SMS_ID
from .gate import Gate, Me
from .scopes import SESSIONS, permit
from .wire import ROOT, Wire, number_of

BUILT_IN: Final = "sipgate"  # the sender of an extension that has chosen none of its own
COUNTRY: Final = "49"  # completes national numbers of an account that has not set another
BODY_LIMIT: Final = 262_144  # the longest text, each character written \uXXXX
_WRITTEN: Final = re.compile(r"\+?[0-9 ./()-]+")


class Asked(Wire, frozen=True, kw_only=True):
    """The body; that members are of the wrong type is said in the vendor's order, not by the decoder."""

    sms_id: Any = None
    recipient: Any = None
    message: Any = None
    send_at: Any = None


class Sessions:
    """The resource. `settings` reads what an account has set."""

    def __init__(self, desk: Desk, settings: Callable[[int], Awaitable[Settings]]) -> None:
        self._desk, self._settings = desk, settings

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        """Its scopes are looked at after its fields: the vendor's order."""
        return (gate.route("POST", f"{ROOT}/sessions/sms", self._send, body_limit=BODY_LIMIT),)

    async def _send(self, request: Request, me: Me) -> Response:
        asked = await request.json(Asked)
        if asked.sms_id is None:
            raise Refused(NO_SMS_ID)
        sms = filled(asked.sms_id, "smsId")
        country = (await self._settings(me.caller.account)).country or COUNTRY
        to, text = recipient(filled(asked.recipient, "recipient"), country), filled(asked.message, "message")
        send_at = times.send_at(asked.send_at, self._desk.clock.now())
        permit(me.caller, SESSIONS)
        if number_of(sms) != me.extension.number:
            raise Refusal("sender_forbidden", "There is no such SMS extension of yours.", "smsId")
        await self._accept(me, to, text, send_at)
        return Response(204)

    async def _accept(self, me: Me, to: str, text: str, send_at: int) -> None:
        accepted = await self._desk.accept(
            SendRequest(
                account=me.caller.account, principal=me.caller.principal, rights="owned",
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
        callers = await self._desk.extensions.callers(me.extension)
        number = chosen(me.extension, callers)
        return next((one.address for one in callers if one.number == number), BUILT_IN)


def filled(value: Any, field: str) -> str:
    """A member that has to say something; numbers are read as the text that they are, as the vendor's decoder does."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Refusal("invalid_field", f"{field} has to be text.", field)
    if not value.strip():
        raise Refusal("missing_field", f"{field} is empty.", field)
    return value


def recipient(written: str, country: str) -> str:
    """E.164 of a recipient as clients write it. Refusal invalid_address."""
    try:
        if not _WRITTEN.fullmatch(written.strip()):
            raise BadAddress("characters", written)
        found = parse_recipient(written.strip(), country, plus=False)
        if found.kind != "international":
            raise BadAddress("length", written)
    except BadAddress as error:
        raise Refusal("invalid_address", f"{error}.", "recipient") from None
    return found.value
