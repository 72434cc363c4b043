"""/search: messages by identifier, by day and recipient, and what was refused."""

from typing import Any

import pytest

from tests.facades.vonage.asking import basic, get
from tests.facades.vonage.house import ACCOUNT, DID, KEY, PHONE, PLACE, House
from textwire.store import listing, parted

WRONG = (400, {"error-code": "400", "error-code-label": "wrong parameters"})
DAY = "2027-01-15"  # START's


async def delivered(house: House, **changes: str) -> list[str]:
    """The identifiers of a message's parts, once all of them are there."""
    await house.set(receipt_url=PLACE)
    before = len(house.place.calls)
    parts = (await house.send(**changes)).json["messages"]
    await house.told(before + len(parts))
    return [part["message-id"] for part in parts]


async def test_a_message_that_went_out_says_what_became_of_it(house: House) -> None:
    [key] = await delivered(house, **{"client-ref": "r1"})
    answer = await get(house, "/search/message", id=key)
    found = answer.json
    closed, latency = found.pop("date-closed"), found.pop("latency")
    assert closed.startswith(f"{DAY} 08:00:0")
    assert 0 < latency < 60_000
    assert found == {
        "message-id": key, "account-id": KEY, "network": "00101", "from": "AcmeInc", "to": PHONE[1:], "body": "hi",
        "price": "0.07000000", "date-received": f"{DAY} 08:00:00", "final-status": "DELIVRD", "client-ref": "r1",
        "status": "delivered", "error-code": "0", "error-code-label": "Delivered", "type": "MT",
    }  # fmt: skip
    assert [*answer.json][:3] == ["message-id", "account-id", "network"]


async def test_one_that_is_under_way_has_no_end_yet(house: House) -> None:
    await house.set(receipt_url="")
    key = (await house.send()).first["message-id"]
    found = (await get(house, "/search/message", id=key)).json
    assert found["status"] in ("buffered", "accepted")
    assert not {"final-status", "date-closed", "latency", "error-code"} & set(found)


async def test_a_text_that_came_in_has_neither_price_nor_end(house: House) -> None:
    await house.text("hello", DID)
    [message] = await house.kept()
    found = (await get(house, "/search/message", id=f"{message.id:016X}")).json
    assert found == {
        "message-id": f"{message.id:016X}", "account-id": KEY, "network": "00101", "from": PHONE[1:], "to": DID[1:],
        "body": "hello", "date-received": found["date-received"], "type": "MO",
    }  # fmt: skip


@pytest.mark.parametrize("key", ["00A0B0C0", "no-hex", "F" * 17])
async def test_an_unknown_message_is_nothing(house: House, key: str) -> None:
    answer = await get(house, "/search/message", id=key)
    assert (answer.status, answer.body) == (200, b"{}")


async def test_parts_are_found_one_by_one_and_up_to_ten_together(house: House) -> None:
    parts = await delivered(house, text="a" * 153 + "b" * 20)
    second = (await get(house, "/search/message", id=parts[1])).json
    assert (second["message-id"], second["body"]) == (parts[1], "b" * 20)
    query = "&".join(f"ids={key}" for key in (*parts, "FFFF"))
    found = (await get(house, f"/search/messages?{query}")).json
    assert (found["count"], [one["body"][0] for one in found["items"]]) == (2, ["a", "b"])
    eleven = "&".join(f"ids={n}" for n in range(1, 12))
    answer = await get(house, f"/search/messages?{eleven}")
    assert (answer.status, answer.json) == WRONG


async def test_a_day_and_a_recipient_find_what_was_sent_and_received(house: House) -> None:
    await house.send(text="first")
    await house.send(text="second")
    await house.send(to="447700900124")
    found = (await get(house, "/search/messages", date=DAY, to=PHONE[1:])).json
    assert (found["count"], [one["body"] for one in found["items"]]) == (2, ["second", "first"])
    none = (await get(house, "/search/messages", date="2027-01-14", to=PHONE[1:])).json
    assert none == {"count": 0, "items": []}


@pytest.mark.parametrize(
    "fields", [{}, {"date": DAY}, {"to": PHONE[1:]}, {"date": "15.1.2027", "to": PHONE[1:]}]
)
async def test_what_cannot_be_looked_for_is_a_400(house: House, fields: dict[str, Any]) -> None:
    for path in ("/search/messages", "/search/rejections"):
        answer = await get(house, path, **fields)
        assert (answer.status, answer.json) == WRONG
    answer = await get(house, "/search/message")
    assert (answer.status, answer.json) == WRONG


async def test_what_was_refused_can_be_looked_up(house: House) -> None:
    await house.send(text="")
    await house.send(**{"from": "447700900999", "to": "00" + PHONE[1:]})
    await house.send()
    await house.send(api_secret="wrong")
    found = (await get(house, "/search/rejections", date=DAY, to=PHONE[1:])).json
    assert found == {
        "count": 2,
        "items": [
            {
                "account-id": KEY, "from": sender, "to": PHONE[1:], "date-received": f"{DAY} 08:00:00",
                "error-code": code, "error-code-label": label,
            }
            for sender, code, label in (
                ("447700900999", "15", "Illegal Sender Address - rejected"), ("AcmeInc", "2", "Missing Message Text"),
            )
        ],
    }  # fmt: skip
    await house.set(simulated_status="13")
    await house.send()
    found = (await get(house, "/search/rejections", date=DAY, to=PHONE[1:])).json
    assert found["items"][0]["error-code-label"] == "Communication Failed"


async def test_a_recipient_that_is_none_can_be_looked_up_as_it_was_written(house: House) -> None:
    await house.send(to="no number")
    found = (await get(house, "/search/rejections", date=DAY, to="no number")).json
    assert [one["error-code"] for one in found["items"]] == ["3"]


async def test_xml_is_for_who_accepts_that(house: House) -> None:
    key = (await house.send(text="a<b")).first["message-id"]
    headers = {**basic(), "accept": "application/xml"}
    one = await house.ask("GET", f"/search/message?id={key}", headers=headers)
    assert one.headers["content-type"] == "application/xml;charset=UTF-8"
    assert f"<message><message-id>{key}</message-id>".encode() in one.body
    several = await house.ask("GET", f"/search/messages?ids={key}", headers=headers)
    assert b"<messages><count>1</count><items><message><message-id>" in several.body
    assert b"<body>a&lt;b</body>" in several.body
    await house.send(text="")
    refused = await house.ask("GET", f"/search/rejections?date={DAY}&to={PHONE[1:]}", headers=headers)
    assert b"<rejections><count>1</count><items><rejection><account-id>abcd1234</account-id>" in refused.body


async def test_strangers_find_nothing(house: House) -> None:
    key = (await house.send()).first["message-id"]
    for path in (f"/search/message?id={key}", "/search/messages?ids=1", "/search/rejections"):
        assert (await house.ask("GET", path)).status == 401
    assert await parted.named(house.core.store.engine, ACCOUNT + 1, [int(key, 16)]) == {}


async def test_what_lies_far_between_other_messages_is_found_all_the_same(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LOOK", "SLICE"):  # of the list of messages: so many are looked at in one go
        monkeypatch.setattr(listing, name, 2)
    for n in range(3):
        await house.text(f"text {n}")
        for _ in range(3):
            await house.send()
    found = (await get(house, "/search/messages", date=DAY, to=DID[1:])).json
    assert [one["body"] for one in found["items"]] == ["text 2", "text 1", "text 0"]
