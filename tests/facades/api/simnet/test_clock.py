from datetime import datetime

import pytest

from tests.facades.api.house import House
from textwire.switch import retry

PATH = "/api/simnet/clock"


def instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


async def test_the_clock_runs_with_the_wall_at_first(house: House) -> None:
    found = await house.alice.get(PATH)
    assert found["frozen"] is False
    assert abs(found["ahead_seconds"]) < 0.5
    assert abs(instant(found["now"]) - instant(found["real"])) < 0.5


async def test_a_frozen_clock_stands_and_a_freed_one_goes_on_from_there(house: House) -> None:
    frozen = (await house.alice.ask("POST", PATH, {"freeze": True})).json
    assert frozen["frozen"] is True
    assert (await house.alice.get(PATH))["now"] == frozen["now"]
    stepped = (await house.alice.ask("POST", PATH, {"advance": "24h"})).json
    assert instant(stepped["now"]) - instant(frozen["now"]) == 86_400
    freed = (await house.alice.ask("POST", PATH, {"freeze": False})).json
    assert freed["frozen"] is False
    assert 0 <= instant(freed["now"]) - instant(stepped["now"]) < 0.5
    assert house.kept_clocks == 3


@pytest.mark.parametrize(("span", "seconds"), [("90s", 90), (3600, 3600), (0.5, 0.5), ("0s", 0)])
async def test_a_step_is_written_like_any_span(house: House, span: object, seconds: float) -> None:
    before = await house.alice.ask("POST", PATH, {"freeze": True})
    after = await house.alice.ask("POST", PATH, {"advance": span})
    assert instant(after.json["now"]) - instant(before.json["now"]) == pytest.approx(seconds)


async def test_freezing_and_stepping_go_in_one_call(house: House) -> None:
    found = (await house.alice.ask("POST", PATH, {"advance": "1h", "freeze": True})).json
    assert found["frozen"] is True
    assert found["ahead_seconds"] == pytest.approx(3600, abs=0.5)


async def test_a_step_makes_scheduled_messages_leave(house: House) -> None:
    sent = await house.alice.sent(send_at=(house.core.clock.now() + retry.HOUR) // 1_000_000)
    await house.alice.ask("POST", PATH, {"advance": "2h"})
    await house.event("message.delivered", sent["id"])


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, (400, "missing_field", ["advance"])),
        ({"advance": -1}, (400, "invalid_field", ["advance"])),
        ({"advance": "tomorrow"}, (400, "invalid_field", ["advance"])),
        ({"advance": "9999999d"}, (400, "invalid_field", ["advance"])),
        ({"advance": 1e300}, (400, "invalid_field", ["advance"])),
        ({"freeze": True, "advance": -1}, (400, "invalid_field", ["advance"])),
        ({"freeze": "yes"}, (400, "invalid_field", ["freeze"])),
        ({"rewind": "1h"}, (400, "unknown_field", ["rewind"])),
    ],
)
async def test_a_wish_that_makes_no_sense_leaves_the_clock_alone(
    house: House, body: object, answer: tuple[int, str, list[str]]
) -> None:
    before = house.core.clock.state()
    assert (await house.alice.ask("POST", PATH, body)).problem == answer
    assert house.core.clock.state() == before
    assert house.kept_clocks == 0
