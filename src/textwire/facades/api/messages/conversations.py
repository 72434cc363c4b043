"""/api/conversations: threads between one of our numbers and one remote, what is unread in them, and their end."""

from typing import Annotated, Final

import msgspec

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages, reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.pages import Page, Paging
from textwire.facades.api.views import MessageView
from textwire.store import messages
from textwire.store.conversations import Conversation
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .filters import Address, address

PATH: Final = "/api/conversations"
ONE: Final = PATH + "/{number}/{remote}"


class Threads(Paging, frozen=True, kw_only=True):
    """All of them have to be true of a conversation."""

    number: Annotated[Address | None, msgspec.Meta(description="A number or sender name of ours.")] = None
    remote: Annotated[Address | None, msgspec.Meta(description="The number at the other end.")] = None
    unread: Annotated[
        bool | None, msgspec.Meta(description="true: only those with something this key has not read.")
    ] = None


class ConversationView(msgspec.Struct, frozen=True):
    """A conversation; `unread` counts inbound messages that the caller has not read."""

    number: str
    remote: str
    messages: int
    unread: int
    last: MessageView | None
    read_at: str | None


class Deleted(msgspec.Struct, frozen=True):
    """How many messages went, and how many are still under way and stay."""

    deleted: int
    kept: int


class Conversations:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._threads, self._engine = desk.conversations, desk.store.engine

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/conversations."""
        return (
            entrance.route("GET", PATH, self._list, about=About(
                summary="List conversations, the one that was active last first", query=Threads,
                answer=Page[ConversationView], codes=("invalid_address",),
            )),
            entrance.route("GET", ONE + "/messages", self._messages, about=About(
                summary="The messages of a conversation, newest first", query=Paging, answer=Page[MessageView],
                codes=("not_found",),
            )),
            entrance.route("POST", ONE + "/read", self._read, about=About(
                summary="Everything in a conversation so far has been read", answer=ConversationView,
                codes=("not_found",),
            )),
            entrance.route("DELETE", ONE, self._delete, about=About(
                summary="Delete the messages of a conversation that are over", answer=Deleted, codes=("not_found",),
            )),
            entrance.route("DELETE", ONE + "/messages/{id}", self._delete_one, about=About(
                summary="Delete one message of a conversation", status=204, codes=("not_found", "not_final"),
            )),
        )  # fmt: skip

    async def _list(self, request: Request, caller: Caller) -> Response:
        asked = reading.parameters(request, Threads)
        wanted = pages.asked(asked)
        found = await self._threads.page(
            caller.account, caller.principal, before=pages.of_ids(wanted), limit=wanted.limit,
            number=address(asked.number, "number") if asked.number else "",
            remote=address(asked.remote, "remote") if asked.remote else "", unread=asked.unread is True,
        )  # fmt: skip
        place = (-found.before, "") if found.before else None
        return pages.cut(await self._views(found.conversations), place)

    async def _messages(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        conversation = await self._named(request, caller)
        rows = await self._threads.messages(
            conversation.id, before=pages.of_ids(wanted), limit=wanted.limit + 1
        )
        return pages.page(rows, wanted, lambda message: (-message.id, ""), views.message)

    async def _read(self, request: Request, caller: Caller) -> Response:
        await self._threads.read(await self._named(request, caller), caller.principal)
        return json_response((await self._views([await self._named(request, caller)]))[0])

    async def _delete(self, request: Request, caller: Caller) -> Response:
        removed = await self._threads.remove_all(await self._named(request, caller))
        return json_response(Deleted(removed.gone, removed.kept))

    async def _delete_one(self, request: Request, caller: Caller) -> Response:
        key = reading.identifier(request.params["id"])
        await self._threads.remove_from(await self._named(request, caller), key)
        return Response(204)

    async def _named(self, request: Request, caller: Caller) -> Conversation:
        """The conversation in the path; addresses that cannot be are as missing as those that nobody wrote to."""
        try:
            number, remote = (address(request.params[name], name) for name in ("number", "remote"))
        except Refusal:
            raise Refusal("not_found") from None
        return await self._threads.one(caller.account, caller.principal, number, remote)

    async def _views(self, found: list[Conversation]) -> list[ConversationView]:
        account = found[0].account if found else 0
        last = await messages.own(self._engine, account, [c.last for c in found])
        return [
            ConversationView(
                c.number, c.remote, c.length, c.unread,
                views.message(last[c.last]) if c.last in last else None,
                views.stamp(c.read_at) if c.read_at else None,
            )
            for c in found
        ]  # fmt: skip
