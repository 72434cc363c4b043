"""Threads: `…/remoteAddresses`, those of one remote, one of them, and its end."""

from typing import Final

from textwire.domain.account import Caller
from textwire.facades.kandy.gate import Gate
from textwire.facades.kandy.wire import Wire, milliseconds, remotes_url, thread_url
from textwire.store.threads import Thread
from textwire.switch.desk import Desk
from textwire.switch.histories import Asked, Place
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import cursor
from .asked import asked
from .places import Places


class Details(Wire, frozen=True, kw_only=True):
    """`new` counts what was received since the user read the thread, at `last_pull_time`; never: it is left out."""

    first_message_time: int
    last_message_time: int
    last_pull_time: int = 0
    last_text: str
    length: int
    new: int


class Shown(Wire, frozen=True, kw_only=True):
    """A thread."""

    remote_address: str
    local_address: str
    thread_details: Details
    resource_url: str


class One(Wire, frozen=True, kw_only=True):
    sms_thread: Shown


class Listed(Wire, frozen=True, kw_only=True):
    """`next` is left out on the last page; no source says where the vendor puts it."""

    sms_thread: list[Shown]
    next: str = ""
    resource_url: str


class Many(Wire, frozen=True, kw_only=True):
    sms_thread_list: Listed


class Threads:
    """The resource. A thread of a number that is not the caller's is as missing as one that nobody has begun."""

    def __init__(self, desk: Desk, places: Places) -> None:
        self._histories, self._places = desk.histories, places

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        """What is under U/remoteAddresses."""
        of_one: Final = thread_url("{user}", "{remote}", "{local}")
        return (
            gate.route("GET", remotes_url("{user}"), self._list),
            gate.route("GET", remotes_url("{user}", "{remote}"), self._of_remote),
            gate.route("GET", of_one, self._one),
            gate.route("DELETE", of_one, self._delete),
        )

    async def _list(self, request: Request, caller: Caller) -> Response:
        return await self._page(request, caller, "", remotes_url(caller.public_id))

    async def _of_remote(self, request: Request, caller: Caller) -> Response:
        remote = await self._places.remote(request.params["remote"], caller)
        return await self._page(request, caller, remote, remotes_url(caller.public_id, remote))

    async def _page(self, request: Request, caller: Caller, remote: str, url: str) -> Response:
        wanted = asked(request.query)
        whose = Asked(
            account=caller.account, principal=caller.principal, numbers=await self._places.numbers(caller),
            remote=remote, unread=wanted.new, since=wanted.since,
        )  # fmt: skip
        place = Place(*cursor.read(wanted.next, 3)) if wanted.next else Place()
        found, behind = await self._histories.page(whose, place, wanted.max)
        following = cursor.write(behind.before, behind.after, behind.top) if behind else ""
        shown = [_shown(thread, caller) for thread in found]
        return json_response(Many(sms_thread_list=Listed(sms_thread=shown, next=following, resource_url=url)))

    async def _one(self, request: Request, caller: Caller) -> Response:
        return json_response(One(sms_thread=_shown(await self._places.thread(request, caller), caller)))

    async def _delete(self, request: Request, caller: Caller) -> Response:
        """With all its messages, for everybody in the account; its numbers' subscriptions are told of each."""
        await self._histories.remove_all(await self._places.thread(request, caller))
        return Response(204)


def _shown(thread: Thread, caller: Caller) -> Shown:
    details = Details(
        first_message_time=milliseconds(thread.first_at),
        last_message_time=milliseconds(thread.last_at),
        last_pull_time=milliseconds(thread.read_at),
        last_text=thread.last_text,
        length=thread.length,
        new=max(thread.unread, 0),
    )
    return Shown(
        remote_address=thread.remote, local_address=thread.number, thread_details=details,
        resource_url=thread_url(caller.public_id, thread.remote, thread.number),
    )  # fmt: skip
