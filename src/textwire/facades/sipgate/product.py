"""What the vendor's web application asks before it shows something: what a user may do, and what the product is like."""

import re
from typing import Final

from textwire.domain.refusal import Refusal
from textwire.store import accounts
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .filters import repeated
from .gate import Gate, Me
from .scopes import INTERNAL
from .users import must_manage
from .wire import ROOT, Items, Wire, user_id

SEND: Final = "CAN_ACCOUNT_SEND_WEB_SMS"
# What can be done here by names of the vendor's specification; everything else in its list is telephony.
CAN: Final = (SEND, "CAN_GET_HISTORY", "CAN_GET_ACCOUNT_BALANCE")
_NAME: Final = re.compile(r"[A-Z][A-Z0-9_]{0,79}")
# The specification's PropertiesResponse: none of them is the case.
PROPERTIES: Final = dict.fromkeys(
    ("identityVerificationRequired", "verificationLetterCodeRequired", "showSipCredentials", "showRegisterDndOption",
     "showDisplaySingleLineOption", "showClick2DialButton", "showVerificationLetter", "hasDedicatedAdminArea",
     "showSimRelevantOptions", "showESimOptions", "showEventTimeToLiveHint", "showNettoPrices", "showBasicLogo",
     "showSimquadratLogo", "identityVerificationRequiredForMobile", "chatbotHuman", "chatbotUsingInformalLanguage",
     "multiSimProduct", "productWithoutBaseFee", "voipOnlyProduct", "mobileOnlyProduct"),
    False,
)  # fmt: skip


class Shown(Wire, frozen=True, kw_only=True):
    """Whether `target`, a user, may do what `restriction` is called after."""

    restriction: str
    value: bool
    target: str


class Product:
    """The resource."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        """Where the application's pages are is asked without credentials: there are none."""
        return (
            gate.route("GET", f"{ROOT}/restrictions", self._restrictions, INTERNAL),
            gate.route("GET", f"{ROOT}/app/properties", _properties, INTERNAL),
            Route("GET", f"{ROOT}/app/links", _links),
        )

    async def _restrictions(self, request: Request, me: Me) -> Response:
        given = repeated(request)
        wanted = given.get("restriction", list(CAN))
        if not all(_NAME.fullmatch(one) for one in wanted):
            raise Refusal("invalid_field", "This is no name of a restriction.", "restriction")
        user = await self._user(given.get("userId", []), me)
        kept = await accounts.account(self._desk.store.engine, me.caller.account)
        can = set(CAN) if kept is not None and kept.state == "active" else {*CAN} - {SEND}
        return json_response(
            Items([Shown(restriction=one, value=one in can, target=user) for one in dict.fromkeys(wanted)])
        )

    async def _user(self, named: list[str], me: Me) -> str:
        """Of whom it is asked; of somebody else only an administrator may."""
        if not named:
            raise Refusal("missing_field", "userId is missing.", "userId")
        if named[-1] == user_id(me.extension.number):
            return named[-1]
        others = await self._desk.extensions.all(me.caller.account)
        if not any(named[-1] == user_id(one.number) for one in others):
            raise Refusal("not_found")
        await must_manage(self._desk, me)
        return named[-1]


async def _properties(request: Request, me: Me) -> Response:
    return json_response(PROPERTIES)


async def _links(request: Request) -> Response:
    return json_response({})
