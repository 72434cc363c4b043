"""/v2/reports/records: what is known of each part, by identifier and by time."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.facades.vonage.asking import basic, problem
from tests.facades.vonage.house import DID, KEY, PHONE, PLACE, Answer, House
from textwire.facades.vonage.search import reports

PATH = "/v2/reports/records"
TIMES = {"date_start": "2027-01-15T00:00:00Z", "date_end": "2027-01-16T00:00:00+0000"}
USUAL = {"account_id": KEY, "product": "SMS", "direction": "outbound"}
COUNTRY = {"country": "GB", "country_name": "United Kingdom"}
NETWORK = {"network": "00101", "network_name": "Textwire simulated network"}


async def asked(house: House, **fields: str | None) -> Answer:
    query = {name: value for name, value in {**USUAL, **fields}.items() if value is not None}
    return await house.ask("GET", f"{PATH}?{urlencode(query)}", headers=basic())


async def report(house: House, **fields: str | None) -> Any:
    answer = await asked(house, **fields)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json"), answer
    return answer.json


async def delivered(house: House, **changes: str) -> list[str]:
    await house.set(receipt_url=PLACE)
    before = len(house.place.calls)
    parts = (await house.send(**changes)).json["messages"]
    await house.told(before + len(parts))
    return [part["message-id"] for part in parts]


async def test_a_record_has_the_vendors_members(house: House) -> None:
    [key] = await delivered(house)
    found = await report(house, id=key)
    [record] = found.pop("records")
    assert record.pop("date_finalized").startswith("2027-01-15T08:00:0")
    assert int(record.pop("latency")) > 0
    assert record == {
        "account_id": KEY, "message_id": key, "client_ref": None, "direction": "outbound", "from": "AcmeInc",
        "to": PHONE[1:], **NETWORK, **COUNTRY, "date_received": "2027-01-15T08:00:00+0000", "status": "delivered",
        "error_code": "0", "error_code_description": "Delivered", "currency": "EUR", "total_price": "0.07000000",
    }  # fmt: skip
    assert len(found.pop("request_id")) == 36
    assert found.pop("received_at").startswith("2027-01-15T08:0")
    self = found.pop("_links")["self"]["href"]
    assert self == f"{PATH}?account_id={KEY}&product=SMS&direction=outbound&id={key}"
    assert found == {
        "request_status": "SUCCESS", "id": key, "price": 0.0, "currency": "EUR", "account_id": KEY, "product": "SMS",
        "direction": "outbound", "include_message": False, "items_count": 1,
    }  # fmt: skip


async def test_what_proves_who_asks_is_not_said_back(house: House) -> None:
    [key] = await delivered(house)
    found = await report(house, id=key, api_secret="mine", sig="mine", password="mine")
    assert "mine" not in found["_links"]["self"]["href"]


async def test_what_is_not_found_is_listed_and_so_is_what_went_the_other_way(house: House) -> None:
    await house.text("hello", DID)
    [message] = await house.kept()
    [key] = await delivered(house)
    inbound = f"{message.id:016X}"
    found = await report(house, id=f"{key},ABCD,{inbound}, no")
    assert (found["items_count"], found["ids_not_found"]) == (1, f"ABCD,{inbound},no")
    found = await report(house, id=inbound, direction="inbound", include_message="True")
    assert found["records"] == [
        {
            "account_id": KEY, "message_id": inbound, "direction": "inbound", "from": PHONE[1:], "to": DID[1:],
            **NETWORK, **COUNTRY, "date_received": found["records"][0]["date_received"], "currency": "EUR",
            "total_price": "0.00000000", "message_body": "hello",
        }
    ]  # fmt: skip


async def test_a_time_finds_what_was_received_in_it(house: House) -> None:
    await house.send(text="early")
    house.clock.advance(3_600_000_000)
    await house.send(text="late", to="12025550123", **{"client-ref": "r9"})
    bodies: list[tuple[dict[str, str | None], list[str]]] = [
        (TIMES, ["late", "early"]),
        ({"date_start": "2027-01-15T08:30:00.500Z", "date_end": None}, ["late"]),
        ({"date_start": None, "date_end": "2027-01-15T09:30:00+01:00"}, ["early"]),
        ({**TIMES, "date_start": "2027-01-15T08:00:00 00:00"}, ["late", "early"]),
        ({**TIMES, "client_ref": "r9"}, ["late"]),
        ({**TIMES, "to": PHONE[1:]}, ["early"]),
        ({**TIMES, "from": "AcmeInc"}, ["late", "early"]),
        ({**TIMES, "country": "us"}, ["late"]),
        ({**TIMES, "status": "expired"}, []),
        ({**TIMES, "direction": "inbound"}, []),
    ]
    for fields, wanted in bodies:
        found = await report(house, include_message="true", **fields)
        assert [one["message_body"] for one in found["records"]] == wanted, fields


async def test_a_status_narrows_the_records(house: House) -> None:
    await delivered(house, text="there")
    [message] = await house.kept()
    for status, count in (("delivered", 1), ("failed", 0), ("accepted", 0), ("unknown", 0), ("buffered", 0)):
        assert (await report(house, status=status, **TIMES))["items_count"] == count
    assert message.state == "delivered"


async def test_pages_lead_through_everything_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MOST", 3)
    for n in range(4):
        await house.send(text=f"{n}" * (200 if n == 2 else 2))
    seen, fields, statuses = [], {**TIMES, "include_message": "true"}, []
    for _ in range(5):
        found = await report(house, **fields)
        seen += [one["message_body"][0] for one in found["records"]]
        statuses.append(found["request_status"])
        if "next" not in found["_links"]:
            break
        assert found["_links"]["next"]["href"].endswith(
            urlencode({"cursor": found["cursor"], "iv": found["iv"]})
        )
        fields |= {"cursor": found["cursor"], "iv": found["iv"]}
    assert seen == ["3", "2", "2", "1", "0"]
    assert statuses == ["TRUNCATED", "SUCCESS"]


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"account_id": None}, "account_id"),
        ({"product": None}, "product"),
        ({"product": "VOICE-CALL"}, "product"),
        ({"direction": None}, "direction"),
        ({"direction": "sideways"}, "direction"),
        ({}, "date_start"),
        ({"date_start": "yesterday"}, "date_start"),
        ({"date_start": "2027-01-15T00:00:00"}, "date_start"),
        ({"date_start": "2027-01-16T00:00:00Z", "date_end": "2027-01-15T00:00:00Z"}, "date_end"),
        ({**TIMES, "status": "lost"}, "status"),
        ({**TIMES, "include_message": "perhaps"}, "include_message"),
        ({**TIMES, "cursor": "!"}, "cursor"),
        ({**TIMES, "from": "x" * 101}, "from"),
        ({"id": ",".join(map(str, range(1, 102)))}, "id"),
    ],
)
async def test_what_cannot_be_asked_is_a_422(house: House, fields: dict[str, str | None], name: str) -> None:
    refused = problem(await asked(house, **fields))
    assert refused == (422, "#not-found", "Unprocessable entity", [name])


async def test_an_identifier_goes_with_no_time_and_an_account_sees_itself_alone(house: House) -> None:
    refused = problem(await asked(house, id="ABCD", status="delivered", **TIMES))
    assert refused == (422, "/reports#invalid-filter", "Invalid filter", [])
    refused = problem(await asked(house, account_id="abcd9999", **TIMES))
    assert refused == (403, "#forbidden", "Forbidden", [])
    assert (await house.ask("GET", f"{PATH}?{urlencode({**USUAL, **TIMES})}")).status == 401
