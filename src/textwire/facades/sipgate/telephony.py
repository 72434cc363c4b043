"""What this API has for calls and faxes: settings that are kept, and lists of what there is none of.

A text is never told to `incomingUrl`, as the vendor never does so either: calls alone are, and there are none here.
"""

import re
from collections.abc import Callable
from typing import Any, Final

from msgspec import UNSET

from textwire.domain.refusal import Refusal
from textwire.domain.telephony import CallHooks
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .gate import Gate, Me
from .scopes import IO_READ, IO_WRITE, SMS_READ, WEBHOOK_LOG
from .users import must_manage
from .values import truth
from .wire import ROOT, USER, Items, Wire

SETTINGS: Final = f"{ROOT}/settings/sipgateio"
# Telephony that an example looks for before it looks for extensions.
NOTHING: Final = (f"{ROOT}/{USER}/devices", f"{ROOT}/{USER}/faxlines", f"{ROOT}/{USER}/voicemails", f"{ROOT}/voicemails")  # fmt: skip
LONGEST_URL: Final = 2048
MOST_LISTED: Final = 1000
_EXTENSION: Final = re.compile(r"[a-z]{1,2}(?:0|[1-9][0-9]{0,8})")


class Settings(Wire, frozen=True, kw_only=True):
    """Both ways; a whitelist of null is one that is switched off."""

    incoming_url: Any = UNSET
    outgoing_url: Any = UNSET
    log: Any = False
    whitelist: Any = ()


class Telephony:
    """The resource. `judge_url` raises Refusal for an address that we never call."""

    def __init__(self, desk: Desk, judge_url: Callable[[str], None]) -> None:
        self._desk, self._judge = desk, judge_url

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        return (
            gate.route("GET", SETTINGS, self._show, IO_READ),
            gate.route("PUT", SETTINGS, self._settle, IO_WRITE),
            gate.route("GET", f"{ROOT}/log/webhooks", _nothing, WEBHOOK_LOG),
            *(gate.route("GET", path, _nothing, SMS_READ) for path in NOTHING),
        )

    async def _show(self, request: Request, me: Me) -> Response:
        kept = await self._desk.rulings.call_hooks(me.caller.account)
        return json_response(
            Settings(
                incoming_url=kept.incoming_url, outgoing_url=kept.outgoing_url, log=kept.log, whitelist=kept.extensions
            )
        )  # fmt: skip

    async def _settle(self, request: Request, me: Me) -> Response:
        asked = await request.json(Settings)
        wanted = CallHooks(
            self._url(asked.incoming_url, "incomingUrl"), self._url(asked.outgoing_url, "outgoingUrl"),
            truth(asked.log or False, "log"), _listed(asked.whitelist),
        )  # fmt: skip
        await must_manage(self._desk, me)
        await self._desk.rulings.set_call_hooks(me.caller.account, wanted, me.caller.public_id)
        return Response(204)

    def _url(self, written: Any, field: str) -> str:
        """An address that we would call, "" for nowhere."""
        if written is UNSET:
            raise Refusal("missing_field", f"{field} is missing.", field)
        if written is None or written == "":
            return ""
        if not isinstance(written, str) or len(written) > LONGEST_URL:
            raise Refusal("invalid_field", f"{field} has to be a URL.", field)
        try:
            self._judge(written)
        except Refusal as refusal:
            raise Refusal(refusal.code, refusal.detail, field) from None
        return written


def _listed(written: Any) -> tuple[str, ...] | None:
    """The extensions of a whitelist; None: everybody's."""
    if written is None:
        return None
    if (
        not isinstance(written, list | tuple)
        or len(written) > MOST_LISTED
        or not all(isinstance(one, str) and _EXTENSION.fullmatch(one) for one in written)
    ):
        raise Refusal("invalid_field", "whitelist has to be a list of extensions, or null.", "whitelist")
    return tuple(dict.fromkeys(written))


async def _nothing(request: Request, me: Me) -> Response:
    return json_response(Items([]))
