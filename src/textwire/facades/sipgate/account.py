"""The account: what it is called, what it has left, and where everything is."""

from typing import Any, Final

from textwire.domain.account import Account as Kept
from textwire.domain.compliance import MOST_DAYS, Retention
from textwire.domain.refusal import Refusal
from textwire.store import accounts
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .gate import Gate, Me
from .scopes import ACCOUNT_READ, ACCOUNT_WRITE, BALANCE_READ
from .values import filled
from .wire import MONEY, ROOT, Wire

# What `GET /` tells everybody, in the vendor's names.
PLACES: Final = {
    "smsUrl": f"{ROOT}/{{userId}}/sms",
    "smsCallerIdsUrl": f"{ROOT}/{{userId}}/sms/{{smsId}}/callerids",
    "historyUrl": f"{ROOT}/history",
    "historyEntryUrl": f"{ROOT}/history/{{entryId}}",
    "balanceUrl": f"{ROOT}/balance",
    "accountUrl": f"{ROOT}/account",
    "numbersUrl": f"{ROOT}/numbers",
    "usersUrl": f"{ROOT}/users",
    "userInfoUrl": f"{ROOT}/authorization/userinfo",
    "userUrl": f"{ROOT}/users/{{userId}}",
    "userDevicesUrl": f"{ROOT}/{{userId}}/devices",
    "faxlinesUrl": f"{ROOT}/{{userId}}/faxlines",
    "voicemailsUrl": f"{ROOT}/voicemails",
    "webuserNumbersUrl": f"{ROOT}/{{userId}}/numbers",
    "numberUrl": f"{ROOT}/numbers/{{numberId}}",
    "accountVerifiedUrl": f"{ROOT}/account/verified",
    "authorizationOauthClientsUrl": f"{ROOT}/authorization/oauth2/clients",
    "authorizationOauthClientUrl": f"{ROOT}/authorization/oauth2/clients/{{clientId}}",
    "settingsSipgateioUrl": f"{ROOT}/settings/sipgateio",
    "notificationsUrl": f"{ROOT}/{{userId}}/notifications",
    "restrictionsUrl": f"{ROOT}/restrictions",
}


class Shown(Wire, frozen=True, kw_only=True):
    """`history_life_time` is the word that comes nearest to how long the account keeps its texts."""

    company: str
    main_product_type: str = "TEAM"
    logo_url: str = ""
    verified: bool = True
    history_life_time: str


class Balance(Wire, frozen=True, kw_only=True):
    """`amount` is in 10⁻⁴ EUR: 35000 is 3.50."""

    amount: int
    currency: str = "EUR"


class Verified(Wire, frozen=True, kw_only=True):
    """The body."""

    verification_code: Any = None


class Account:
    """The resource. Every account counts as verified from its start, so there is no code for that."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        return (
            Route("GET", ROOT, _places),
            gate.route("GET", f"{ROOT}/account", self._show, ACCOUNT_READ),
            gate.route("PUT", f"{ROOT}/account/verified", self._verify, ACCOUNT_WRITE),
            gate.route("GET", f"{ROOT}/balance", self._balance, BALANCE_READ),
        )

    async def _show(self, request: Request, me: Me) -> Response:
        rule = await self._desk.rulings.retention(me.caller.account)
        return json_response(Shown(company=(await self._kept(me)).name, history_life_time=life_time(rule)))

    async def _verify(self, request: Request, me: Me) -> Response:
        filled((await request.json(Verified)).verification_code, "verificationCode")
        raise Refusal("not_found", "Verification code not found.", "code")

    async def _balance(self, request: Request, me: Me) -> Response:
        return json_response(Balance(amount=(await self._kept(me)).balance // MONEY))

    async def _kept(self, me: Me) -> Kept:
        found = await accounts.account(self._desk.store.engine, me.caller.account)
        if found is None:
            raise Refusal("not_found")
        return found


async def _places(request: Request) -> Response:
    return json_response(PLACES)


def life_time(rule: Retention) -> str:
    """Of the vendor's three words: only the longest that can be set here is called unlimited."""
    if rule.redact == "final":
        return "NONE"
    return "UNLIMITED" if rule.bodies_days == MOST_DAYS else "THIRTY_DAYS"
