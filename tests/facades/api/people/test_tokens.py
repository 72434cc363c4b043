"""Personal access tokens: shown once, with sipgate's scopes and an end, and revoked at once."""

import re
import uuid
from typing import Any

import pytest

from tests.facades.api.house import House, Tenant
from textwire.access import lastuse
from textwire.access.minting import SIPGATE_TOKEN
from textwire.domain.refusal import Refusal
from textwire.domain.token import TOKEN_SCOPES
from textwire.facades.sipgate import scopes
from textwire.facades.sipgate.oauth.scopes import MEANING


async def user(tenant: Tenant, **fields: Any) -> str:
    wanted = {"email": f"{tenant.name}-{uuid.uuid4().hex[:8]}@example.test"} | fields
    reply = await tenant.ask("POST", "/api/users", wanted)
    assert reply.status == 201, reply
    return str(reply.json["id"])


async def made(tenant: Tenant, **fields: Any) -> Any:
    fields = {"user": fields.get("user") or await user(tenant), "name": "CRM", "scopes": ["all"]} | fields
    reply = await tenant.ask("POST", "/api/tokens", fields)
    assert reply.status == 201, reply
    return reply.json


async def proves(house: House, token: Any) -> bool:
    """Whether it is good at sipgate's door."""
    try:
        caller = await house.access.client(SIPGATE_TOKEN, token["id"], token["token"])
    except Refusal as refusal:
        return refusal.code != "unauthorized"
    assert caller.public_id == token["user"]
    return sorted(caller.scopes) == token["scopes"]


async def test_a_new_token_has_the_shape_that_sipgates_library_insists_on(house: House) -> None:
    token = await made(house.bob, scopes=["sms:read", "history:read"])
    assert re.fullmatch("token-[A-Za-z0-9]{6}", token["id"])
    assert uuid.UUID(token["token"]).version == 4
    assert token["scopes"] == ["history:read", "sms:read"]
    assert (token["name"], token["expires_at"], token["last_used_at"]) == ("CRM", None, None)
    assert await proves(house, token)


async def test_a_token_is_shown_once(house: House) -> None:
    token = await made(house.bob)
    listed = await house.bob.ask("GET", "/api/tokens")
    assert token["token"] not in listed.body.decode()
    assert listed.json["items"] == [{name: value for name, value in token.items() if name != "token"}]
    assert (await house.alice.get("/api/tokens"))["items"] == []


async def test_a_revoked_token_is_good_for_nothing_at_once(house: House) -> None:
    owner = await user(house.bob)
    token, other = await made(house.bob, user=owner), await made(house.bob, user=owner)
    assert await proves(house, token)
    assert (await house.bob.ask("DELETE", f"/api/tokens/{token['id']}")).status == 204
    assert not await proves(house, token)
    assert await proves(house, other)
    gone = await house.bob.ask("DELETE", f"/api/tokens/{token['id']}")
    assert gone.problem == (404, "not_found", [])


async def test_it_goes_with_its_user(house: House) -> None:
    token = await made(house.bob)
    assert await proves(house, token)
    await house.bob.ask("DELETE", f"/api/users/{token['user']}")
    assert not await proves(house, token)


async def test_a_token_ends_when_it_says(house: House) -> None:
    now = house.core.real_now() // 1_000_000
    token = await made(house.bob, expires_at=now + 3600)
    assert token["expires_at"].endswith(".000Z")
    assert await proves(house, token)
    body = {"user": token["user"], "name": "x", "scopes": ["all"], "expires_at": now - 1}
    reply = await house.bob.ask("POST", "/api/tokens", body)
    assert reply.problem == (400, "invalid_field", ["expires_at"])


async def test_the_list_says_when_a_token_was_last_used(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lastuse, "PERIOD", 0)
    token = await made(house.bob)
    assert await proves(house, token)
    noted = house.access._last_use._writing
    assert noted is not None
    await noted
    [found] = (await house.bob.get("/api/tokens"))["items"]
    assert found["last_used_at"] >= found["created_at"]


async def test_the_list_goes_page_by_page(house: House) -> None:
    owner = await user(house.bob)
    tokens = [(await made(house.bob, user=owner, name=str(n)))["id"] for n in range(3)]
    first = await house.bob.get("/api/tokens?limit=2")
    rest = await house.bob.get(f"/api/tokens?limit=2&cursor={first['next']}")
    assert [one["id"] for one in first["items"] + rest["items"]] == tokens[::-1]
    assert rest["next"] is None


async def test_a_key_makes_no_token_for_a_user_who_may_do_more(house: House) -> None:
    mighty = await user(house.alice, scopes=["manage", "operator"])
    key = await house.alice.ask("POST", "/api/keys", {"name": "x", "scopes": ["manage"]})
    clerk = house.alice._replace(key=key.json["key"])
    body = {"user": mighty, "name": "x", "scopes": ["balance:read"]}
    assert (await clerk.ask("POST", "/api/tokens", body)).problem == (403, "scope_missing", ["scopes"])
    token = await made(house.alice, user=mighty)
    reply = await clerk.ask("DELETE", f"/api/tokens/{token['id']}")
    assert reply.problem == (403, "scope_missing", ["scopes"])
    assert await proves(house, token)


async def test_another_accounts_user_is_as_unknown_as_none(house: House) -> None:
    body = {"name": "x", "scopes": ["all"]}
    foreign = await house.bob.ask("POST", "/api/tokens", body | {"user": await user(house.alice)})
    missing = await house.bob.ask("POST", "/api/tokens", body | {"user": str(uuid.uuid4())})
    assert foreign.problem == (404, "not_found", ["user"])
    assert foreign.body == missing.body


async def test_the_same_request_shows_the_same_token_and_keeps_it_sealed(house: House) -> None:
    body = {"user": await user(house.bob), "name": "CRM", "scopes": ["all"]}
    first, again = [await house.bob.ask("POST", "/api/tokens", body, idempotency_key="k") for _ in range(2)]
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    assert len((await house.bob.get("/api/tokens"))["items"]) == 1


async def test_the_audit_names_the_token_and_shows_nothing(house: House) -> None:
    token = await made(house.bob)
    await house.bob.ask("DELETE", f"/api/tokens/{token['id']}")
    reply = await house.bob.ask("GET", "/api/audit")
    told = [(one["action"], one["subject"]) for one in reply.json["items"]]
    assert told[:2] == [("token.removed", token["id"]), ("token.added", token["id"])]
    assert token["token"] not in reply.body.decode()


def test_every_scope_that_the_door_asks_for_can_be_given() -> None:
    asked = {scope for value in vars(scopes).values() if isinstance(value, tuple) for scope in value}
    assert asked - {"internal"} <= set(TOKEN_SCOPES)  # the vendor's own clients alone have that
    assert set(TOKEN_SCOPES) == set(MEANING)  # what a login may be given


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"user": None}, "missing_field", "user"),
        ({"name": ""}, "invalid_field", "name"),
        ({"scopes": []}, "invalid_field", "scopes"),
        ({"scopes": ["send"]}, "invalid_field", "scopes[0]"),
        ({"scopes": ["all"] * (len(TOKEN_SCOPES) + 1)}, "invalid_field", "scopes"),
        ({"expires_at": "soon"}, "invalid_field", "expires_at"),
        ({"token": "mine"}, "unknown_field", "token"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(house: House, body: Any, code: str, field: str) -> None:
    wanted = {"user": await user(house.bob), "name": "x", "scopes": ["all"]} | body
    wanted = {name: value for name, value in wanted.items() if value is not None}
    assert (await house.bob.ask("POST", "/api/tokens", wanted)).problem == (400, code, [field])
