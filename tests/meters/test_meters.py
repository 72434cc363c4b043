"""What a running house measures, as Prometheus' own parser reads it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.facades.api.house import House, opened
from textwire.lag import Lag
from textwire.meters.meters import Meters
from textwire.store.engines.engine import Unavailable


@pytest.fixture
async def metered(tmp_path: Path) -> AsyncIterator[tuple[House, Meters]]:
    async with opened(tmp_path / "metered.db") as house:
        meters = Meters(house.core, Lag(), house.live)
        meters.router = house.router
        yield house, meters


async def samples(meters: Meters) -> dict[str, dict[tuple[str, ...], float]]:
    """name → values of its labels, in the order of their names → value."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families((await meters.scrape()).decode()):
        assert family.documentation
        for sample in family.samples:
            found.setdefault(sample.name, {})[tuple(sample.labels.values())] = sample.value
    return found


async def test_a_message_is_counted_on_its_way(metered: tuple[House, Meters]) -> None:
    house, meters = metered
    for _ in range(3):
        sent = await house.alice.sent()
        await house.event("message.delivered", sent["id"])
    assert (await house.alice.send(to="+1")).status == 400
    await house.event("message.rejected", (await house.alice.sent(to="+447700900003"))["id"])
    found = await samples(meters)
    moves = found["textwire_message_events_total"]
    assert moves["", "accepted"] == 4
    assert moves["simulated", "sent"] == moves["simulated", "delivered"] == 3
    assert moves["simulated", "rejected"] == 1
    assert found["textwire_refusals_total"]["invalid_address",] == 1
    assert found["textwire_segments_ambiguous_total"][()] == 0
    assert found["textwire_http_responses_total"]["api", "201"] == 4
    assert found["textwire_http_responses_total"]["api", "400"] == 1
    assert found["textwire_commit_items_count"][()] == found["textwire_commit_seconds_count"][()] > 4
    assert found["textwire_commit_seconds_bucket"]["+Inf",] == found["textwire_commit_seconds_count"][()]
    assert 0 < found["textwire_commit_seconds_sum"][()] < 60
    assert found["process_resident_memory_bytes"][()] > 10_000_000
    assert found["textwire_live_sockets"][()] == 0


async def test_counters_only_grow(metered: tuple[House, Meters]) -> None:
    house, meters = metered
    before: dict[str, Any] = {}
    for _ in range(3):
        await house.event("message.delivered", (await house.alice.sent())["id"])
        now = await samples(meters)
        for name, values in before.items():
            if name.endswith(("_total", "_count", "_bucket")):
                assert all(now[name][labels] >= value for labels, value in values.items()), name
        before = now


async def test_what_waits_is_shown_by_topic_with_how_late_it_is(metered: tuple[House, Meters]) -> None:
    house, meters = metered
    await house.alice.sent(send_at=int(house.core.clock.now() / 1e6) + 3_600)
    found = await samples(meters)
    assert found["textwire_outbox_rows"]["depart:simulated",] == 1
    assert found["textwire_outbox_late_seconds"]["depart:simulated",] == 0


async def test_a_store_that_is_away_leaves_the_rest_to_be_read(
    metered: tuple[House, Meters], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, meters = metered

    async def gone(*args: object) -> None:
        raise Unavailable("gone")

    monkeypatch.setattr("textwire.meters.meters.queues", gone)
    found = await samples(meters)
    assert "textwire_outbox_rows" not in found
    assert found["textwire_info"]


async def test_the_lag_of_the_loop_is_a_histogram(metered: tuple[House, Meters]) -> None:
    _, meters = metered
    running = asyncio.create_task(meters._lag.run())
    while meters.lags.buckets()[-1][1] < 2:
        await asyncio.sleep(0.01)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running
    assert (await samples(meters))["textwire_loop_lag_seconds_count"][()] >= 2
