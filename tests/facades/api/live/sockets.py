"""A client of the live socket that speaks ASGI in memory."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from tests.facades.api.house import PATIENCE, House, Reply, Tenant
from tests.web.calls import scope_of


class Client:
    """One socket. `refusal` is the answer to its handshake if that was refused, `code` that of its close."""

    def __init__(self, house: House, query: str, headers: dict[str, str]) -> None:
        self._in: asyncio.Queue[Any] = asyncio.Queue()
        self._out: asyncio.Queue[Any] = asyncio.Queue()
        self._in.put_nowait({"type": "websocket.connect"})
        scope = scope_of("", b"/api/live" + query.encode(), headers, kind="websocket")
        self.running = asyncio.ensure_future(house.app(scope, self._in.get, self._out.put))
        self.code = 0
        self.refusal: Reply | None = None

    async def opened(self) -> None:
        answer = await self._next()
        if answer["type"] == "websocket.http.response.start":
            lines = {name.decode(): value.decode("latin-1") for name, value in answer["headers"]}
            self.refusal = Reply(answer["status"], lines, (await self._next())["body"])

    async def hear(self) -> Any:
        """The next frame as JSON; None when the server has closed."""
        message = await self._next()
        if message["type"] == "websocket.close":
            self.code = message["code"]
            self._in.put_nowait({"type": "websocket.disconnect", "code": self.code})
            return None
        return msgspec.json.decode(message["text"])

    async def until(self, kind: str) -> list[Any]:
        """Frames up to the first event of a kind, that included."""
        heard = [await self.hear()]
        while heard[-1]["type"] != kind:
            heard.append(await self.hear())
        return heard

    async def _next(self) -> Any:
        async with asyncio.timeout(PATIENCE):
            return await self._out.get()

    async def leave(self) -> None:
        self._in.put_nowait({"type": "websocket.disconnect", "code": 1001})
        await self.running


@contextlib.asynccontextmanager
async def listening(tenant: Tenant, query: str = "", **headers: str) -> AsyncIterator[Client]:
    """A socket of a tenant, accepted; it leaves at the end. `a_b` is the header A-B."""
    given = {"authorization": f"Bearer {tenant.key}", "host": "127.0.0.1:8080"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    client = Client(tenant.house, query, {name: value for name, value in given.items() if value})
    await client.opened()
    try:
        yield client
    finally:
        await client.leave()


async def refused(tenant: Tenant, query: str = "", **headers: str) -> tuple[int, str, list[str]]:
    """Status, code and fields with which a handshake is refused."""
    async with listening(tenant, query, **headers) as client:
        assert client.refusal is not None, "it was let in"
        return client.refusal.problem
