"""/api/messages: the list, one message with its whole story, and taking one back."""

from textwire.domain.account import Caller
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.store import events, messages, receipts
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import pages, reading, views
from .entrance import Entrance
from .sending import BODY_LIMIT, PATH, Sending

ONE = PATH + "/{id}"


class Messages:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._engine = desk, desk.store.engine
        self._sending = Sending(desk)

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/messages."""
        return (
            entrance.route("POST", PATH, self._sending.send, body_limit=BODY_LIMIT),
            entrance.route("GET", PATH, self._list),
            entrance.route("GET", ONE, self._one),
            entrance.route("POST", ONE + "/cancel", self._cancel),
        )

    async def _list(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        rows = await messages.page(
            self._engine, caller.account, before=pages.of_ids(wanted), limit=wanted.limit + 1
        )
        return pages.page(rows, wanted, _place, views.message)

    async def _one(self, request: Request, caller: Caller) -> Response:
        key = reading.identifier(request.params["id"])
        message = (await messages.own(self._engine, caller.account, [key])).get(key)
        if message is None:
            raise Refusal("not_found")
        segments = await messages.segments(self._engine, message)
        kept = await receipts.of_message(self._engine, message)
        timeline = await events.of_subject(self._engine, message.id)
        return json_response(views.detail(message, segments, kept, timeline))

    async def _cancel(self, request: Request, caller: Caller) -> Response:
        key = reading.identifier(request.params["id"])
        return json_response(views.message(await self._desk.cancel(caller.account, key)))


def _place(message: Message) -> pages.Place:
    return -message.id, ""
