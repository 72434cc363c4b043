"""Who and what there is: users, account, balance, numbers, and where everything is."""

from typing import Any

import pytest

from textwire.domain.number import Assignment, Number
from textwire.store import numbers, people

from .house import BALANCE, OWNED, PRICE, START, House, User


async def test_a_balance_is_in_ten_thousandths_of_a_euro(house: House, ada: User) -> None:
    assert await ada.get("/balance") == {"amount": BALANCE // 10_000, "currency": "EUR"}
    await ada.send()
    assert (await ada.get("/balance"))["amount"] == (BALANCE - PRICE) // 10_000 == 1_000_000 - 700


async def test_the_account_is_shown_as_the_specification_has_it(ada: User) -> None:
    assert await ada.get("/account") == {
        "company": "ada", "mainProductType": "TEAM", "logoUrl": "", "verified": True,
        "historyLifeTime": "THIRTY_DAYS",
    }  # fmt: skip


async def test_an_administrator_sees_all_users_and_others_themselves(
    house: House, ada: User, bob: User
) -> None:
    eve = await house.user(ada.account, "eve miller")
    await house.do(lambda unit: people.allow(unit, eve.principal.id, "password", "read send"))
    assert [one["id"] for one in (await ada.get("/users"))["items"]] == ["w0", "w1"]
    assert [one["id"] for one in (await ada.get("/users/"))["items"]] == ["w0", "w1"]
    assert [one["id"] for one in (await eve.get("/users"))["items"]] == ["w1"]
    assert await ada.get("/users/w1") == {
        "id": "w1", "firstname": "Eve", "lastname": "Miller", "email": "eve miller@example.test",
        "defaultDevice": "e1", "busyOnBusy": False, "addressId": "", "directDialIds": [],
        "timezone": "Europe/Berlin", "admin": False,
    }  # fmt: skip
    assert (await ada.get("/users/w0"))["admin"] is True
    for user, who in ((eve, "w0"), (ada, "w2"), (bob, "w1")):
        assert (await user.ask("GET", f"/users/{who}")).refusal == (404, "")


async def test_numbers_are_shown_with_the_extension_that_has_them(house: House, ada: User) -> None:
    more = [
        Number(number, ada.account, "", START, "landline") for number in ("+493012345678", "+16139998877")
    ]
    await house.do(lambda unit: numbers.insert(unit, more))
    await ada.get("/sms")
    await house.do(lambda unit: numbers.assign(unit, Assignment(OWNED, ada.principal.id, 1)))
    items = (await ada.get("/numbers"))["items"]
    assert [(one["number"], one["localized"], one["type"], one["endpointId"]) for one in items] == [
        ("+16139998877", "0016139998877", "LANDLINE", ""),
        (OWNED, "01579-9912345", "MOBILE", "s0"),
        ("+493012345678", "03012345678", "LANDLINE", ""),
    ]
    assert (await ada.get("/w0/numbers"))["items"] == [items[1]]
    assert (await ada.get("/numbers?offset=1&limit=1"))["items"] == [items[1]]
    assert (await ada.get("/numbers?offset=3"))["items"] == []
    assert (await ada.get("/numbers?limit=0"))["items"] == []


@pytest.mark.parametrize(
    "query",
    ["offset=-1", "limit=x", "limit=1001", "offset=", "offset=1e3", "limit=" + "9" * 5000, "offset=%D9%A1"],
)
async def test_other_parts_of_a_list_are_refused(ada: User, query: str) -> None:
    assert (await ada.ask("GET", f"/numbers?{query}")).refusal == (400, "/" + query.partition("=")[0])


async def test_everybody_may_ask_where_everything_is(house: House) -> None:
    for path in ("", "/"):
        reply = await house.ask("GET", path)
        assert reply.status == 200
        assert reply.json["balanceUrl"] == "/v2/balance"
    known = {route.pattern for route in house.door.routes}
    for name, where in reply.json.items():
        parts = where.replace("{userId}", "w0").replace("{smsId}", "s0").replace("{entryId}", "1")
        asked = await house.ask("GET", parts.removeprefix("/v2"))
        assert asked.status == 401, (name, known)


@pytest.mark.parametrize("path", ["/w0/devices", "/w0/faxlines", "/w0/voicemails", "/voicemails"])
async def test_of_telephony_there_is_nothing(ada: User, path: str) -> None:
    assert await ada.get(path) == {"items": []}


SCOPES: dict[str, Any] = {
    "/account": "account:read", "/balance": "balance:read", "/numbers": "numbers:read", "/w0/numbers": "numbers:read",
    "/users": "users:read", "/users/w0": "users:read",
}  # fmt: skip


@pytest.mark.parametrize("path", SCOPES)
async def test_each_call_takes_its_scope(ada: User, path: str) -> None:
    token = await ada.token(SCOPES[path])
    assert (await token.ask("GET", path)).status == 200
    for other in sorted({*SCOPES.values()} - {SCOPES[path]}):
        assert (await (await ada.token(other)).ask("GET", path)).status == 403, other
    assert (await (await ada.token("all")).ask("GET", path)).status == 200
