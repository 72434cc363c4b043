"""A listener: one port, plain or TLS, that serves an ASGI application inside our own event loop."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Generator, Sequence
from typing import Any, Final

import uvicorn
from uvicorn.config import Config

from textwire.web.asgi import App
from textwire.web.bind import BACKLOG, bind
from textwire.web.guard import guard_with
from textwire.web.limits import Limits
from textwire.web.socket_guard import SocketGuard

DEFAULT_LIMITS: Final = Limits()
DATE_SECONDS: Final = 1.0


class Listener:
    """Bound on creation, so that a taken port is an error before anything has started.

    Raises BindRefused, or PlaintextRefused for plain HTTP beyond loopback without `allow_plaintext`.
    """

    def __init__(
        self,
        app: App,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        allow_plaintext: bool = False,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self._socket = bind(host, port, beyond_loopback=tls is not None or allow_plaintext)
        self.host: str = self._socket.getsockname()[0]
        self.port: int = self._socket.getsockname()[1]
        self.secure = tls is not None
        self._server = _Server(_config(app, limits), tls, limits)
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it really listens, such as http://127.0.0.1:8080."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}"

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._server.server_state.connections)

    async def start(self) -> None:
        """Return once connections are taken."""
        self._task = asyncio.create_task(self._server.serve([self._socket]), name=f"listener {self.url}")
        up = asyncio.ensure_future(self._server.up.wait())
        await asyncio.wait((self._task, up), return_when=asyncio.FIRST_COMPLETED)
        if not up.done():
            up.cancel()
            await self._task  # it ended before it was up, so it raises

    async def stop(self, timeout: float = 10.0) -> None:
        """Take no more connections, let requests under way finish for `timeout` seconds, close the rest."""
        if self._task is None:
            self._socket.close()
            return
        # uvicorn says int and hands it to asyncio.wait_for, which takes fractions too.
        self._server.config.timeout_graceful_shutdown = timeout  # type: ignore[assignment]
        self._server.leave()
        await self._task
        self._task = None


def _config(app: App, limits: Limits) -> Config:
    return Config(
        app,
        http=guard_with(limits),
        ws=SocketGuard,
        ws_max_size=limits.socket_message_bytes,
        ws_ping_interval=limits.socket_ping_seconds,
        ws_ping_timeout=limits.socket_ping_seconds * 2,  # two pings missed
        ws_per_message_deflate=False,  # 32 KiB per idle socket, and a bomb to defuse
        lifespan="off",
        interface="asgi3",
        proxy_headers=False,  # otherwise any local client chooses its own address and scheme
        server_header=False,
        access_log=False,  # it would log queries, and tokens travel there
        log_config=None,
        log_level="warning",
        timeout_keep_alive=limits.keep_alive_seconds,  # type: ignore[arg-type]  # seconds for call_later
    )


class _Server(uvicorn.Server):
    """uvicorn's server without its signal handlers, telling when it is up, with bounds on TLS's hellos and goodbyes."""

    def __init__(self, config: Config, tls: ssl.SSLContext | None, limits: Limits) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self._leaving = asyncio.Event()
        self._tls, self._limits = tls, limits

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Leave signals to the program that this server is a part of."""
        yield

    async def startup(self, sockets: Sequence[socket.socket] | None = None) -> None:
        """Take connections on the sockets."""
        loop, limits = asyncio.get_running_loop(), self._limits
        self.servers = [
            await loop.create_server(
                self._connection,
                sock=opened,
                backlog=BACKLOG,
                ssl=self._tls,
                ssl_handshake_timeout=limits.handshake_seconds if self._tls else None,
                ssl_shutdown_timeout=limits.goodbye_seconds if self._tls else None,
            )
            for opened in sockets or ()
        ]
        self.started = True
        self.up.set()

    def leave(self) -> None:
        """Begin the shutdown."""
        self.should_exit = True
        self._leaving.set()

    async def main_loop(self) -> None:
        """Keep the Date header right, once a second instead of looking for an exit ten times."""
        while not await self.on_tick(0):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._leaving.wait(), DATE_SECONDS)

    def _connection(self) -> asyncio.Protocol:
        state: dict[str, Any] = {}
        made: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=state
        )
        return made
