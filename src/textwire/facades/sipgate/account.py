"""The account: what it is called, what it has left, and where everything is."""

from typing import Final

from textwire.domain.account import Account as Kept
from textwire.domain.refusal import Refusal
from textwire.store import accounts
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .gate import Gate, Me
from .scopes import ACCOUNT_READ, BALANCE_READ, SMS_READ
from .wire import MONEY, ROOT, USER, Items, Wire

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
}
# Telephony that an example looks for before it looks for extensions.
NOTHING: Final = (f"{ROOT}/{USER}/devices", f"{ROOT}/{USER}/faxlines", f"{ROOT}/{USER}/voicemails", f"{ROOT}/voicemails")  # fmt: skip


class Shown(Wire, frozen=True, kw_only=True):
    """Texts are kept for thirty days unless the account has ruled otherwise."""

    company: str
    main_product_type: str = "TEAM"
    logo_url: str = ""
    verified: bool = True
    history_life_time: str = "THIRTY_DAYS"


class Balance(Wire, frozen=True, kw_only=True):
    """`amount` is in 10⁻⁴ EUR: 35000 is 3.50."""

    amount: int
    currency: str = "EUR"


class Account:
    """The resource."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        return (
            Route("GET", ROOT, _places),
            gate.route("GET", f"{ROOT}/account", self._show, ACCOUNT_READ),
            gate.route("GET", f"{ROOT}/balance", self._balance, BALANCE_READ),
            *(gate.route("GET", path, _nothing, SMS_READ) for path in NOTHING),
        )

    async def _show(self, request: Request, me: Me) -> Response:
        return json_response(Shown(company=(await self._kept(me)).name))

    async def _balance(self, request: Request, me: Me) -> Response:
        return json_response(Balance(amount=(await self._kept(me)).balance // MONEY))

    async def _kept(self, me: Me) -> Kept:
        found = await accounts.account(self._desk.store.engine, me.caller.account)
        if found is None:
            raise Refusal("not_found")
        return found


async def _places(request: Request) -> Response:
    return json_response(PLACES)


async def _nothing(request: Request, me: Me) -> Response:
    return json_response(Items([]))
