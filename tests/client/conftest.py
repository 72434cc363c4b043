"""A server for the tests of the client, and both clients at its door."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.client.both import Awaited
from tests.client.proxy import Proxy
from tests.client.threaded import Threaded
from tests.serving import Server, server
from textwire_client import AsyncClient, Client


@pytest.fixture(scope="package")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture
def key(running: Server) -> str:
    return str(running.credentials["api"]["key"])


@pytest.fixture(params=["sync", "async"])
def client(request: pytest.FixtureRequest, running: Server, key: str) -> Iterator[Any]:
    """The operator's client, once each kind: what a test says is said to both."""
    if request.param == "sync":
        with Client(running.url, key) as opened:
            yield opened
        return
    loop = asyncio.new_event_loop()
    awaited = AsyncClient(running.url, key)
    yield Awaited(awaited, loop)
    loop.run_until_complete(awaited.close())
    loop.close()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    opened = Proxy()
    yield opened
    opened.close()


@pytest.fixture(params=["sync", "async"])
def hearing(request: pytest.FixtureRequest) -> Iterator[Any]:
    """Makes clients whose callbacks are called while the test goes on: `hearing(url, key)`, of each kind."""
    opened: list[Any] = []

    def make(url: str, key: str) -> Any:
        opened.append(Client(url, key) if request.param == "sync" else Threaded(url, key))
        return opened[-1]

    yield make
    for one in opened:
        one.close()
