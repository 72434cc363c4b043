"""Lists of users, projects and keys, and one of them: what the three resources have in common."""

from collections.abc import Callable
from typing import Any

from textwire.domain.account import Caller, PrincipalKind
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages
from textwire.store import people
from textwire.store.people import Person
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response


class Listing:
    """The handlers that read, and the one that takes away."""

    def __init__(self, desk: Desk, kind: PrincipalKind, view: Callable[[Person], Any]) -> None:
        self._desk, self._engine, self._kind, self._view = desk, desk.store.engine, kind, view

    async def list(self, request: Request, caller: Caller) -> Response:
        """A page of the account's."""
        wanted = pages.wanted(request)
        found = await people.page(
            self._engine, caller.account, self._kind, pages.of_ids(wanted), wanted.limit + 1
        )
        return pages.page(found, wanted, lambda one: (-one.principal.id, ""), self._view)

    async def one(self, request: Request, caller: Caller) -> Response:
        """One of the account's."""
        found = await people.one(self._engine, caller.account, self._kind, request.params["id"])
        if found is None:
            raise Refusal("not_found")
        return json_response(self._view(found))

    async def remove(self, request: Request, caller: Caller) -> Response:
        """Takes one away."""
        await self._desk.people.remove(caller, self._kind, request.params["id"])
        return Response(204)
