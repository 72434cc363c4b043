import asyncio

import pytest

from tests.facades.api.house import PHONE, House

PATH = "/api/simnet/network"


async def test_the_weather_can_be_changed_and_read(house: House) -> None:
    wanted = {
        "latency": {"min_ms": 1, "max_ms": 2},
        "loss": [{"what": "receipt", "probability": 1}],
        "throttle": {"per_second": 50},
        "seed": 7,
    }
    reply = await house.alice.ask("PUT", PATH, wanted)
    assert reply.status == 200
    found = await house.alice.get(PATH)
    assert found == reply.json
    assert (found["latency"], found["seed"]) == (wanted["latency"], 7)
    assert found["loss"] == [{"what": "receipt", "probability": 1.0}]
    assert found["throttle"] == {"probability": None, "per_second": 50}
    assert found["delivery"] == {"min_ms": 80, "max_ms": 120}


async def test_what_is_read_can_be_put_back(house: House) -> None:
    found = await house.alice.get(PATH)
    assert (await house.alice.ask("PUT", PATH, found)).json == found


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"seed": -1}, (400, "invalid_field", ["seed"])),
        ({"latency": {"min_ms": 5, "max_ms": 1}}, (400, "invalid_field", ["latency.max_ms"])),
        ({"latency": {"min_ms": 0, "max_ms": 10**12}}, (400, "invalid_field", ["latency.max_ms"])),
        ({"loss": [{"what": "hope", "probability": 1}]}, (400, "invalid_field", ["loss[0].what"])),
        ({"loss": [{"what": "receipt", "probability": 2}]}, (400, "invalid_field", ["loss[0].probability"])),
        ({"throttle": {}}, (400, "invalid_field", ["throttle"])),
        ({"rain": 1}, (400, "unknown_field", ["rain"])),
        ([], (400, "invalid_body", [])),
    ],
)
async def test_weather_that_makes_no_sense_changes_nothing(
    house: House, body: object, answer: tuple[int, str, list[str]]
) -> None:
    before = await house.alice.get(PATH)
    assert (await house.alice.ask("PUT", PATH, body)).problem == answer
    assert await house.alice.get(PATH) == before


async def test_a_lost_receipt_leaves_a_message_sent(house: House) -> None:
    await house.alice.ask("PUT", PATH, {"loss": [{"what": "receipt", "probability": 1}]})
    sent = await house.alice.sent()
    await house.alice.get(f"/api/simnet/phones/{PHONE}/messages?wait=10")
    assert (await house.alice.get("/api/messages/" + sent["id"]))["state"] == "sent"


async def held(house: House) -> None:
    """Returns once nothing is on its way but what waits for a handset to be switched on."""
    network, clock = house.core.network, house.core.clock
    async with asyncio.timeout(10):
        while (network.due() or 0) < clock.now() + 3_600_000_000:
            await asyncio.sleep(0.005)


async def test_a_reset_forgets_handsets_and_weather_and_leaves_nothing_hanging(house: House) -> None:
    before = await house.alice.get(PATH)
    await house.alice.ask("PUT", PATH, {"seed": 9})
    await house.alice.ask("PATCH", f"/api/simnet/phones/{PHONE}", {"state": "off"})
    sent = await house.alice.sent()
    await house.event("message.sent", sent["id"])
    await held(house)
    reply = await house.alice.ask("POST", "/api/simnet/reset")
    assert (reply.status, reply.body) == (204, b"")
    assert await house.alice.get(PATH) == before
    assert (await house.alice.get(f"/api/simnet/phones/{PHONE}"))["state"] == "on"
    await house.event("message.undelivered", sent["id"])
