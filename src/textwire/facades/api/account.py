"""/api/account: who is calling, and what is left to spend."""

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.store import accounts
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import views
from .entrance import Entrance


class Account:
    """The handler."""

    def __init__(self, desk: Desk) -> None:
        self._engine = desk.store.engine

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/account."""
        return (entrance.route("GET", "/api/account", self._get),)

    async def _get(self, request: Request, caller: Caller) -> Response:
        account = await accounts.account(self._engine, caller.account)
        if account is None:
            raise Refusal("not_found")
        return json_response(
            {
                "name": account.name,
                "state": account.state,
                "trial": account.trial == 1,
                "balance": views.euros(account.balance),
                "currency": "EUR",
                "created_at": views.stamp(account.created_at),
                "caller": {
                    "principal": caller.public_id,
                    "kind": caller.kind,
                    "scopes": sorted(caller.scopes),
                },
            }
        )
