"""Who and what there is: users, account, balance, numbers, and where everything is."""

import re
from typing import Any

import pytest

from textwire.domain.compliance import Retention
from textwire.domain.number import Assignment, Number
from textwire.store import numbers, people

from .house import BALANCE, JSON, OWNED, PRICE, START, House, User


async def test_a_balance_is_in_ten_thousandths_of_a_euro(house: House, ada: User) -> None:
    assert await ada.get("/balance") == {"amount": BALANCE // 10_000, "currency": "EUR"}
    await ada.send()
    assert (await ada.get("/balance"))["amount"] == (BALANCE - PRICE) // 10_000 == 1_000_000 - 700


async def test_the_account_is_shown_as_the_specification_has_it(ada: User) -> None:
    assert await ada.get("/account") == {
        "company": "ada", "mainProductType": "TEAM", "logoUrl": "", "verified": True,
        "historyLifeTime": "THIRTY_DAYS",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "word"),
    [
        (Retention(), "THIRTY_DAYS"), (Retention(bodies_days=7), "THIRTY_DAYS"), (Retention(redact="final"), "NONE"),
        (Retention(bodies_days=396), "THIRTY_DAYS"), (Retention(bodies_days=3660, messages_days=3660), "UNLIMITED"),
    ],
)  # fmt: skip
async def test_how_long_the_history_lives_is_what_the_account_has_settled(
    house: House, ada: User, rule: Retention, word: str
) -> None:
    await house.core.desk.rulings.set_retention(ada.account, rule)
    assert (await ada.get("/account"))["historyLifeTime"] == word


async def test_an_account_is_verified_so_that_no_code_is_known(ada: User) -> None:
    reply = await ada.ask("PUT", "/account/verified", {"verificationCode": "123456"})
    assert reply.refusal == (404, "/verificationCode")
    assert reply.json["message"] == "Verification code not found."
    assert (await ada.ask("PUT", "/account/verified", {})).refusal == (400, "/verificationCode")
    token = await ada.token("account:read")
    assert (await token.ask("PUT", "/account/verified", {"verificationCode": "1"})).status == 403


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
    for name, where in reply.json.items():
        parts = re.sub(r"\{userId\}", "w0", where).replace("{smsId}", "s0")
        asked = re.sub(r"\{\w+\}", "1", parts).removeprefix("/v2")
        method = "PUT" if name in ("numberUrl", "accountVerifiedUrl") else "GET"
        assert (await house.ask(method, asked, b"{}", JSON)).status == 401, name


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
