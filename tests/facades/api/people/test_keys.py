"""Keys: shown once, with scopes and an end, and revoked within a second."""

from typing import Any

import pytest

from tests.facades.api.house import House, Tenant
from textwire.access import lastuse


async def made(tenant: Tenant, **fields: Any) -> Any:
    reply = await tenant.ask("POST", "/api/keys", {"name": "CI", "scopes": ["read"]} | fields)
    assert reply.status == 201, reply
    return reply.json


def with_key(tenant: Tenant, key: str) -> Tenant:
    return tenant._replace(key=key)


async def test_a_new_key_opens_what_its_scopes_say(house: House) -> None:
    new = await made(house.bob, scopes=["read", "manage"], default_number=house.bob.numbers[0])
    key = new.pop("key")
    assert key.startswith("tw_")
    assert len(key) == 35
    ci = with_key(house.bob, key)
    assert (await ci.get("/api/account"))["caller"] == {
        "principal": new["id"], "kind": "key", "scopes": ["manage", "read"],
    }  # fmt: skip
    assert (await ci.send()).problem == (403, "scope_missing", [])
    assert new["default_number"] == house.bob.numbers[0]


async def test_a_key_is_shown_once(house: House) -> None:
    new = await made(house.bob)
    listed = await house.bob.ask("GET", "/api/keys")
    assert new["key"] not in listed.body.decode()
    assert [one["name"] for one in listed.json["items"]] == ["CI", "bob's key"]
    alone = await house.bob.get(f"/api/keys/{new['id']}")
    assert alone == {name: value for name, value in new.items() if name != "key"}


async def test_a_revoked_key_is_good_for_nothing_at_once(house: House) -> None:
    new = await made(house.bob)
    ci = with_key(house.bob, new["key"])
    await ci.get("/api/account")
    assert (await house.bob.ask("DELETE", f"/api/keys/{new['id']}")).status == 204
    assert (await ci.ask("GET", "/api/account")).problem == (401, "unauthorized", [])
    assert (await house.bob.ask("GET", f"/api/keys/{new['id']}")).problem == (404, "not_found", [])


async def test_a_key_may_revoke_itself(house: House) -> None:
    new = await made(house.bob, scopes=["manage"])
    ci = with_key(house.bob, new["key"])
    assert (await ci.ask("DELETE", f"/api/keys/{new['id']}")).status == 204
    assert (await ci.ask("GET", "/api/keys")).problem == (401, "unauthorized", [])


async def test_a_key_has_no_more_scopes_than_the_one_that_makes_it(house: House) -> None:
    reply = await house.bob.ask("POST", "/api/keys", {"name": "x", "scopes": ["read", "operator"]})
    assert reply.problem == (403, "scope_missing", ["scopes"])
    new = await made(house.bob, scopes=["manage"])
    reply = await with_key(house.bob, new["key"]).ask("POST", "/api/keys", {"name": "x", "scopes": ["read"]})
    assert reply.problem == (403, "scope_missing", ["scopes"])


async def test_a_key_ends_when_it_says(house: House) -> None:
    until = house.core.real_now() // 1_000_000 + 3600
    new = await made(house.bob, expires_at=until)
    assert new["expires_at"].endswith(".000Z")
    assert await with_key(house.bob, new["key"]).get("/api/account")
    for over in (1, until - 7200, "2020-01-01T00:00:00Z"):
        reply = await house.bob.ask(
            "POST", "/api/keys", {"name": "x", "scopes": ["read"], "expires_at": over}
        )
        assert reply.problem == (400, "invalid_field", ["expires_at"])


async def test_the_list_says_when_a_key_was_last_used(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lastuse, "PERIOD", 0)
    new = await made(house.bob)
    assert new["last_used_at"] is None
    await with_key(house.bob, new["key"]).get("/api/account")
    noted = house.access._last_use._writing
    assert noted is not None
    await noted
    [found] = [one for one in (await house.bob.get("/api/keys"))["items"] if one["id"] == new["id"]]
    assert found["last_used_at"] >= found["created_at"]


async def test_the_same_request_shows_the_same_key(house: House) -> None:
    body = {"name": "CI", "scopes": ["read"]}
    first, again = [await house.bob.ask("POST", "/api/keys", body, idempotency_key="k") for _ in range(2)]
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    assert len((await house.bob.get("/api/keys"))["items"]) == 2


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"scopes": ["read"]}, "missing_field", "name"),
        ({"name": "x"}, "missing_field", "scopes"),
        ({"name": "x", "scopes": []}, "invalid_field", "scopes"),
        ({"name": "x", "scopes": ["*"]}, "invalid_field", "scopes[0]"),
        ({"name": "x", "scopes": ["read"] * 5}, "invalid_field", "scopes"),
        ({"name": "x", "scopes": "read"}, "invalid_field", "scopes"),
        ({"name": "x", "scopes": ["read"], "key": "tw_mine"}, "unknown_field", "key"),
        ({"name": "x", "scopes": ["read"], "expires_at": "soon"}, "invalid_field", "expires_at"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(house: House, body: Any, code: str, field: str) -> None:
    assert (await house.bob.ask("POST", "/api/keys", body)).problem == (400, code, [field])
