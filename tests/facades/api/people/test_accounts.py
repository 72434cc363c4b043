"""Accounts: opened, suspended and topped up by the operator."""

from typing import Any

import pytest

from tests.facades.api.house import House, Tenant


async def opened(house: House, **fields: Any) -> Any:
    reply = await house.alice.ask("POST", "/api/accounts", {"name": "carol"} | fields)
    assert reply.status == 201, reply
    return reply.json


def carol(house: House, made: Any) -> Tenant:
    return house.alice._replace(key=made["key"], account=int(made["id"]))


async def test_a_new_account_has_a_balance_and_a_key_that_cannot_operate(house: House) -> None:
    made = await opened(house, balance="12.5", trial=True)
    seen = await carol(house, made).get("/api/account")
    assert (seen["name"], seen["balance"], seen["trial"], seen["state"]) == ("carol", "12.50", True, "active")
    assert seen["caller"] == {
        "principal": made["key_id"],
        "kind": "key",
        "scopes": ["manage", "read", "send"],
    }
    entries = {one["name"]: one for one in (await house.alice.get("/api/accounts"))["items"]}
    assert set(entries) == {"alice", "bob", "carol"}
    assert entries["carol"] == await house.alice.get(f"/api/accounts/{made['id']}")
    assert "key" not in entries["carol"]


async def test_a_name_is_one_accounts(house: House) -> None:
    await opened(house)
    assert (await house.alice.ask("POST", "/api/accounts", {"name": "carol"})).problem == (
        409, "name_taken", ["name"],
    )  # fmt: skip


async def test_a_top_up_is_added_through_the_ledger(house: House) -> None:
    made = await opened(house, balance="1")
    path = f"/api/accounts/{made['id']}"
    assert (await house.alice.ask("PATCH", path, {"topup": "0.00000001"})).json["balance"] == "1.00000001"
    assert (await house.alice.ask("PATCH", path, {"topup": "10"})).json["balance"] == "11.00000001"
    from textwire.store.engines.engine import statement

    booked = await house.engine.read(
        statement("select sum(amount), count(*) from ledger where account = :a", args="a int"),
        a=int(made["id"]),
    )
    assert [tuple(row) for row in booked] == [(1_100_000_001, 3)]


async def test_a_suspended_account_sees_everything_and_sends_nothing_until_it_may_again(house: House) -> None:
    path = f"/api/accounts/{house.bob.account}"
    assert (await house.alice.ask("PATCH", path, {"state": "suspended"})).json["state"] == "suspended"
    assert (await house.bob.send()).problem == (403, "account_suspended", [])
    assert (await house.bob.get("/api/account"))["state"] == "suspended"
    await house.alice.ask("PATCH", path, {"state": "active"})
    assert (await house.bob.send()).status == 201


async def test_what_the_operator_does_stands_in_the_audit_of_that_account(house: House) -> None:
    await house.alice.ask("PATCH", f"/api/accounts/{house.bob.account}", {"trial": True, "topup": "1"})
    [entry] = (await house.bob.get("/api/audit"))["items"]
    assert (entry["actor"], entry["action"], entry["subject"]) == ("key-alice", "account.adjusted", "bob")
    assert entry["data"] == {"trial": [0, 1], "balance": [10_000_000_000, 10_100_000_000]}
    assert (await house.alice.get(f"/api/accounts/{house.bob.account}/audit"))["items"] == [entry]
    assert (await house.alice.get("/api/audit"))["items"] == []


async def test_the_programs_own_account_is_nobodys_business(house: House) -> None:
    ours = await house.tenant("~codes", (), "")
    names = {one["name"] for one in (await house.alice.get("/api/accounts"))["items"]}
    assert names == {"alice", "bob"}
    path = f"/api/accounts/{ours.account}"
    for method, body in (("GET", None), ("PATCH", {"topup": "1"})):
        assert (await house.alice.ask(method, path, body)).problem == (404, "not_found", [])


@pytest.mark.parametrize("key", ["1", "0", "-1", "x", "9" * 30])
async def test_an_account_that_there_is_not_is_not_found(house: House, key: str) -> None:
    for method, path, body in (
        ("GET", f"/api/accounts/{key}", None), ("GET", f"/api/accounts/{key}/audit", None),
        ("PATCH", f"/api/accounts/{key}", {"trial": True}),
    ):  # fmt: skip
        assert (await house.alice.ask(method, path, body)).problem == (404, "not_found", [])


@pytest.mark.parametrize(
    ("method", "body", "code", "field"),
    [
        ("POST", {}, "missing_field", "name"),
        ("POST", {"name": ""}, "invalid_field", "name"),
        ("POST", {"name": "Carol"}, "invalid_field", "name"),
        ("POST", {"name": "a--b"}, "invalid_field", "name"),
        ("POST", {"name": "-a"}, "invalid_field", "name"),
        ("POST", {"name": "x" * 16}, "invalid_field", "name"),
        ("POST", {"name": "x\n"}, "invalid_field", "name"),
        ("POST", {"name": "x", "balance": "-1"}, "invalid_field", "balance"),
        ("POST", {"name": "x", "balance": 1}, "invalid_field", "balance"),
        ("POST", {"name": "x", "balance": "1.000000001"}, "invalid_field", "balance"),
        ("PATCH", {}, "missing_field", "state"),
        ("PATCH", {"state": "gone"}, "invalid_field", "state"),
        ("PATCH", {"topup": "-1"}, "invalid_field", "topup"),
        ("PATCH", {"topup": "1e3"}, "invalid_field", "topup"),
        ("PATCH", {"topup": "999999999.99"}, "invalid_field", "topup"),
        ("PATCH", {"balance": "5"}, "unknown_field", "balance"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(
    house: House, method: str, body: Any, code: str, field: str
) -> None:
    path = "/api/accounts" if method == "POST" else f"/api/accounts/{house.bob.account}"
    assert (await house.alice.ask(method, path, body)).problem == (400, code, [field])
    assert await house.bob.balance() == 10_000_000_000
