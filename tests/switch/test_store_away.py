"""The store may be away for a while: the loops of the switch wait for it, and do not run hot meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.life import HOUR, SECOND, Life, living
from textwire.store.engines.engine import Unavailable
from textwire.switch import dispatch, flight, upkeep

AWAY_SECONDS, OFTEN = 0.3, 0.02
LOOPS = 4  # dispatcher, upkeep and room to spare


class Away:
    """Stands before an engine; while `on`, each call of `names` is counted and fails."""

    def __init__(self, engine: Any, *names: str) -> None:
        self.on, self.calls = False, 0
        for name in names:
            setattr(engine, name, self._before(getattr(engine, name)))

    def _before(self, real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def call(*args: Any, **named: Any) -> Any:
            if self.on:
                self.calls += 1
                raise Unavailable("away")
            return await real(*args, **named)

        return call


@pytest.fixture
async def life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Life]:
    """A house whose loops look often."""
    monkeypatch.setattr(upkeep, "BEAT_SECONDS", OFTEN)
    monkeypatch.setattr(upkeep, "BEATS_PER_LEASE", 1)
    monkeypatch.setattr(dispatch, "POLL_SECONDS", OFTEN)
    monkeypatch.setattr(dispatch, "RETRY_SECONDS", OFTEN)
    monkeypatch.setattr(flight, "RETRY_SECONDS", OFTEN)
    async with living(str(tmp_path / "textwire.db")) as one:
        yield one


@pytest.mark.parametrize("names", [("read",), ("transact",), ("read", "transact")], ids="+".join)
async def test_the_house_lives_on_and_does_not_run_hot(life: Life, names: tuple[str, ...]) -> None:
    await life.send(send_at=life.clock.now() + SECOND, validity=SECOND)
    away = Away(life.core.store.engine, *names)
    away.on = True
    await life.step(3 * HOUR)  # something is due all the time, and cannot be done
    await asyncio.sleep(AWAY_SECONDS)
    away.on = False
    assert 3 <= away.calls <= LOOPS * AWAY_SECONDS / OFTEN
    [message] = await life.send()
    await life.live(message.id, "delivered")
