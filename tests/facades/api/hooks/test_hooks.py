import pytest

from tests.facades.api.house import BLOCKED, House
from textwire.domain.event import TYPES, mask
from textwire.facades.api.hooks.forms import EVENTS
from textwire.store import hooks

URL = "http://127.0.0.1:9/hook"
FIRST, OF_BOB = "+16139998877", "+4915799912345"


async def test_a_hook_shows_its_secret_once(house: House) -> None:
    reply = await house.alice.ask(
        "POST",
        "/api/hooks",
        {"url": URL, "events": ["message.sent", "message.delivered"], "numbers": [FIRST]},
    )
    made = reply.json
    assert reply.status == 201
    assert made["secret"].startswith("whsec_")
    assert (made["url"], made["state"], made["failing_since"]) == (URL, "active", None)
    assert (made["events"], made["numbers"]) == (["message.sent", "message.delivered"], [FIRST])
    [listed] = (await house.alice.get("/api/hooks"))["items"]
    assert "secret" not in listed
    assert listed.items() <= made.items()
    [kept] = await hooks.of_account(house.engine, house.alice.account, "api")
    assert kept.types == mask(["message.sent", "message.delivered"])


async def test_without_numbers_a_hook_is_about_all(house: House) -> None:
    made = (await house.alice.ask("POST", "/api/hooks", {"url": URL, "events": list(EVENTS)})).json
    assert made["numbers"] is None
    assert made["events"] == list(EVENTS)


def test_every_event_but_a_vendors_own_can_be_asked_for() -> None:
    assert set(TYPES) - set(EVENTS) == {"subscription.canceled"}


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"url": BLOCKED}, (400, "blocked_address", ["url"])),
        ({"url": "ftp://example.test"}, (400, "blocked_address", ["url"])),
        ({"url": None}, (400, "invalid_field", ["url"])),
        ({"events": []}, (400, "missing_field", ["events"])),
        ({"events": "message.sent"}, (400, "invalid_field", ["events"])),
        ({"events": ["message.sent", "message.exploded"]}, (400, "invalid_field", ["events[1]"])),
        ({"events": ["subscription.canceled"]}, (400, "invalid_field", ["events[0]"])),
        ({"numbers": ["nobody"]}, (400, "invalid_address", ["numbers[0]"])),
        ({"numbers": [FIRST] * 101}, (400, "invalid_field", ["numbers"])),
        ({"numbers": [OF_BOB]}, (404, "not_found", ["numbers"])),
        ({"secret": "whsec_mine"}, (400, "unknown_field", ["secret"])),
        ({"state": "active"}, (400, "unknown_field", ["state"])),
    ],
)
async def test_a_hook_that_makes_no_sense_is_refused_by_name(
    house: House, changes: dict[str, object], answer: tuple[int, str, list[str]]
) -> None:
    body = {"url": URL, "events": ["message.sent"], **changes}
    assert (await house.alice.ask("POST", "/api/hooks", body)).problem == answer
    assert (await house.alice.get("/api/hooks"))["items"] == []


async def test_a_number_of_another_tenant_is_as_missing_as_none(house: House) -> None:
    foreign, missing = [
        await house.alice.ask("POST", "/api/hooks", {"url": URL, "events": ["message.sent"], "numbers": [n]})
        for n in (OF_BOB, "+447700900777")
    ]
    assert (foreign.status, foreign.body) == (404, missing.body)


async def test_hooks_are_listed_newest_first_in_pages(house: House) -> None:
    made = [
        (await house.alice.ask("POST", "/api/hooks", {"url": URL, "events": ["message.sent"]})).json["id"]
        for _ in range(3)
    ]
    first = await house.alice.get("/api/hooks?limit=2")
    rest = await house.alice.get(f"/api/hooks?limit=2&cursor={first['next']}")
    assert [h["id"] for h in first["items"] + rest["items"]] == made[::-1]
    assert rest["next"] is None


async def test_a_deleted_hook_is_gone(house: House) -> None:
    made = (await house.alice.ask("POST", "/api/hooks", {"url": URL, "events": ["message.sent"]})).json
    reply = await house.alice.ask("DELETE", f"/api/hooks/{made['id']}")
    assert (reply.status, reply.body) == (204, b"")
    assert (await house.alice.get("/api/hooks"))["items"] == []
    assert (await house.alice.ask("DELETE", f"/api/hooks/{made['id']}")).problem == (404, "not_found", [])
