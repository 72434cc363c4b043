"""Buying, looking at, changing and releasing numbers over the API."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.facades.api.house import BLOCKED, House

PATH = "/api/numbers"
MOBILE = "+4915791234567"
EUR = 10**8


async def buy(house: House, number: str = MOBILE, **more: Any) -> Any:
    reply = await house.alice.ask("POST", PATH, {"number": number, **more})
    assert reply.status == 201, reply
    return reply.json


async def test_a_bought_number_is_shown_and_paid(house: House) -> None:
    bought = await buy(house, label="support")
    assert bought == {
        "number": MOBILE, "country": "DE", "type": "mobile", "features": bought["features"], "label": "support",
        "state": "active", "monthly_price": "1.00", "paid_until": bought["paid_until"], "settings": {},
        "created_at": bought["created_at"], "assignments": [],
    }  # fmt: skip
    one = await house.alice.get(f"{PATH}/{MOBILE}")
    payments = one.pop("payments")
    assert one == bought
    assert [(p["amount"], p["since"], p["until"]) for p in payments] == [
        ("1.00", bought["created_at"], bought["paid_until"]),
        ("1.00", None, None),
    ]
    assert await house.alice.balance() == 98 * EUR
    assert (await house.alice.get(PATH))["items"][0] == bought
    assert (await house.alice.sent(**{"from": MOBILE}))["from"] == MOBILE


async def test_of_fifty_purchases_at_once_one_is_taken(house: House) -> None:
    replies = await asyncio.gather(
        *((house.alice, house.bob)[n % 2].ask("POST", PATH, {"number": MOBILE}) for n in range(50))
    )
    assert Counter(reply.status for reply in replies) == {201: 1, 409: 49}
    for reply in replies:
        if reply.status == 409:
            assert reply.problem == (409, "number_taken", ["number"])
    assert await house.alice.balance() + await house.bob.balance() == 198 * EUR


async def test_fifty_repeats_of_a_purchase_are_one_purchase(house: House) -> None:
    replies = await asyncio.gather(
        *(house.alice.ask("POST", PATH, {"number": MOBILE}, idempotency_key="k") for _ in range(50))
    )
    assert {(reply.status, reply.body) for reply in replies} == {(201, replies[0].body)}
    assert sum("idempotent-replayed" not in reply.headers for reply in replies) == 1
    assert await house.alice.balance() == 98 * EUR
    other = await house.alice.ask("POST", PATH, {"number": "+4915791234568"}, idempotency_key="k")
    assert other.problem == (409, "idempotency_mismatch", [])


BAD: dict[str, tuple[Any, tuple[int, str, list[str]]]] = {
    "nothing": ({}, (400, "missing_field", ["number"])),
    "no number": ({"number": None}, (400, "invalid_field", ["number"])),
    "a name": ({"number": "sipgate"}, (400, "invalid_address", ["number"])),
    "too long": ({"number": "+" + "4" * 40}, (400, "invalid_field", ["number"])),
    "too short": ({"number": "+49"}, (400, "invalid_address", ["number"])),
    "a short code": ({"number": "12345"}, (404, "not_found", ["number"])),
    "one that is never sold": ({"number": "+4930123"}, (404, "not_found", ["number"])),
    "a list": ({"number": [MOBILE]}, (400, "invalid_field", ["number"])),
    "a long label": ({"number": MOBILE, "label": "x" * 101}, (400, "invalid_field", ["label"])),
    "an own price": ({"number": MOBILE, "monthly_price": "0"}, (400, "unknown_field", ["monthly_price"])),
    "somebody else's": ({"number": "+4915799912345"}, (409, "number_taken", ["number"])),
    "one's own": ({"number": "+447700900001"}, (409, "number_taken", ["number"])),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_purchase_costs_nothing(house: House, name: str) -> None:
    body, answer = BAD[name]
    assert (await house.alice.ask("POST", PATH, body)).problem == answer
    assert await house.alice.balance() == 100 * EUR
    assert len((await house.alice.get(PATH))["items"]) == 2


async def test_who_has_no_money_buys_nothing(house: House) -> None:
    poor = await house.tenant("poor", (), "manage", balance=2 * EUR - 1)
    assert (await poor.ask("POST", PATH, {"number": MOBILE})).problem == (402, "insufficient_balance", [])
    assert await poor.balance() == 2 * EUR - 1


async def test_a_number_may_be_written_in_other_ways(house: House) -> None:
    assert (await buy(house, "4915791234567"))["number"] == MOBILE
    assert (await buy(house, "+49 1579 1234568"))["number"] == "+4915791234568"


async def test_label_and_settings_are_changed_and_unset(house: House) -> None:
    await buy(house)
    wish: dict[str, Any] = {
        "label": "new",
        "settings": {"inbound_url": "http://127.0.0.1:9/in", "voice_type": "tel"},
    }
    changed = (await house.alice.ask("PATCH", f"{PATH}/{MOBILE}", wish)).json
    assert (changed["label"], changed["settings"]) == ("new", wish["settings"])
    wish = {"settings": {"inbound_url": "", "voice_value": "491579"}}
    changed = (await house.alice.ask("PATCH", f"{PATH}/{MOBILE}", wish)).json
    assert (changed["label"], changed["settings"]) == ("new", {"voice_type": "tel", "voice_value": "491579"})
    changed = (await house.alice.ask("PATCH", f"{PATH}/{MOBILE}", {"label": ""})).json
    assert changed["label"] is None


async def test_a_number_moves_from_one_principal_to_another_in_one_go(house: House) -> None:
    await house.tenant("carol", ())
    await buy(house)
    await house.alice.ask("PATCH", f"{PATH}/{MOBILE}", {"assign": {"principal": "key-alice"}})
    wish = {"unassign": {"principal": "key-alice"}, "assign": {"principal": "key-alice", "default": True}}
    reply = await house.alice.ask("PATCH", f"{PATH}/{MOBILE}", wish)
    assert [(a["principal"], a["default"]) for a in reply.json["assignments"]] == [("key-alice", True)]


BAD_CHANGES: dict[str, tuple[Any, tuple[int, str, list[str]]]] = {
    "an unknown setting": ({"settings": {"fax": "1"}}, (400, "unknown_field", ["settings.fax"])),
    "a voice of no kind": (
        {"settings": {"voice_type": "x"}},
        (400, "invalid_field", ["settings.voice_type"]),
    ),
    "a URL that is too long": (
        {"settings": {"inbound_url": "https://x.test/" + "y" * 2048}},
        (400, "invalid_field", ["settings.inbound_url"]),
    ),
    "a URL that we do not call": (
        {"settings": {"inbound_url": BLOCKED}},
        (400, "blocked_address", ["settings.inbound_url"]),
    ),
    "another URL that we do not call": (
        {"settings": {"voice_status_url": "ftp://x"}},
        (400, "blocked_address", ["settings.voice_status_url"]),
    ),
    "settings as text": ({"settings": "{}"}, (400, "invalid_field", ["settings"])),
    "a state": ({"state": "active"}, (400, "unknown_field", ["state"])),
    "a label that is too long": ({"label": "x" * 101}, (400, "invalid_field", ["label"])),
}


@pytest.mark.parametrize("name", BAD_CHANGES)
async def test_a_bad_change_changes_nothing(house: House, name: str) -> None:
    await buy(house)
    body, answer = BAD_CHANGES[name]
    before = await house.alice.get(f"{PATH}/{MOBILE}")
    assert (await house.alice.ask("PATCH", f"{PATH}/{MOBILE}", {"label": "new", **body})).problem == answer
    assert await house.alice.get(f"{PATH}/{MOBILE}") == before


async def test_a_released_number_is_gone_and_for_sale_again(house: House) -> None:
    await buy(house)
    search = f"{PATH}/available?country=DE&pattern=4915791234567"
    assert (await house.bob.get(search))["items"] == []
    sent = await house.alice.sent(**{"from": MOBILE})
    reply = await house.alice.ask("DELETE", f"{PATH}/{MOBILE}")
    assert (reply.status, reply.body) == (204, b"")
    assert [one["number"] for one in (await house.bob.get(search))["items"]] == [MOBILE]
    for method in ("GET", "DELETE"):
        assert (await house.alice.ask(method, f"{PATH}/{MOBILE}")).problem[:2] == (404, "not_found")
    assert (await house.alice.get(f"/api/messages/{sent['id']}"))["from"] == MOBILE
    assert (await house.alice.send(**{"from": MOBILE})).problem == (403, "sender_forbidden", ["from"])
    assert (await house.bob.ask("POST", PATH, {"number": MOBILE})).status == 201


async def test_hooks_hear_of_purchases_and_releases(house: House) -> None:
    await buy(house)
    await house.alice.ask("DELETE", f"{PATH}/{MOBILE}")
    told = [(e.type, e.account) for e in house.heard if e.type.startswith("number.")]
    assert told == [("number.bought", house.alice.account), ("number.released", house.alice.account)]
    wish = {"url": "http://127.0.0.1:9/x", "events": ["number.bought", "number.overdue", "number.suspended"]}
    assert (await house.alice.ask("POST", "/api/hooks", wish)).status == 201
