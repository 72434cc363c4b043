import asyncio

import pytest

from tests.facades.api.house import House, Reply
from textwire.facades.api.operation import health
from textwire.store.engines.engine import Unavailable


async def test_a_house_that_runs_is_alive_and_ready_for_anybody(house: House) -> None:
    for path, word in (("/healthz", "alive"), ("/readyz", "ready")):
        reply = Reply(*await house.ask("GET", path))
        assert (reply.status, reply.json) == (200, {"status": word})
        assert (await house.ask("HEAD", path)).status == 200


async def test_a_loop_that_runs_late_is_alive_but_not_ready(house: House) -> None:
    house.lag = 1.5
    assert (await house.ask("GET", "/healthz")).status == 200
    assert Reply(*await house.ask("GET", "/readyz")).problem == (503, "unavailable", [])


async def test_a_store_that_is_gone_is_alive_but_not_ready(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(*args: object, **more: object) -> None:
        raise Unavailable("connection to 10.1.2.3 refused")

    monkeypatch.setattr(house.engine, "read", gone)
    reply = Reply(*await house.ask("GET", "/readyz"))
    assert reply.problem == (503, "unavailable", [])
    assert b"10.1.2.3" not in reply.body
    assert (await house.ask("GET", "/healthz")).status == 200


async def test_a_store_that_does_not_answer_is_not_ready(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hangs(*args: object, **more: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(house.engine, "read", hangs)
    monkeypatch.setattr(health, "STORE_SECONDS", 0.01)
    assert Reply(*await house.ask("GET", "/readyz")).problem == (503, "unavailable", [])
