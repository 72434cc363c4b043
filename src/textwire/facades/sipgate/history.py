"""The history: the only way in which this API shows what became of texts, and what has come in."""

import csv
import io
from typing import Any, Final

import msgspec
from msgspec import UNSET

from textwire.domain.ids import MAX_INT
from textwire.domain.message import FINAL, Message
from textwire.domain.refusal import Refusal
from textwire.store import messages
from textwire.switch.desk import Desk
from textwire.switch.marks import Put
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from .entries import Entry, entry
from .filters import Wanted, repeated, wanted
from .gate import Gate, Me
from .numbering import Numbering
from .places import Places, places
from .scopes import HISTORY_READ, HISTORY_WRITE
from .values import filled, page, truth
from .wire import ROOT, Wire

ALL: Final = f"{ROOT}/history"
ONE: Final = f"{ALL}/{{id:[0-9]{{1,19}}}}"
LIMIT, MOST_LIMIT = 10, 1000
LOOK: Final = 5_000  # messages that pass the store's filters, of which one call takes the others into account
SLICE: Final = 500
MOST_AT_ONCE: Final = 150
LONGEST_NOTE: Final = 2_000
MOST_DIGITS: Final = 19
COLUMNS: Final = ("id", "created", "type", "direction", "source", "target", "status", "smsContent", "note")
BODY_LIMIT: Final = 1_048_576


class Found(Wire, frozen=True, kw_only=True):
    """A part of the list; `total_count` is of all that pass."""

    items: list[Entry]
    total_count: int


class Changed(Wire, frozen=True, kw_only=True):
    """What is not named stays."""

    id: Any = UNSET
    archived: Any = UNSET
    read: Any = UNSET
    starred: Any = UNSET
    note: Any = UNSET


class History:
    """The resource."""

    def __init__(self, desk: Desk, numbering: Numbering) -> None:
        self._desk, self._numbering = desk, numbering

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        return (
            gate.route("GET", ALL, self._list, HISTORY_READ),
            gate.route("PUT", ALL, self._change_some, HISTORY_WRITE, BODY_LIMIT),
            gate.route("DELETE", ALL, self._delete_some, HISTORY_WRITE),
            gate.route("GET", f"{ALL}/export", self._export, HISTORY_READ),
            gate.route("GET", ONE, self._show, HISTORY_READ),
            gate.route("PUT", ONE, self._change, HISTORY_WRITE),
            gate.route("DELETE", ONE, self._delete, HISTORY_WRITE),
            gate.route("PUT", f"{ONE}/archive", self._archive, HISTORY_WRITE),
            gate.route("PUT", f"{ONE}/read", self._read, HISTORY_WRITE),
            gate.route("PUT", f"{ONE}/note", self._note, HISTORY_WRITE),
        )

    async def _list(self, request: Request, me: Me) -> Response:
        found = await self._found(request, me)
        return json_response(Found(items=page(request, found, LIMIT, MOST_LIMIT), total_count=len(found)))

    async def _export(self, request: Request, me: Me) -> Response:
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(COLUMNS)
        for one in await self._found(request, me):
            said = msgspec.to_builtins(one)
            rows.writerow([_plain(said[name] or "") for name in COLUMNS])
        return Response(200, text.getvalue().encode(), "application/octet-stream")

    async def _show(self, request: Request, me: Me) -> Response:
        return json_response(await self._entry(me, _key(request.params["id"])))

    async def _change(self, request: Request, me: Me) -> Response:
        return await self._put(request, me, await request.json(Changed))

    async def _change_some(self, request: Request, me: Me) -> Response:
        given = await request.json(list[Changed])
        if len(given) >= MOST_AT_ONCE:
            raise Refusal("invalid_field", f"Fewer than {MOST_AT_ONCE} entries at a time.")
        wishes = [(_key(filled(one.id, "id")), _checked(one)) for one in given]
        seen = await self._visible(me, [key for key, _ in wishes])
        for key, change in wishes:
            if key in seen:
                await self._desk.marks.put(_wish(me, seen[key], change))
        return Response(204)

    async def _archive(self, request: Request, me: Me) -> Response:
        return await self._put(request, me, Changed(archived=await _value(request)))

    async def _read(self, request: Request, me: Me) -> Response:
        return await self._put(request, me, Changed(read=await _value(request)))

    async def _note(self, request: Request, me: Me) -> Response:
        await self._put(request, me, Changed(note=(await request.json(Changed)).note))
        return await self._show(request, me)

    async def _delete(self, request: Request, me: Me) -> Response:
        await self._remove(await self._one(me, _key(request.params["id"])))
        return Response(204)

    async def _delete_some(self, request: Request, me: Me) -> Response:
        """Unknown ones are passed over, and so are those under way."""
        keys = [_key(one) for one in repeated(request).get("id", ())]
        for message in (await self._visible(me, keys)).values():
            try:
                await self._remove(message)
            except Refusal as refusal:
                if refusal.code not in ("not_found", "not_final"):
                    raise
        return Response(204)

    async def _remove(self, message: Message) -> None:
        """One that waits is canceled by it."""
        if message.state not in FINAL:
            try:
                await self._desk.cancel(message.account, message.id)
            except Refusal as refusal:
                if refusal.code != "not_cancelable":
                    raise
        await self._desk.conversations.remove(message.account, message.id)

    async def _put(self, request: Request, me: Me, given: Changed) -> Response:
        change = _checked(given)
        found = await self._one(me, _key(request.params["id"]))
        await self._desk.marks.put(_wish(me, found, change))
        return Response(204)

    async def _entry(self, me: Me, key: int) -> Entry:
        message, where = await self._one(me, key), await places(self._desk, me)
        marks = await self._desk.marks.of([message])
        return entry(message, marks[key], where.place(message), where.alias(message))

    async def _one(self, me: Me, key: int) -> Message:
        found = await self._visible(me, [key])
        if key not in found:
            raise Refusal("not_found")
        return found[key]

    async def _visible(self, me: Me, keys: list[int]) -> dict[int, Message]:
        found = await messages.own(self._desk.store.engine, me.caller.account, sorted(set(keys)))
        where = await places(self._desk, me)
        return {key: one for key, one in found.items() if where.shows(one)}

    async def _found(self, request: Request, me: Me) -> list[Entry]:
        """Everything that passes, newest first, among the LOOK newest."""
        given = repeated(request)
        number = given.get("phonenumber", [""])[-1]
        if number:
            number = await self._numbering.read(me.caller.account, number, "phonenumber")
        asked = wanted(given, number)
        where = await places(self._desk, me)
        entries: list[Entry] = []
        before, looked = MAX_INT, 0
        while asked.possible and before and looked < LOOK:
            part = await self._desk.conversations.list(
                me.caller.account, asked.stored, before=before, limit=SLICE
            )
            entries += await self._passing(part.messages, asked, where)
            before, looked = part.before, looked + max(len(part.messages), 1)
        return entries

    async def _passing(self, found: list[Message], asked: Wanted, where: Places) -> list[Entry]:
        marks = await self._desk.marks.of(found)
        return [
            entry(one, marks[one.id], where.place(one), where.alias(one))
            for one in found
            if where.shows(one) and asked.passes(one, marks[one.id], where.place(one))
        ]


def _wish(me: Me, message: Message, change: dict[str, Any]) -> Put:
    return Put(account=me.caller.account, message=message.id, direction=message.direction, **change)


def _checked(given: Changed) -> dict[str, Any]:
    change: dict[str, Any] = {
        name: truth(value, name)
        for name in ("archived", "read", "starred")
        if (value := getattr(given, name)) is not UNSET and value is not None
    }
    if given.note is not UNSET:
        note = given.note if given.note is not None else ""
        if not isinstance(note, str) or len(note) > LONGEST_NOTE:
            raise Refusal("invalid_field", f"note is a text of at most {LONGEST_NOTE} characters.", "note")
        change["note"] = note
    return change


async def _value(request: Request) -> Any:
    """The older calls name it so."""
    return truth((await request.json(dict[str, Any])).get("value"), "value")


def _key(written: str) -> int:
    """The message that an entry names, 0 for none."""
    plain = written.isascii() and written.isdigit() and len(written) <= MOST_DIGITS
    return int(written) if plain and int(written) <= MAX_INT else 0


def _plain(value: str) -> str:
    """A cell that no spreadsheet takes for a formula; a number keeps its plus."""
    risky = value[:1] in ("=", "-", "@", "\t", "\r") or (value[:1] == "+" and not value[1:].isdigit())
    return f"'{value}" if risky else value
