"""/api/live: the socket itself, from its handshake to its end."""

from collections.abc import Collection
from typing import Final

from textwire.access.access import Access
from textwire.access.secrets import digest
from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance, scope_of
from textwire.facades.api.problem import EXPLAINED, of_error
from textwire.live.follower import Follower
from textwire.live.live import Live
from textwire.switch.desk import Desk
from textwire.web.problem import NO_UPGRADE, Refused
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.routes import Route, WebSocketRoute
from textwire.web.websocket import Socket

from . import gate, wishes, words

PATH: Final = "/api/live"
SCOPE: Final = scope_of("GET", PATH)

ABOUT: Final = About(
    summary="Hear of events as they happen",
    query=wishes.LiveQuery,
    status=101,
    codes=("upgrade_required", "origin_forbidden", "too_many_sockets", "invalid_address"),
)


class Listening:
    """The handlers. `origins` are pages elsewhere that may open sockets."""

    def __init__(self, desk: Desk, access: Access, live: Live, origins: Collection[str] = ()) -> None:
        self._clock, self._access, self._live, self._origins = desk.clock, access, live, origins

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What plain HTTP finds there."""
        return (entrance.route("GET", PATH, self._plain, about=ABOUT),)

    def sockets(self) -> tuple[WebSocketRoute, ...]:
        """What a WebSocket finds there."""
        return (WebSocketRoute(PATH, self._enter),)

    async def _plain(self, request: Request, caller: Caller) -> Response:
        wishes.read(request)
        raise Refused(NO_UPGRADE)

    async def _enter(self, request: Request, socket: Socket) -> None:
        """Everything that can be refused is refused before the handshake is answered."""
        try:
            gate.check_origin(request, self._origins)
            key = gate.key_of(request)
            caller = await self._caller(key, request.client)
            wanted = wishes.read(request)
            self._live.check(caller.account)
        except EXPLAINED as error:
            raise Refused(of_error(error)) from None
        await socket.accept()
        await self._serve(socket, caller, key, wanted)

    async def _serve(self, socket: Socket, caller: Caller, key: str, wanted: wishes.Wishes) -> None:
        live = self._live
        with live.line(caller.account, socket) as line:
            follower = Follower(live.hub, caller.account, line, words.event, wanted)
            tag = digest(key)
            live.vigil.watch(line, tag, lambda: self._may_still(key))
            line.spawn(follower.begin(wanted.after, self._clock.now(), words.hello))
            try:
                await line.run()
            finally:
                live.vigil.forget(line, tag)
                follower.leave()

    async def _caller(self, key: str, address: str = "") -> Caller:
        caller = await self._access.key(key, address)
        if SCOPE not in caller.scopes:
            raise Refusal("scope_missing", f"This call needs a key with the scope {SCOPE}.")
        return caller

    async def _may_still(self, key: str) -> bool:
        try:
            await self._caller(key)
        except Refusal:
            return False
        return True
