"""/api/erasures and /api/exports: what is held about a person's number, shown and forgotten."""

from typing import Annotated, Any, Final

import msgspec

from textwire.domain.account import Caller
from textwire.domain.ids import MAX_INT
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages, reading
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.messages.story import story
from textwire.facades.api.pages import LONGEST_CURSOR, Page, Paging
from textwire.facades.api.views import stamp
from textwire.store import conversions, erasures, events, messages, receipts
from textwire.store.erasures import Erasure
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .opt_outs import view as opt_out_view
from .sheets import LINES

ERASURES: Final = "/api/erasures"
EXPORTS: Final = "/api/exports/{number}"
EXPORTED: Final = 100  # messages of one answer, each with its whole story


class ErasureForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom to forget; `suppress`: and never to text them again, though they have not said so themselves."""

    number: Annotated[str, msgspec.Meta(max_length=64)]
    suppress: bool = False


class ErasureView(msgspec.Struct, frozen=True):
    """An erasure. It does not say of whom: that is forgotten, too. `messages` went, `canceled` of them unsent."""

    id: str
    state: str
    messages: int
    canceled: int
    requested_by: str
    created_at: str
    finished_at: str | None


class RefusedLine(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """A line of an export: a request to text the number that was refused, in the words of its API."""

    kind: str
    sender: str
    to: str
    status: str
    reason: str
    at: str


class ExportQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Where to go on."""

    cursor: (
        Annotated[str, msgspec.Meta(max_length=LONGEST_CURSOR, description="`next` of the last line before.")]
        | None
    ) = None


class Subjects:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._engine = desk, desk.store.engine

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """Both resources."""
        return (
            entrance.route("POST", ERASURES, self._erase, about=About(
                summary="Forget a number: messages, texts and all; an opt-out is kept as a keyed hash",
                form=ErasureForm, answer=ErasureView, status=202, codes=("invalid_address", "own_number"),
            )),
            entrance.route("GET", ERASURES, self._list, about=About(
                summary="Erasures, newest first", query=Paging, answer=Page[ErasureView],
            )),
            entrance.route("GET", ERASURES + "/{id}", self._one, about=About(
                summary="How far an erasure has come", answer=ErasureView, codes=("not_found",),
            )),
            entrance.route("GET", EXPORTS, self._export, about=About(
                summary="Everything that is held about a number, as JSON lines", query=ExportQuery, media=LINES[0],
                codes=("not_found", "invalid_address"),
                note="The last line is {\"kind\": \"end\", \"next\": cursor or null}.",
            )),
        )  # fmt: skip

    async def _erase(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, ErasureForm)
        number = reading.number(form.number, "number")
        done = await self._desk.erasures.erase(
            caller.account, number, suppress=form.suppress, by=caller.public_id
        )
        return json_response(_view(done), 202)

    async def _list(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        rows = await erasures.page(
            self._engine, caller.account, before=pages.of_ids(wanted), limit=wanted.limit + 1
        )
        return pages.page(rows, wanted, lambda one: (-one.id, ""), _view)

    async def _one(self, request: Request, caller: Caller) -> Response:
        found = await erasures.one(self._engine, caller.account, reading.identifier(request.params["id"]))
        if found is None:
            raise Refusal("not_found")
        return json_response(_view(found))

    async def _export(self, request: Request, caller: Caller) -> Response:
        query = reading.parameters(request, ExportQuery)
        number = reading.number(request.params["number"], "number")
        wanted = pages.asked(Paging(limit=EXPORTED, cursor=query.cursor))
        ids = await self._desk.erasures.held(
            caller.account, number, before=pages.of_ids(wanted), limit=EXPORTED + 1
        )
        lines = [] if query.cursor else await self._beside(caller.account, number)
        if not ids and not lines and query.cursor is None:
            raise Refusal("not_found")
        found = await messages.own(self._engine, caller.account, ids[:EXPORTED])
        for message in sorted(found.values(), key=lambda m: -m.id):
            lines.append({"kind": "message", "message": await self._story(message)})
        more = pages.cursor_of((-ids[EXPORTED - 1], "")) if len(ids) > EXPORTED else None
        lines.append({"kind": "end", "next": more})
        return Response(200, b"".join(msgspec.json.encode(line) + b"\n" for line in lines), LINES[0])

    async def _beside(self, account: int, number: str) -> list[Any]:
        """What is held beside messages."""
        refused = await self._desk.rejections.found(account, number.removeprefix("+"), 0, MAX_INT, EXPORTED)
        lines = [
            RefusedLine("refusal", one.sender, one.recipient, one.code, one.label, stamp(one.at))
            for one in refused
        ]
        return [*await self._consent(account, number), *lines]

    async def _consent(self, account: int, number: str) -> list[Any]:
        try:
            found = await self._desk.opting.one(account, number)
        except Refusal:
            return []
        return [{"kind": "opt_out", "opt_out": opt_out_view(found)}]

    async def _story(self, message: Message) -> Any:
        return story(
            message,
            await messages.segments(self._engine, message),
            await receipts.of_message(self._engine, message),
            await events.of_subject(self._engine, message.id),
            await conversions.of(self._engine, message.id),
        )


def _view(e: Erasure) -> ErasureView:
    return ErasureView(
        str(e.id), e.state, e.messages, e.canceled, e.requested_by, stamp(e.created_at),
        stamp(e.finished_at) if e.finished_at else None,
    )  # fmt: skip
