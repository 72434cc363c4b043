"""Calls webhooks: one bounded HTTP/1.1 request each, over kept connections, only to addresses that were judged."""

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from time import perf_counter
from types import TracebackType
from typing import Self

from textwire.hooks.answer import Failed, Reply
from textwire.hooks.connection import Connection
from textwire.hooks.dial import Dialer
from textwire.hooks.guard import Policy, Refused, Target, judge_url
from textwire.hooks.limits import Limits
from textwire.hooks.pool import Origin, Pool
from textwire.hooks.request import compose
from textwire.hooks.resolver import Lookup, Resolver, system

__all__ = ["Client", "Failed", "Limits", "Lookup", "Reply"]

TIMEOUT_S = 15.0  # of a call; for its turn it may wait as long again
URLS_KEPT = 1024


class Client:
    """Never follows a redirect, uses no proxy, no .netrc, no cookie, and decompresses nothing.

    One client belongs to one event loop. A new policy needs a new client.
    """

    def __init__(
        self,
        policy: Policy,
        resolver: Lookup | None = None,
        limits: Limits | None = None,
        *,
        ca_file: str | None = None,
    ) -> None:
        """`resolver`: a name → its addresses; the system's by default. `ca_file`: authorities beside the system's."""
        limits = limits or Limits()
        self._policy = policy
        self._names = Resolver(limits, resolver or system)
        self._dialer = Dialer(policy, self._names, limits, ca_file)
        self._pool = Pool(limits)
        self._under_way: set[Connection] = set()
        self._closed = False
        self._judged = lru_cache(URLS_KEPT)(self._judge)

    async def post(
        self,
        url: str | Target,
        headers: Mapping[str, str],
        body: bytes,
        *,
        method: str = "POST",
        query: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT_S,
    ) -> Reply:
        """Send one request and give the answer, whatever its status; Failed if there is none within `timeout` seconds.

        `query` is added to the URL's. The seconds begin with the call's turn: an endpoint is not blamed for those who stand before it in line.
        """
        loop = asyncio.get_running_loop()
        target = self._judged(url) if isinstance(url, str) else url
        if query:
            target = target.with_query(dict(query))
        request = compose(method, target, headers, body)
        pool = self._pool
        origin = pool.origin(target.origin)
        if not pool.enter(origin):
            await pool.wait(origin, loop.time() + timeout)
        started = perf_counter()
        deadline = loop.time() + timeout
        try:
            if self._closed:
                raise Failed("closed")
            if origin.fresh_until <= loop.time():
                origin.fresh_until, origin.addresses = await self._dialer.resolve(target, deadline)
            connection = pool.take(origin)
            if connection is not None:
                try:
                    return await self._call(origin, connection, request, started, deadline)
                except Failed as failed:  # a retry is safe: webhooks are at-least-once
                    if failed.reason != "closed" or not connection.stale or self._closed:
                        raise
            connection = await self._dialer.open(target, origin.addresses, deadline)
            return await self._call(origin, connection, request, started, deadline)
        finally:
            pool.leave(origin)

    async def check(self, url: str, *, timeout: float = TIMEOUT_S) -> Target:
        """Judge a URL with the addresses that its name has now; Failed(`bad_url`, `blocked_address`, `dns`, `busy`)."""
        target = self._judged(url)
        await self._dialer.resolve(target, asyncio.get_running_loop().time() + timeout)
        return target

    async def close(self) -> None:
        """Close every connection; calls under way fail as `closed`."""
        self._closed = True
        self._names.close()
        self._pool.close()
        for connection in list(self._under_way):
            connection.abort()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _judge(self, url: str) -> Target:
        try:
            return judge_url(url, self._policy)
        except Refused as refused:
            raise Failed("bad_url" if refused.reason == "bad_url" else "blocked_address") from None

    async def _call(
        self, origin: Origin, connection: Connection, request: bytes, started: float, deadline: float
    ) -> Reply:
        self._under_way.add(connection)
        try:
            if self._closed:  # while it was being opened
                raise Failed("closed")
            reply = await connection.send(request, started, deadline)
        except BaseException:
            connection.abort()
            raise
        finally:
            self._under_way.discard(connection)
        if self._closed:
            connection.abort()
        elif not connection.closed:
            self._pool.keep(origin, connection)
        return reply
