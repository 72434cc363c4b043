from typing import Any

import pytest

from tests.facades.api.house import BLOCKED, House
from textwire.domain.event import TYPES, mask
from textwire.facades.api.hooks.forms import EVENTS
from textwire.store import hooks, idempotency

PATH = "/api/hooks"
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


async def make(house: House, **wishes: object) -> Any:
    return (await house.alice.ask("POST", PATH, {"url": URL, "events": ["message.sent"], **wishes})).json


async def test_one_hook_is_shown_without_its_secret(house: House) -> None:
    made = await make(house)
    assert await house.alice.get(f"{PATH}/{made['id']}") == {k: v for k, v in made.items() if k != "secret"}


@pytest.mark.parametrize(
    "change",
    [
        {"url": "http://127.0.0.1:9/other"},
        {"events": ["message.failed"]},
        {"numbers": [FIRST]},
        {"state": "disabled"},
        {"url": "http://127.0.0.1:9/x", "events": ["message.sent", "hook.disabled"], "numbers": None},
        {},
    ],
)
async def test_a_change_is_shown_and_kept(house: House, change: dict[str, object]) -> None:
    made = await make(house)
    reply = await house.alice.ask("PATCH", f"{PATH}/{made['id']}", change)
    assert (reply.status, reply.json) == (200, {k: v for k, v in made.items() if k != "secret"} | change)
    assert await house.alice.get(f"{PATH}/{made['id']}") == reply.json


async def test_numbers_can_be_taken_back(house: House) -> None:
    made = await make(house, numbers=[FIRST])
    assert (await house.alice.ask("PATCH", f"{PATH}/{made['id']}", {"events": ["message.sent"]})).json[
        "numbers"
    ] == [FIRST]
    assert (await house.alice.ask("PATCH", f"{PATH}/{made['id']}", {"numbers": None})).json["numbers"] is None


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"url": BLOCKED}, (400, "blocked_address", ["url"])),
        ({"url": None}, (400, "invalid_field", ["url"])),
        ({"events": []}, (400, "missing_field", ["events"])),
        ({"events": ["nothing"]}, (400, "invalid_field", ["events[0]"])),
        ({"numbers": [OF_BOB]}, (404, "not_found", ["numbers"])),
        ({"state": "canceled"}, (400, "invalid_field", ["state"])),
        ({"secret": "x"}, (400, "unknown_field", ["secret"])),
    ],
)
async def test_a_change_that_cannot_be_is_refused_by_name(
    house: House, change: dict[str, object], answer: tuple[int, str, list[str]]
) -> None:
    made = await make(house)
    assert (await house.alice.ask("PATCH", f"{PATH}/{made['id']}", change)).problem == answer
    assert await house.alice.get(f"{PATH}/{made['id']}") == {k: v for k, v in made.items() if k != "secret"}


async def test_a_rotation_shows_the_new_secret_once(house: House) -> None:
    made = await make(house)
    reply = await house.alice.ask("POST", f"{PATH}/{made['id']}/rotate")
    assert reply.status == 200
    assert reply.json["secret"].startswith("whsec_")
    assert reply.json["secret"] != made["secret"]
    assert reply.json["old_secret_until"] > made["created_at"]
    assert "secret" not in await house.alice.get(f"{PATH}/{made['id']}")


@pytest.mark.parametrize("path", [PATH, PATH + "/{id}/rotate"])
async def test_a_repeated_request_gets_the_same_secret_and_nothing_is_made_twice(
    house: House, path: str
) -> None:
    made = await make(house)
    where = path.format(id=made["id"])
    body = {"url": URL, "events": ["message.sent"]} if path == PATH else None
    first, again = [await house.alice.ask("POST", where, body, idempotency_key="k") for _ in range(2)]
    assert (first.status, first.body) == (again.status, again.body)
    assert again.headers["idempotent-replayed"] == "true"
    assert len((await house.alice.get(PATH))["items"]) == (2 if path == PATH else 1)
    key = (house.alice.account, f"POST {where}", "k")
    kept = await idempotency.answered(house.engine, key, house.core.clock.now())
    assert kept is not None
    assert first.json["secret"] not in kept.answer  # what the answer shows once, the database never does


async def test_another_hook_under_the_same_key_is_a_conflict(house: House) -> None:
    body = {"url": URL, "events": ["message.sent"]}
    await house.alice.ask("POST", PATH, body, idempotency_key="k")
    other = await house.alice.ask("POST", PATH, {**body, "events": ["message.failed"]}, idempotency_key="k")
    assert other.problem == (409, "idempotency_mismatch", [])


async def test_a_hook_of_another_tenant_is_as_missing_as_none(house: House) -> None:
    made = await make(house)
    for method, path, body in (
        ("GET", "/{}", None),
        ("PATCH", "/{}", {"state": "disabled"}),
        ("POST", "/{}/rotate", None),
        ("DELETE", "/{}", None),
    ):
        foreign = await house.bob.ask(method, PATH + path.format(made["id"]), body)
        missing = await house.bob.ask(method, PATH + path.format("none"), body)
        assert (foreign.status, foreign.body) == (404, missing.body), (method, path)
