import pytest

from tests.facades.api.house import PHONE, House

OURS = "+16139998877"


async def texts(house: House, query: str) -> list[str]:
    return [m["text"] for m in (await house.alice.get(f"/api/messages?{query}"))["items"]]


async def some(house: House) -> None:
    await house.alice.sent(text="one", ref="order 7")
    await house.alice.sent(text="two", to="+447700900124")
    await house.alice.sent(text="three", send_at=house.core.clock.now() // 1_000_000 + 3600)
    await house.alice.ask("POST", f"/api/simnet/phones/{PHONE}/messages", {"to": OURS, "text": "Zurück 50%"})


FOUND = {
    "direction=in": ["Zurück 50%"],
    "direction=out": ["three", "two", "one"],
    "state=scheduled": ["three"],
    "state=scheduled,received": ["Zurück 50%", "three"],
    "to=%2B447700900124": ["two"],
    "to=447700900124": ["two"],
    f"from=%2B{PHONE[1:]}": ["Zurück 50%"],
    f"from=%2B{OURS[1:]}": ["three", "two", "one"],
    f"to=%2B{OURS[1:]}": ["Zurück 50%"],
    "from=ACME": [],
    "ref=order%207": ["one"],
    "ref=order": [],
    "batch=4611686018427387904": [],
    "q=T": ["three", "two"],
    "q=ZUR%C3%9CCK": ["Zurück 50%"],
    "q=0%25": ["Zurück 50%"],
    "q=%25": ["Zurück 50%"],
    "q=_": [],
    "q=t&state=scheduled": ["three"],
    "created_after=2020-01-01T00:00:00Z": ["Zurück 50%", "three", "two", "one"],
    "created_after=1577836800&created_before=4102444800": ["Zurück 50%", "three", "two", "one"],
    "created_before=2020-01-01T00:00:00Z": [],
}


async def test_the_list_can_be_filtered_and_searched(house: House) -> None:
    await some(house)
    for query, wanted in FOUND.items():
        assert await texts(house, query) == wanted, query


async def test_filtered_pages_go_on_where_they_ended(house: House) -> None:
    for n in range(5):
        await house.alice.sent(text=f"even {n}" if n % 2 == 0 else f"odd {n}")
    first = await house.alice.get("/api/messages?q=EVEN&limit=2")
    assert [m["text"] for m in first["items"]] == ["even 4", "even 2"]
    second = await house.alice.get(f"/api/messages?q=EVEN&limit=2&cursor={first['next']}")
    assert [m["text"] for m in second["items"]] == ["even 0"]
    assert second["next"] is None


BAD = {
    "direction=up": "direction",
    "state=lost": "state",
    "state=sent,": "state",
    "state=": "state",
    "to=nobody%20at%20all": "to",
    "from=": "from",
    "from=%3C%3E": "from",
    "batch=x": "batch",
    "batch=0": "batch",
    "created_after=yesterday": "created_after",
    "created_before=99999999999999": "created_before",
    "created_after=2020-01-01T00:00:00": "created_after",
    "q=": "q",
    f"q={'x' * 201}": "q",
    "receiver=x": "receiver",
    "text=x": "text",
}


@pytest.mark.parametrize("query", BAD)
async def test_a_filter_that_cannot_be_is_refused_by_name(house: House, query: str) -> None:
    status, _, fields = (await house.alice.ask("GET", f"/api/messages?{query}")).problem
    assert (status, fields) == (400, [BAD[query]])


async def test_no_filter_finds_what_is_of_another_account(house: House) -> None:
    await some(house)
    for query in FOUND:
        assert (await house.bob.get(f"/api/messages?{query}"))["items"] == []


async def test_a_message_that_is_over_is_deleted_with_all_its_texts(house: House) -> None:
    sent = await house.alice.sent(text="forget me " * 20)
    await house.event("message.delivered", sent["id"])
    path = f"/api/messages/{sent['id']}"
    assert (await house.alice.ask("DELETE", path)).status == 204
    assert (await house.alice.ask("GET", path)).problem == (404, "not_found", [])
    assert (await house.alice.ask("DELETE", path)).problem == (404, "not_found", [])
    assert await texts(house, "q=forget") == []
    assert (await house.alice.get("/api/conversations"))["items"] == []


async def test_a_message_under_way_cannot_be_deleted(house: House) -> None:
    sent = await house.alice.sent(send_at=house.core.clock.now() // 1_000_000 + 3600)
    reply = await house.alice.ask("DELETE", f"/api/messages/{sent['id']}")
    assert reply.problem == (409, "not_final", [])
    await house.alice.ask("POST", f"/api/messages/{sent['id']}/cancel")
    assert (await house.alice.ask("DELETE", f"/api/messages/{sent['id']}")).status == 204


async def test_a_late_receipt_of_a_deleted_message_harms_nobody(house: House) -> None:
    sent = await house.alice.sent(to="+447700900007")
    await house.event("message.delivered", sent["id"])
    assert (await house.alice.ask("DELETE", f"/api/messages/{sent['id']}")).status == 204
    more = await house.alice.sent()
    await house.event("message.delivered", more["id"])
