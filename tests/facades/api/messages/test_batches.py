import asyncio
from typing import Any

import pytest

from tests.facades.api.house import PATIENCE, PHONE, House, Tenant

PATH = "/api/batches"


def recipients(count: int) -> list[dict[str, Any]]:
    return [
        {"to": f"+4477009{n:05d}", "values": {"name": f"No {n}", "sum": n}} for n in range(10, 10 + count)
    ]


async def made(tenant: Tenant, **form: Any) -> Any:
    reply = await tenant.ask(
        "POST", PATH, {"text": "Hi {{name}}, {{ sum }}!", "items": recipients(3), **form}
    )
    assert reply.status == 201, reply
    return reply.json


async def done(tenant: Tenant, batch: Any) -> Any:
    """The batch, once it is worked off."""
    async with asyncio.timeout(PATIENCE):
        while (found := await tenant.get(f"{PATH}/{batch['id']}"))["state"] == "working":
            await asyncio.sleep(0.005)
    return found


async def items(tenant: Tenant, batch: Any, query: str = "") -> Any:
    return await tenant.get(f"{PATH}/{batch['id']}/items{query}")


async def test_each_recipient_gets_the_text_with_his_values(house: House) -> None:
    batch = await made(house.alice, ref="spring", **{"class": "news"})
    assert (batch["state"], batch["total"], batch["counts"]) == ("working", 3, {"pending": 3})
    assert (batch["ref"], batch["class"], batch["from"], batch["send_at"]) == ("spring", "news", None, None)
    found = await done(house.alice, batch)
    assert sum(found["counts"].values()) == 3
    listed = (await house.alice.get(f"/api/messages?batch={batch['id']}"))["items"]
    assert [m["text"] for m in listed] == ["Hi No 12, 12!", "Hi No 11, 11!", "Hi No 10, 10!"]
    assert {(m["ref"], m["class"], m["from"], m["batch"]) for m in listed} == {
        ("spring", "news", house.alice.numbers[0], batch["id"])
    }
    rows = (await items(house.alice, batch))["items"]
    assert [(r["n"], r["to"], r["message"]) for r in rows] == [
        (n, m["to"], m["id"]) for n, m in enumerate(reversed(listed))
    ]
    assert all(r["refusal"] is None for r in rows)


async def test_what_is_wrong_with_one_refuses_that_one_only(house: House) -> None:
    await house.core.store.write(_OptOut(), (house.alice.account, "+447700900555"))
    wrong = [
        {"to": PHONE, "values": {"name": "Ann", "sum": 1}},
        {"to": PHONE, "values": {"name": "Ann"}},
        {"to": "nobody", "values": {"name": "Ann", "sum": 1}},
        {"to": "+447700900555", "values": {"name": "Ann", "sum": 1}},
        {"to": PHONE, "values": {"name": "x" * 1000, "sum": 1, "spare": "y"}},
    ]
    batch = await made(house.alice, items=wrong, text="{{name}} {{sum}}" + "{{name}}" * 60)
    await done(house.alice, batch)
    rows = (await items(house.alice, batch))["items"]
    refusals = [(r["refusal"]["code"], r["refusal"]["field"]) for r in rows if r["refusal"]]
    assert refusals == [
        ("missing_value", "values.sum"), ("invalid_address", "to"), ("recipient_opted_out", "to"),
        ("text_too_long", "text"),
    ]  # fmt: skip
    assert [r["n"] for r in rows if r["state"] == "refused"] == [1, 2, 3, 4]
    assert rows[0]["message"] is not None
    assert rows[2]["to"] == "nobody"


class _OptOut:
    async def run(self, unit: Any, wanted: list[tuple[int, str]]) -> list[None]:
        from textwire.store.engines.engine import statement

        insert = statement(
            "insert into opt_out (account, number, at) select account, number, 1 from {rows} r",
            "account int, number text",
        )
        await unit.run(insert, wanted)
        return [None for _ in wanted]


async def test_a_batch_costs_what_its_messages_cost_and_stops_where_the_money_ends(house: House) -> None:
    poor = await house.tenant("carol", ("+31612345678",), "send read", balance=15_000_000)
    batch = await made(poor)
    found = await done(poor, batch)
    assert found["counts"]["refused"] == 1
    rows = (await items(poor, batch))["items"]
    assert rows[2]["refusal"]["code"] == "insufficient_balance"
    assert await poor.balance() == 1_000_000


BAD: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "no text": ({"text": ""}, "text_empty", ["text"]),
    "no items": ({"items": []}, "invalid_field", ["items"]),
    "an expression": ({"text": "{{1+1}}"}, "invalid_field", ["text"]),
    "a stray brace": ({"text": "a }} b"}, "invalid_field", ["text"]),
    "an attribute": ({"text": "{{name.upper}}"}, "invalid_field", ["text"]),
    "too long a text": ({"text": "x" * 10_001}, "invalid_field", ["text"]),
    "a bad sender": ({"from": "<>"}, "invalid_address", ["from"]),
    "a time long ago": ({"send_at": "2001-01-01T00:00:00Z"}, "send_at_out_of_range", ["send_at"]),
    "no validity": ({"validity": "0s"}, "validity_out_of_range", ["validity"]),
    "a bad class": ({"class": "No"}, "invalid_field", ["class"]),
    "a long name": (
        {"items": [{"to": PHONE, "values": {"a" * 33: "x"}}]}, "invalid_field", ["items[0].values"],
    ),
    "an item that is none": ({"items": [{"to": PHONE}, 5]}, "invalid_field", ["items[1]"]),
    "a NUL in the text": ({"text": "a\0b"}, "invalid_field", ["text"]),
    "a NUL in a value": (
        {"items": [{"to": PHONE, "values": {"a": "\0"}}]}, "invalid_field", ["items[0].values.a"],
    ),
    "a value that is none": (
        {"items": [{"to": PHONE, "values": {"a": [1]}}]}, "invalid_field", ["items[0].values[...]"],
    ),
    "a long value": (
        {"items": [{"to": PHONE, "values": {"a": "x" * 1001}}]}, "invalid_field", ["items[0].values[...]"],
    ),
    "too many values": (
        {"items": [{"to": PHONE, "values": {f"v{n}": "" for n in range(51)}}]}, "invalid_field",
        ["items[0].values"],
    ),
    "another field": ({"items": [{"to": PHONE, "text": "x"}]}, "unknown_field", ["items[0].text"]),
    "too many": ({"items": [{"to": "1"}] * 10_001}, "invalid_field", ["items"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
async def test_a_batch_that_cannot_be_is_refused_whole(house: House, name: str) -> None:
    form, code, fields = BAD[name]
    reply = await house.alice.ask("POST", PATH, {"text": "x", "items": recipients(1), **form})
    assert reply.problem == (400, code, fields)
    assert (await house.alice.get(PATH))["items"] == []


async def test_the_same_request_makes_one_batch(house: House) -> None:
    form = {"text": "x", "items": recipients(2)}
    first = await house.alice.ask("POST", PATH, form, idempotency_key="k")
    again = await house.alice.ask("POST", PATH, form, idempotency_key="k")
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    other = await house.alice.ask("POST", PATH, {**form, "text": "y"}, idempotency_key="k")
    assert other.problem == (409, "idempotency_mismatch", [])
    assert len((await house.alice.get(PATH))["items"]) == 1
    await done(house.alice, first.json)
    assert len(await house.alice.kept()) == 2


async def test_what_has_not_left_is_taken_back(house: House) -> None:
    later = house.core.clock.now() // 1_000_000 + 3600
    before = await house.alice.balance()
    batch = await made(house.alice, send_at=later)
    await done(house.alice, batch)
    reply = await house.alice.ask("POST", f"{PATH}/{batch['id']}/cancel")
    assert (reply.status, reply.json["counts"]) == (200, {"canceled": 3})
    assert await house.alice.balance() == before


async def test_deleted_messages_are_told_as_such_and_their_recipients_are_gone(house: House) -> None:
    batch = await made(house.alice)
    await done(house.alice, batch)
    rows = (await items(house.alice, batch))["items"]
    await house.event("message.delivered", rows[0]["message"])
    assert (await house.alice.ask("DELETE", f"/api/messages/{rows[0]['message']}")).status == 204
    gone = (await items(house.alice, batch))["items"][0]
    assert (gone["state"], gone["to"]) == ("deleted", None)
    assert (await house.alice.get(f"{PATH}/{batch['id']}"))["counts"]["deleted"] == 1


async def test_batches_and_items_come_in_pages(house: House) -> None:
    made_ids = [(await made(house.alice, items=recipients(1)))["id"] for _ in range(3)]
    first = await house.alice.get(f"{PATH}?limit=2")
    second = await house.alice.get(f"{PATH}?limit=2&cursor={first['next']}")
    assert [b["id"] for page in (first, second) for b in page["items"]] == made_ids[::-1]
    large = await made(house.alice, items=recipients(7))
    await done(house.alice, large)
    seen, cursor = [], ""
    while True:
        page = await items(house.alice, large, f"?limit=3{cursor}")
        seen += [row["n"] for row in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == list(range(7))


async def test_nobody_sees_batches_of_others(house: House) -> None:
    batch = await made(house.alice)
    assert (await house.bob.get(PATH))["items"] == []
    for path in ("", "/items"):
        assert (await house.bob.ask("GET", f"{PATH}/{batch['id']}{path}")).problem == (404, "not_found", [])
    assert (await house.bob.ask("POST", f"{PATH}/{batch['id']}/cancel")).problem == (404, "not_found", [])
