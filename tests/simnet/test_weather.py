from collections.abc import Callable

import msgspec
import pytest

from textwire.simnet.exchange import Unusable
from textwire.simnet.sky import Sky
from textwire.simnet.weather import (
    MAX_DELAY_MS,
    MAX_PER_SECOND,
    MAX_SEED,
    Loss,
    Span,
    Throttle,
    Weather,
    check,
)

MS = 1000
SECOND = 1_000_000

WRONG = [
    ("latency.min_ms", Weather(latency=Span(-1, 5))),
    ("latency.max_ms", Weather(latency=Span(0, MAX_DELAY_MS + 1))),
    ("latency.max_ms", Weather(latency=Span(6, 5))),
    ("delivery.min_ms", Weather(delivery=Span(-80, 5))),
    ("receipt_delay.max_ms", Weather(receipt_delay=Span(2, 1))),
    ("loss[0].what", Weather(loss=(Loss("letter", 0.5),))),  # type: ignore[arg-type]
    ("loss[1].probability", Weather(loss=(Loss("receipt", 1), Loss("response", 1.01)))),
    ("loss[0].probability", Weather(loss=(Loss("receipt", float("nan")),))),
    ("loss", Weather(loss=(Loss("receipt", 0.1), Loss("receipt", 0.2)))),
    ("throttle", Weather(throttle=Throttle())),
    ("throttle.probability", Weather(throttle=Throttle(probability=-0.1))),
    ("throttle.probability", Weather(throttle=Throttle(probability=1.5))),
    ("throttle.per_second", Weather(throttle=Throttle(per_second=0))),
    ("throttle.per_second", Weather(throttle=Throttle(per_second=MAX_PER_SECOND + 1))),
    ("seed", Weather(seed=-1)),
    ("seed", Weather(seed=MAX_SEED + 1)),
]


@pytest.mark.parametrize(("field", "weather"), WRONG)
def test_weather_that_makes_no_sense_is_refused_by_the_name_of_its_field(
    field: str, weather: Weather
) -> None:
    with pytest.raises(Unusable) as caught:
        check(weather)
    assert caught.value.field == field
    assert str(caught.value).startswith(f"{field}: ")


def test_the_widest_weather_is_fine() -> None:
    weather = Weather(
        latency=Span(0, MAX_DELAY_MS),
        receipt_delay=Span(MAX_DELAY_MS, MAX_DELAY_MS),
        loss=(Loss("response", 0), Loss("receipt", 1)),
        throttle=Throttle(probability=1, per_second=MAX_PER_SECOND),
        seed=MAX_SEED,
    )
    assert check(weather) is weather


def test_weather_survives_json() -> None:
    weather = Weather(
        latency=Span(1, 2), loss=(Loss("receipt", 0.5),), throttle=Throttle(per_second=3), seed=9
    )
    assert msgspec.json.decode(msgspec.json.encode(weather), type=Weather) == weather


@pytest.mark.parametrize(
    "body",
    [
        b'{"wind": 1}',
        b'{"latency": {"max": 1}}',
        b'{"loss": [{"what": "receipt", "probability": 1, "how": 2}]}',
        b'{"throttle": {"per_minute": 1}}',
    ],
)
def test_weather_with_a_word_we_do_not_know_is_no_weather(body: bytes) -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field"):
        msgspec.json.decode(body, type=Weather)


def test_the_default_weather_is_calm_and_takes_about_100_ms_to_a_handset() -> None:
    sky = Sky(Weather())
    assert {sky.latency() for _ in range(50)} == {0}
    assert {sky.receipt_delay() for _ in range(50)} == {0}
    assert not any(sky.loses_response() or sky.loses_receipt() or sky.busy_for(0) for _ in range(50))
    ways = [sky.delivery() for _ in range(500)]
    assert 80 * MS <= min(ways) < 85 * MS
    assert 115 * MS < max(ways) <= 120 * MS


@pytest.mark.parametrize(
    ("weather", "draw"),
    [
        (Weather(latency=Span(10, 30)), Sky.latency),
        (Weather(delivery=Span(10, 30)), Sky.delivery),
        (Weather(receipt_delay=Span(10, 30)), Sky.receipt_delay),
    ],
)
def test_each_delay_is_drawn_evenly_from_its_span(weather: Weather, draw: Callable[[Sky], int]) -> None:
    sky = Sky(weather)
    drawn = [draw(sky) for _ in range(1000)]
    assert 10 * MS <= min(drawn) < 11 * MS
    assert 29 * MS < max(drawn) <= 30 * MS
    assert 19 * MS < sum(drawn) / 1000 < 21 * MS


@pytest.mark.parametrize(("probability", "least", "most"), [(0, 0, 0), (0.2, 150, 250), (1, 1000, 1000)])
def test_losses_are_as_likely_as_set(probability: float, least: int, most: int) -> None:
    responses = Sky(Weather(loss=(Loss("response", probability),)))
    receipts = Sky(Weather(loss=(Loss("receipt", probability),)))
    assert least <= sum(responses.loses_response() for _ in range(1000)) <= most
    assert least <= sum(receipts.loses_receipt() for _ in range(1000)) <= most
    assert not any(responses.loses_receipt() or receipts.loses_response() for _ in range(1000))


def test_a_throttle_by_chance_puts_off_for_a_second() -> None:
    sky = Sky(Weather(throttle=Throttle(probability=0.5)))
    put_off = [sky.busy_for(0) for _ in range(1000)]
    assert set(put_off) == {0, SECOND}
    assert 400 < put_off.count(SECOND) < 600


def test_a_throttle_by_rate_puts_off_until_the_next_second() -> None:
    sky = Sky(Weather(throttle=Throttle(per_second=2)))
    now = 5 * SECOND + 400 * MS
    assert [sky.busy_for(now) for _ in range(4)] == [0, 0, 600 * MS, 600 * MS]
    assert [sky.busy_for(6 * SECOND) for _ in range(3)] == [0, 0, SECOND]


def test_both_throttles_work_together() -> None:
    sky = Sky(Weather(throttle=Throttle(probability=1, per_second=1)))
    assert sky.busy_for(100) == SECOND
    assert sky.busy_for(200) == SECOND - 200


def test_the_same_seed_rolls_the_same_dice_and_another_does_not() -> None:
    def rolls(seed: int) -> list[bool]:
        sky = Sky(Weather(seed=seed))
        return [sky.coin() for _ in range(64)]

    assert rolls(1) == rolls(1)
    assert rolls(1) != rolls(2)
