"""/account/get-balance and /account/top-up: what is left to spend."""

import msgspec

from textwire.domain.refusal import Refusal
from textwire.facades.vonage.rest import Call, Rest, said, status
from textwire.store import accounts
from textwire.switch.desk import Desk
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

EUR = 10**8
# Credit comes from whoever runs the server, never from a call of the account's own.
NO_RELOAD = (401, "not auto-reload enabled")


class Balance(msgspec.Struct, frozen=True, rename="camel"):
    """In EUR, as a number."""

    value: float
    auto_reload: bool = False


class Missing(msgspec.Struct, frozen=True):
    """A parameter is missing; no other call of the vendor says so in these words."""

    invalid_parameters: dict[str, str]
    type: str = "BAD_REQUEST"
    error_title: str = "Bad Request"


class Money:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._engine = desk.store.engine

    def routes(self, rest: Rest) -> tuple[Route, ...]:
        """Both paths."""
        return (
            rest.route("GET", "/account/get-balance", self._balance),
            rest.route("POST", "/account/top-up", self._top_up),
        )

    async def _balance(self, call: Call) -> Response:
        found = await accounts.account(self._engine, call.caller.account)
        if found is None:
            raise Refusal("not_found")
        return said(call.request, "accountBalance", Balance(found.balance / EUR))

    async def _top_up(self, call: Call) -> Response:
        if not call.given.get("trx"):
            return json_response(Missing({"trx": "Is required."}), 400)
        return status(call.request, *NO_RELOAD)
