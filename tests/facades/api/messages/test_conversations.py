from typing import Any
from urllib.parse import quote

import pytest

from tests.facades.api.house import PHONE, House

OURS, OTHER = "+16139998877", "+447700900124"
THREAD = f"/api/conversations/{quote(OURS)}/{quote(PHONE)}"


async def texted(house: House, text: str = "hi", number: str = PHONE) -> None:
    path = f"/api/simnet/phones/{number}/messages"
    assert (await house.alice.ask("POST", path, {"to": OURS, "text": text})).status == 201


async def listed(house: House, query: str = "") -> list[Any]:
    items: list[Any] = (await house.alice.get(f"/api/conversations{query}"))["items"]
    return items


async def test_what_was_sent_and_received_is_one_conversation(house: House) -> None:
    await house.alice.sent(text="hello")
    await texted(house, "hi")
    [one] = await listed(house)
    assert (one["number"], one["remote"], one["messages"], one["unread"]) == (OURS, PHONE, 2, 1)
    assert (one["last"]["text"], one["last"]["direction"], one["read_at"]) == ("hi", "in", None)
    found = await house.alice.get(THREAD + "/messages")
    assert [m["text"] for m in found["items"]] == ["hi", "hello"]


async def test_a_number_may_be_written_without_its_plus(house: House) -> None:
    await texted(house)
    plain = f"/api/conversations/{OURS[1:]}/{PHONE[1:]}/messages"
    assert [m["text"] for m in (await house.alice.get(plain))["items"]] == ["hi"]


async def test_conversations_come_by_their_last_message_in_pages(house: House) -> None:
    for number in (PHONE, OTHER, "+447700900125", PHONE):
        await house.alice.sent(to=number)
    first = await house.alice.get("/api/conversations?limit=2")
    assert [c["remote"] for c in first["items"]] == [PHONE, "+447700900125"]
    second = await house.alice.get(f"/api/conversations?limit=2&cursor={first['next']}")
    assert [c["remote"] for c in second["items"]] == [OTHER]
    assert second["next"] is None


async def test_the_pages_of_a_thread_go_on_where_they_ended(house: House) -> None:
    for n in range(3):
        await texted(house, f"text {n}")
    first = await house.alice.get(THREAD + "/messages?limit=2")
    second = await house.alice.get(THREAD + f"/messages?limit=2&cursor={first['next']}")
    assert [m["text"] for page in (first, second) for m in page["items"]] == ["text 2", "text 1", "text 0"]
    assert second["next"] is None


async def test_conversations_are_filtered(house: House) -> None:
    await house.alice.sent(**{"from": "ACME"})
    await texted(house, number=OTHER)
    assert [c["number"] for c in await listed(house, "?number=ACME")] == ["ACME"]
    assert [c["remote"] for c in await listed(house, f"?remote={OTHER[1:]}")] == [OTHER]
    assert [c["remote"] for c in await listed(house, "?unread=true")] == [OTHER]
    assert len(await listed(house, "?unread=false")) == 2
    assert await listed(house, f"?number=ACME&remote={OTHER[1:]}") == []


@pytest.mark.parametrize("query", ["number=%3C%3E", "remote=", "unread=2", "name=x"])
async def test_a_filter_that_cannot_be_is_refused_by_name(house: House, query: str) -> None:
    status, _, fields = (await house.alice.ask("GET", f"/api/conversations?{query}")).problem
    assert (status, fields) == (400, [query.partition("=")[0]])


async def test_reading_is_each_keys_own(house: House) -> None:
    await texted(house)
    reply = await house.alice.ask("POST", THREAD + "/read")
    assert (reply.status, reply.json["unread"]) == (200, 0)
    assert reply.json["read_at"]
    assert await listed(house, "?unread=true") == []
    await texted(house, "again")
    assert [c["unread"] for c in await listed(house, "?unread=true")] == [1]


async def test_a_conversation_is_deleted_but_for_what_is_under_way(house: House) -> None:
    sent = await house.alice.sent(text="over")
    await house.event("message.delivered", sent["id"])
    await texted(house)
    later = await house.alice.sent(text="later", send_at=house.core.clock.now() // 1_000_000 + 3600)
    reply = await house.alice.ask("DELETE", THREAD)
    assert (reply.status, reply.json) == (200, {"deleted": 2, "kept": 1})
    [one] = await listed(house)
    assert (one["messages"], one["unread"], one["last"]["id"]) == (1, 0, later["id"])
    await house.alice.ask("POST", f"/api/messages/{later['id']}/cancel")
    assert (await house.alice.ask("DELETE", THREAD)).json == {"deleted": 1, "kept": 0}
    assert (await house.alice.ask("DELETE", THREAD)).problem == (404, "not_found", [])


async def test_one_message_of_a_conversation_is_deleted(house: House) -> None:
    await texted(house, "one")
    await texted(house, "two")
    other = await house.alice.sent(to=OTHER)
    await house.event("message.delivered", other["id"])
    first = (await house.alice.get(THREAD + "/messages"))["items"][-1]
    assert (await house.alice.ask("DELETE", f"{THREAD}/messages/{first['id']}")).status == 204
    assert [m["text"] for m in (await house.alice.get(THREAD + "/messages"))["items"]] == ["two"]
    elsewhere = await house.alice.ask("DELETE", f"{THREAD}/messages/{other['id']}")
    assert elsewhere.problem == (404, "not_found", [])


@pytest.mark.parametrize("path", ["/api/conversations/x/y/messages", "/api/conversations/%3C/%3E/messages"])
async def test_what_cannot_be_a_conversation_is_missing(house: House, path: str) -> None:
    assert (await house.alice.ask("GET", path)).problem == (404, "not_found", [])


async def test_nobody_sees_conversations_of_others(house: House) -> None:
    await texted(house)
    assert (await house.bob.get("/api/conversations"))["items"] == []
    assert (await house.bob.ask("GET", THREAD + "/messages")).problem == (404, "not_found", [])
    assert (await house.bob.ask("DELETE", THREAD)).problem == (404, "not_found", [])
