"""/api/messages: the list, one message with its whole story, taking one back, and deleting what is over."""

from typing import Final

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages, reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.pages import Page
from textwire.facades.api.sending import BODY_LIMIT, CREATED, PATH, Form, Sending
from textwire.facades.api.views import Batch, MessageView
from textwire.store import conversions, events, messages, receipts
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .filters import Filters, filter_of
from .story import StoryView, story

ONE: Final = PATH + "/{id}"
SEND_CODES: Final = (
    "invalid_address", "text_empty", "text_too_long", "too_many_recipients", "send_at_out_of_range",
    "validity_out_of_range", "insufficient_balance", "sender_forbidden", "no_default_number", "trial_full", "loop",
    "recipient_opted_out", "account_suspended", "queue_full",
)  # fmt: skip


class Messages:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._engine = desk, desk.store.engine
        self._sending = Sending(desk)

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/messages."""
        return (
            entrance.route("POST", PATH, self._sending.send, body_limit=BODY_LIMIT, about=About(
                summary="Send a message, or one to each of a list", form=Form, answer=MessageView | Batch,
                status=CREATED, once=True, codes=SEND_CODES,
            )),
            entrance.route("GET", PATH, self._list, about=About(
                summary="List messages, newest first; filter and search them", query=Filters, answer=Page[MessageView],
                codes=("invalid_address",),
            )),
            entrance.route("GET", ONE, self._one, about=About(
                summary="One message with its whole story", answer=StoryView, codes=("not_found",),
            )),
            entrance.route("POST", ONE + "/cancel", self._cancel, about=About(
                summary="Take back what has not left", answer=MessageView, codes=("not_found", "not_cancelable"),
            )),
            entrance.route("DELETE", ONE, self._delete, about=About(
                summary="Delete a message that is over, its text, segments and receipts", status=204,
                codes=("not_found", "not_final"),
            )),
        )  # fmt: skip

    async def _list(self, request: Request, caller: Caller) -> Response:
        asked = reading.parameters(request, Filters)
        wanted = pages.asked(asked)
        found = await self._desk.conversations.list(
            caller.account, filter_of(asked), before=pages.of_ids(wanted), limit=wanted.limit
        )
        place = (-found.before, "") if found.before else None
        return pages.cut([views.message(m) for m in found.messages], place)

    async def _one(self, request: Request, caller: Caller) -> Response:
        key = reading.identifier(request.params["id"])
        message = (await messages.own(self._engine, caller.account, [key])).get(key)
        if message is None:
            raise Refusal("not_found")
        segments = await messages.segments(self._engine, message)
        kept = await receipts.of_message(self._engine, message)
        timeline = await events.of_subject(self._engine, message.id)
        told = await conversions.of(self._engine, message.id)
        return json_response(story(message, segments, kept, timeline, told))

    async def _cancel(self, request: Request, caller: Caller) -> Response:
        key = reading.identifier(request.params["id"])
        return json_response(views.message(await self._desk.cancel(caller.account, key)))

    async def _delete(self, request: Request, caller: Caller) -> Response:
        key = reading.identifier(request.params["id"])
        await self._desk.conversations.remove(caller.account, key)
        return Response(204)
