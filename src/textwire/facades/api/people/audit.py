"""/api/audit: what was changed by whom, and whether that is as it was written."""

from typing import Any, Final

import msgspec

from textwire.domain.account import Caller
from textwire.facades.api import pages, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.pages import Wanted
from textwire.store import audit
from textwire.store.audit import Entry
from textwire.store.engines.engine import Engine
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

PATH: Final = "/api/audit"


class EntryView(msgspec.Struct, frozen=True):
    """A change: `actor` made it, by what they are called in the API, `data` says what is different."""

    number: int
    at: str
    actor: str
    action: str
    subject: str
    data: Any
    hash: str


class CheckView(msgspec.Struct, frozen=True):
    """Of all entries that are kept: `broken` is the number of the first that was tampered with.

    Keep `head` somewhere else to notice entries that were cut off at the end.
    """

    intact: bool
    entries: int
    broken: int | None
    head: str | None


class Audit:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._people, self._engine = desk.people, desk.store.engine

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/audit."""
        return (
            entrance.route("GET", PATH, self._list, about=About(
                summary="List what was changed in your account, and by whom", query=pages.Paging,
                answer=pages.Page[EntryView],
            )),
            entrance.route("GET", PATH + "/check", self._check, about=About(
                summary="Check that nobody has changed the audit of your account", answer=CheckView,
            )),
        )  # fmt: skip

    async def _list(self, request: Request, caller: Caller) -> Response:
        return await page_of(self._engine, pages.wanted(request), caller.account)

    async def _check(self, request: Request, caller: Caller) -> Response:
        found = await self._people.check_audit(caller.account)
        return json_response(
            CheckView(not found.broken, found.entries, found.broken or None, found.head or None)
        )


async def page_of(engine: Engine, wanted: Wanted, account: int) -> Response:
    """A page of an account's audit."""
    found = await audit.page(engine, account, pages.of_ids(wanted), wanted.limit + 1)
    return pages.page(found, wanted, lambda entry: (-entry.number, ""), _view)


def _view(entry: Entry) -> EntryView:
    return EntryView(
        entry.number, views.stamp(entry.at), entry.actor, entry.action, entry.subject,
        msgspec.Raw(entry.data.encode()), entry.hash,
    )  # fmt: skip
