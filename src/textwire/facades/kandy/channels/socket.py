"""The socket of a channel, from its handshake to its end."""

from typing import Final

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.facades.kandy.errors import FOREIGN_USER, UNAUTHORIZED, UNAVAILABLE
from textwire.facades.kandy.notifications import socket_words
from textwire.facades.kandy.tokens import Tokens
from textwire.facades.kandy.wire import channels_url
from textwire.live.box import Box
from textwire.live.live import Live
from textwire.live.mail import Mail
from textwire.store import boxes, channels
from textwire.store.channels import Channel
from textwire.store.engines.engine import Unavailable
from textwire.switch.desk import Desk
from textwire.web.problem import Problem, Refused
from textwire.web.request import Request
from textwire.web.routes import WebSocketRoute
from textwire.web.websocket import Socket

from .checks import INTERVAL_SECONDS, Checks

TOKEN: Final = "access_token"  # noqa: S105 - a parameter's name


class Sockets:
    """The handler. `interval`: seconds between two questions of ours."""

    def __init__(
        self, desk: Desk, tokens: Tokens, live: Live, mail: Mail, interval: float = INTERVAL_SECONDS
    ) -> None:
        self._engine, self._now, self._tokens = desk.store.engine, desk.real_now, tokens
        self._live, self._mail, self._interval = live, mail, interval

    def sockets(self) -> tuple[WebSocketRoute, ...]:
        """What a WebSocket finds under C."""
        return (WebSocketRoute(f"{channels_url('{user}')}/{{id}}/websocket", self._enter),)

    async def _enter(self, request: Request, socket: Socket) -> None:
        """Everything that can be refused is refused before the handshake is answered."""
        try:
            caller, channel, role = await self._admitted(request)
            self._live.check(caller.account)
            request.trust()
            await self._serve(socket, caller, channel, role)
        except Refusal as refusal:
            raise Refused(Problem(status=500, code=refusal.code, field=refusal.field)) from None
        except Unavailable:
            raise Refused(UNAVAILABLE) from None

    async def _admitted(self, request: Request) -> tuple[Caller, Channel, str]:
        """401 without a token, 403 on another user's path, 404 for a channel that is not there or over.

        The SDK comes back with the token of its first time, however old it is by then, so one that was good when
        the channel was made is good for the channel: an expired one leads to no other.
        """
        bearer = await self._tokens.bearer(request.query.get(TOKEN) or "")
        caller, now = bearer.caller, self._now()
        if caller.public_id != request.params["user"]:
            raise Refused(FOREIGN_USER if bearer.good(now) else UNAUTHORIZED)
        channel = await channels.one(self._engine, caller.principal, request.params["id"])
        box = (await boxes.some(self._engine, [channel.id])).get(channel.id) if channel else None
        if box is not None and box.ends_at <= now:
            box = None
        if not bearer.good(now) and (box is None or not bearer.good(box.made_at)):
            raise Refused(UNAUTHORIZED)
        if channel is None or box is None:
            raise Refusal("not_found")
        return caller, channel, box.role

    async def _serve(self, socket: Socket, caller: Caller, channel: Channel, role: str) -> None:
        words = socket_words(caller.public_id)
        with self._live.line(caller.account, socket) as line:
            box = Box(channel, line, words)
            try:
                waited = await self._mail.join(box)
                await socket.accept()
                checks = Checks(line, self._interval)
                line.spawn(box.begin(waited))
                if role == "server":
                    line.spawn(checks.ask())
                await line.run(checks.hear)
            finally:
                await self._mail.leave(box)
