import pytest

from tests.facades.api.house import BALANCE, PHONE, House
from textwire.switch import retry

OURS = "+16139998877"


async def test_the_list_is_newest_first_and_paged(house: House) -> None:
    ids = [(await house.alice.sent(text=f"text {n}"))["id"] for n in range(7)]
    first = await house.alice.get("/api/messages?limit=3")
    assert [m["text"] for m in first["items"]] == ["text 6", "text 5", "text 4"]
    second = await house.alice.get(f"/api/messages?limit=3&cursor={first['next']}")
    third = await house.alice.get(f"/api/messages?limit=3&cursor={second['next']}")
    assert third["next"] is None
    assert [m["id"] for page in (first, second, third) for m in page["items"]] == ids[::-1]


async def test_a_new_message_does_not_move_the_pages_behind_a_cursor(house: House) -> None:
    for n in range(4):
        await house.alice.sent(text=f"text {n}")
    first = await house.alice.get("/api/messages?limit=2")
    await house.alice.sent(text="late")
    rest = await house.alice.get(f"/api/messages?limit=2&cursor={first['next']}")
    assert [m["text"] for m in rest["items"]] == ["text 1", "text 0"]


async def test_the_list_is_empty_at_first(house: House) -> None:
    assert await house.alice.get("/api/messages") == {"items": [], "next": None}


@pytest.mark.parametrize("query", ["limit=101", "limit=0", "cursor=x", "limit=%00"])
async def test_a_page_that_cannot_be_cut_is_refused(house: House, query: str) -> None:
    status, _, fields = (await house.alice.ask("GET", f"/api/messages?{query}")).problem
    assert status == 400
    assert fields == [query.partition("=")[0]]


async def test_a_delivered_message_tells_its_whole_story(house: House) -> None:
    text = "long " * 50
    sent = await house.alice.sent(text=text)
    await house.event("message.delivered", sent["id"])
    found = await house.alice.get("/api/messages/" + sent["id"])
    assert (found["state"], found["text"], found["sequence"]) == ("delivered", text, 3)
    assert [s["n"] for s in found["segments"]] == [1, 2]
    assert "".join(s["text"] for s in found["segments"]) == text
    assert {s["state"] for s in found["segments"]} == {"delivered"}
    assert [(a["n"], a["outcome"], a["carrier"]) for a in found["attempts"]] == [(1, "sent", "simulated")]
    assert sorted(r["segment"] for r in found["receipts"]) == [1, 2]
    assert {r["state"] for r in found["receipts"]} == {"delivered"}
    assert [e["type"] for e in found["timeline"]] == ["message.accepted", "message.sent", "message.delivered"]
    assert [e["sequence"] for e in found["timeline"]] == [1, 2, 3]


async def test_the_short_form_says_the_same_as_the_long_one(house: House) -> None:
    sent = await house.alice.sent(ref="r")
    await house.event("message.delivered", sent["id"])
    found = await house.alice.get("/api/messages/" + sent["id"])
    [listed] = (await house.alice.get("/api/messages"))["items"]
    for name in ("segments", "attempts"):
        assert listed.pop(name) == len(found.pop(name))
    assert listed.items() <= found.items()


async def test_a_throttled_message_shows_both_attempts(house: House) -> None:
    sent = await house.alice.sent(to="+447700900004")
    await house.event("message.deferred", sent["id"])
    await house.alice.ask("POST", "/api/simnet/clock", {"advance": "1m"})
    await house.event("message.sent", sent["id"])
    found = await house.alice.get("/api/messages/" + sent["id"])
    assert [a["outcome"] for a in found["attempts"]] == ["deferred", "sent"]
    assert found["attempts"][0]["reason"] == "throttled"


async def test_what_a_phone_sent_is_a_message_too(house: House) -> None:
    reply = await house.alice.ask(
        "POST", f"/api/simnet/phones/{PHONE}/messages", {"to": OURS, "text": "hi there"}
    )
    assert reply.status == 201
    [found] = (await house.alice.get("/api/messages"))["items"]
    assert (found["direction"], found["state"], found["from"], found["to"], found["text"]) == (
        "in", "received", PHONE, OURS, "hi there",
    )  # fmt: skip
    detail = await house.alice.get("/api/messages/" + found["id"])
    assert [e["type"] for e in detail["timeline"]] == ["message.received"]
    assert (detail["attempts"], detail["receipts"], len(detail["segments"])) == ([], [], 1)


async def later(house: House) -> str:
    """A message that is scheduled for the next hour."""
    sent = await house.alice.sent(send_at=(house.core.clock.now() + retry.HOUR) // 1_000_000)
    assert sent["state"] == "scheduled"
    return str(sent["id"])


async def test_a_scheduled_message_can_be_canceled_and_is_refunded(house: House) -> None:
    key = await later(house)
    reply = await house.alice.ask("POST", f"/api/messages/{key}/cancel")
    assert (reply.status, reply.json["id"], reply.json["state"]) == (200, key, "canceled")
    assert reply.json["reason"] == "canceled"
    assert await house.alice.balance() == BALANCE
    assert (await house.alice.get(f"/api/messages/{key}"))["state"] == "canceled"


async def test_the_answer_to_a_cancel_is_what_a_look_at_it_says(house: House) -> None:
    key = await later(house)
    canceled = (await house.alice.ask("POST", f"/api/messages/{key}/cancel")).json
    assert (await house.alice.get("/api/messages"))["items"] == [canceled]


async def test_what_has_left_cannot_be_canceled(house: House) -> None:
    sent = await house.alice.sent()
    await house.event("message.sent", sent["id"])
    reply = await house.alice.ask("POST", f"/api/messages/{sent['id']}/cancel")
    assert reply.problem == (409, "not_cancelable", [])


async def test_canceling_twice_is_a_conflict(house: House) -> None:
    key = await later(house)
    await house.alice.ask("POST", f"/api/messages/{key}/cancel")
    reply = await house.alice.ask("POST", f"/api/messages/{key}/cancel")
    assert reply.problem == (409, "not_cancelable", [])
    assert await house.alice.balance() == BALANCE
