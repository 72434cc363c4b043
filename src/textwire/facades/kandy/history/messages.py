"""Messages of a thread: `…/localAddresses/{local}/messages`, one of them, its status, and its end."""

from textwire.domain.account import Caller
from textwire.domain.ids import MAX_INT
from textwire.domain.message import Message
from textwire.domain.refusal import Refusal
from textwire.facades.kandy.gate import Gate
from textwire.facades.kandy.wire import Wire, message_id, message_of, message_url, milliseconds, thread_url
from textwire.store.threads import Thread
from textwire.switch.desk import Desk
from textwire.switch.histories import Pull
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import cursor
from .asked import Asked, asked
from .places import Places
from .statuses import STATUSES


class Shown(Wire, frozen=True, kw_only=True):
    """A message. `type` is `inbound` or `outbound`, in small letters: the browser SDK compares."""

    type: str
    message_id: str
    message: str
    status: str
    date_time: int
    resource_url: str


class One(Wire, frozen=True, kw_only=True):
    sms_message: Shown


class Listed(Wire, frozen=True, kw_only=True):
    """`next` is left out on the last page."""

    sms_message: list[Shown]
    next: str = ""
    resource_url: str


class Many(Wire, frozen=True, kw_only=True):
    sms_message_list: Listed


class Status(Wire, frozen=True, kw_only=True):
    """Alone at the top: the Java and .NET SDKs look for it there."""

    status: str


class Messages:
    """The resource. To list them is to read the thread; nothing else marks what is new as read."""

    def __init__(self, desk: Desk, places: Places) -> None:
        self._histories, self._places = desk.histories, places

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        """What is under a thread's messages. The .NET SDK asks for one of them under `messages/messages`."""
        path = thread_url("{user}", "{remote}", "{local}") + "/messages"
        return (
            gate.route("GET", path, self._list),
            gate.route("GET", f"{path}/{{id}}", self._one),
            gate.route("GET", f"{path}/messages/{{id}}", self._one),
            gate.route("GET", f"{path}/{{id}}/status", self._status),
            gate.route("DELETE", f"{path}/{{id}}", self._delete),
        )

    async def _list(self, request: Request, caller: Caller) -> Response:
        """Of a thread that is not there, or somebody else's, an empty list: the browser SDK hangs on a 404."""
        wanted = asked(request.query)
        place = cursor.read(wanted.next, 2) if wanted.next else ()
        try:
            thread = await self._places.thread(request, caller)
        except Refusal as refusal:
            if refusal.code != "not_found":
                raise
            url = thread_url(caller.public_id, request.params["remote"], request.params["local"])
            return _listed([], "", url)
        found, following = await self._pulled(thread, caller, wanted, place)
        url = thread_url(caller.public_id, thread.remote, thread.number)
        return _listed([_shown(m, thread, caller) for m in found], following, url)

    async def _pulled(
        self, thread: Thread, caller: Caller, wanted: Asked, place: tuple[int, ...]
    ) -> tuple[list[Message], str]:
        """A page, and `next`. The first page reads the thread; what was new then stays so on the following ones."""
        before, upto = place or (MAX_INT, thread.upto)
        if not place:
            await self._histories.read(thread, caller.principal)
        pull = Pull(before=before, since=wanted.since, upto=upto if wanted.new else -1)
        found, behind = await self._histories.messages(thread, pull, wanted.max)
        return found, cursor.write(behind, upto) if behind else ""

    async def _one(self, request: Request, caller: Caller) -> Response:
        thread, message = await self._named(request, caller)
        return json_response(One(sms_message=_shown(message, thread, caller)))

    async def _status(self, request: Request, caller: Caller) -> Response:
        _, message = await self._named(request, caller)
        return json_response(Status(status=STATUSES[message.state]))

    async def _named(self, request: Request, caller: Caller) -> tuple[Thread, Message]:
        thread = await self._places.thread(request, caller)
        return thread, await self._histories.message(thread, message_of(request.params["id"]))

    async def _delete(self, request: Request, caller: Caller) -> Response:
        """For everybody in the account. One that is still under way is out of sight at once, and goes when it is over."""
        thread = await self._places.thread(request, caller)
        await self._histories.remove(thread, message_of(request.params["id"]))
        return Response(204)


def _listed(shown: list[Shown], following: str, url: str) -> Response:
    listed = Listed(sms_message=shown, next=following, resource_url=f"{url}/messages")
    return json_response(Many(sms_message_list=listed))


def _shown(message: Message, thread: Thread, caller: Caller) -> Shown:
    return Shown(
        type="inbound" if message.direction == "in" else "outbound",
        message_id=message_id(message.id),
        message=message.text,
        status=STATUSES[message.state],
        date_time=milliseconds(message.created_at),
        resource_url=message_url(caller.public_id, thread.remote, thread.number, message.id),
    )
