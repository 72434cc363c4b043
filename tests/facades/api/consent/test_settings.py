"""/api/keywords, /api/quiet-hours, /api/retention: what accounts settle."""

from typing import Any

import pytest

from tests.facades.api.house import House

KEYWORDS, QUIET, RETENTION = "/api/keywords", "/api/quiet-hours", "/api/retention"


async def test_keywords_show_everybodys_words_and_the_accounts_own(house: House) -> None:
    before = await house.alice.get(KEYWORDS)
    assert before["own"] == {
        "stop": [],
        "start": [],
        "help": [],
        "answers": {"stop": None, "start": None, "help": None},
    }
    assert len(before["languages"]) == 28
    assert before["languages"][0]["stop"]["words"][0] == "stop"
    own = {"stop": ["weg"], "help": ["wie"], "answers": {"stop": "Tschüss."}}
    after = (await house.alice.ask("PUT", KEYWORDS, own)).json
    assert after["own"]["stop"] == ["weg"]
    assert after["own"]["answers"]["stop"] == "Tschüss."
    assert await house.alice.get(KEYWORDS) == after
    assert (await house.bob.get(KEYWORDS))["own"]["stop"] == []
    assert (await house.alice.ask("PUT", KEYWORDS, {})).json == before


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"stop": ["start"]}, "invalid_field", "stop[0]"),
        ({"stop": [""]}, "invalid_field", "stop[0]"),
        ({"stop": ["x" * 33]}, "invalid_field", "stop[0]"),
        ({"stop": ["w"] * 51}, "invalid_field", "stop"),
        ({"stop": ["!"]}, "invalid_field", "stop[0]"),
        ({"stop": "weg"}, "invalid_field", "stop"),
        ({"go": ["x"]}, "unknown_field", "go"),
        ({"answers": {"stop": "x" * 256}}, "invalid_field", "answers.stop"),
        ({"answers": {"help": "stop"}}, "invalid_field", "answers.help"),
        ({"answers": {"bye": "x"}}, "unknown_field", "answers.bye"),
    ],
)
async def test_keywords_that_make_no_sense_are_refused_by_name(
    house: House, body: Any, code: str, field: str
) -> None:
    assert (await house.alice.ask("PUT", KEYWORDS, body)).problem == (400, code, [field])


async def test_quiet_hours_are_none_until_they_are_set(house: House) -> None:
    assert (await house.alice.ask("GET", QUIET)).problem[:2] == (404, "not_found")
    assert (await house.alice.ask("DELETE", QUIET)).problem[:2] == (404, "not_found")
    put = await house.alice.ask("PUT", QUIET, {"from": "21:00", "to": "08:00"})
    assert put.json == {"from": "21:00", "to": "08:00", "exempt": ["otp"]}
    assert await house.alice.get(QUIET) == put.json
    assert (await house.bob.ask("GET", QUIET)).status == 404
    assert (await house.alice.ask("DELETE", QUIET)).status == 204
    assert (await house.alice.ask("GET", QUIET)).status == 404


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"from": "21:00"}, "missing_field", "to"),
        ({"from": "21:00", "to": "21:00"}, "invalid_field", "to"),
        ({"from": "08:00", "to": "21:00"}, "invalid_field", "to"),
        ({"from": "24:00", "to": "08:00"}, "invalid_field", "from"),
        ({"from": "21:00\n", "to": "08:00"}, "invalid_field", "from"),
        ({"from": "9:00", "to": "08:00"}, "invalid_field", "from"),
        ({"from": 21, "to": "08:00"}, "invalid_field", "from"),
        ({"from": "21:00", "to": "08:00", "exempt": ["O T P"]}, "invalid_field", "exempt[0]"),
        ({"from": "21:00", "to": "08:00", "zone": "UTC"}, "unknown_field", "zone"),
        ({"start": "21:00", "end": "08:00"}, "unknown_field", "start"),
    ],
)
async def test_nights_that_make_no_sense_are_refused_by_name(
    house: House, body: Any, code: str, field: str
) -> None:
    reply = await house.alice.ask("PUT", QUIET, body)
    assert reply.problem[:2] == (400, code)
    assert reply.problem[2] in ([field], ["from"])


async def test_a_held_message_says_so(house: House) -> None:
    hour = house.core.clock.now() // 3_600_000_000 % 24
    night = {"from": f"{(hour - 3) % 24:02}:00", "to": f"{(hour + 5) % 24:02}:00"}
    await house.alice.ask("PUT", QUIET, night)
    held = await house.alice.sent()
    assert (held["state"], held["reason"]) == ("scheduled", "quiet_hours")
    assert held["held_until"] == held["send_at"] is not None
    assert (await house.alice.get(f"/api/messages/{held['id']}"))["held_until"] == held["held_until"]
    code = await house.alice.sent(**{"class": "otp"})
    assert code["held_until"] is None
    assert (await house.bob.sent())["held_until"] is None
    canceled = await house.alice.ask("POST", f"/api/messages/{held['id']}/cancel")
    assert (canceled.json["state"], canceled.json["held_until"]) == ("canceled", None)


async def test_retention_has_usual_values_and_bounds(house: House) -> None:
    usual = {"bodies_days": 30, "messages_days": 396, "redact": "never"}
    assert await house.alice.get(RETENTION) == usual
    put = await house.alice.ask("PUT", RETENTION, {"bodies_days": 7, "redact": "final"})
    assert put.json == {"bodies_days": 7, "messages_days": 396, "redact": "final"}
    assert await house.alice.get(RETENTION) == put.json
    assert await house.bob.get(RETENTION) == usual


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"bodies_days": 0}, "bodies_days"),
        ({"bodies_days": 100_000}, "bodies_days"),
        ({"bodies_days": "30"}, "bodies_days"),
        ({"bodies_days": 30, "messages_days": 10}, "bodies_days"),
        ({"redact": "always"}, "redact"),
        ({"messages_days": 1.5}, "messages_days"),
    ],
)
async def test_retention_that_makes_no_sense_is_refused(house: House, body: Any, field: str) -> None:
    assert (await house.alice.ask("PUT", RETENTION, body)).problem == (400, "invalid_field", [field])


async def test_what_is_settled_is_in_the_audit_with_who_did_it(house: House) -> None:
    await house.alice.ask("PUT", RETENTION, {"bodies_days": 7})
    await house.alice.ask("PUT", QUIET, {"from": "21:00", "to": "08:00"})
    await house.alice.ask("POST", "/api/erasures", {"number": "+447700900666"})
    await house.alice.ask("POST", "/api/opt-outs/import", raw=b"+447700900777", content_type="text/csv")
    found = (await house.alice.get("/api/audit"))["items"]
    assert [(one["action"], one["actor"]) for one in found] == [
        (action, house.alice.caller.public_id)
        for action in ("opt_outs.imported", "number.erased", "quiet_hours.changed", "retention.changed")
    ]
    assert "447700900666" not in str(found)
