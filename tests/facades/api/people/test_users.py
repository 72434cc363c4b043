"""Users: made, changed and removed over the API, by nobody who could not have made them."""

from typing import Any

import pytest

from tests.facades.api.house import House, Reply, Tenant
from textwire.domain.refusal import Refusal

EMAIL, PASSWORD = "jo@example.test", "a long password"


async def made(tenant: Tenant, **fields: Any) -> Any:
    reply = await tenant.ask("POST", "/api/users", {"email": EMAIL, "password": PASSWORD} | fields)
    assert reply.status == 201, reply
    return reply.json


async def can_log_in(house: House, email: str = EMAIL, password: str = PASSWORD) -> bool:
    try:
        caller = await house.access.password(email, password, "192.0.2.7")
    except Refusal:
        return False
    return caller.kind == "user"


async def test_a_new_user_can_log_in_and_is_shown_without_a_password(house: House) -> None:
    new = await made(house.bob, name="Jo")
    assert new.pop("password") is None
    assert await can_log_in(house)
    assert new == await house.bob.get(f"/api/users/{new['id']}")
    assert (await house.bob.get("/api/users"))["items"] == [new]
    assert (new["email"], new["name"], new["default_number"]) == (EMAIL, "Jo", None)
    assert new["scopes"] == ["manage", "read", "send"]
    client = await house.access.client("kandy_public", new["kandy_client_id"], None)
    assert client.account == house.bob.account


async def test_without_a_password_one_is_made_and_shown_once(house: House) -> None:
    new = await made(house.bob, password=None)
    assert len(new["password"]) == 24
    assert await can_log_in(house, password=new["password"])
    assert new["password"] not in str(await house.bob.get("/api/users"))


async def test_an_address_is_one_persons_on_the_whole_server_however_it_is_written(house: House) -> None:
    await made(house.bob)
    for tenant in (house.alice, house.bob):
        reply = await tenant.ask("POST", "/api/users", {"email": "JO@Example.test"})
        assert reply.problem == (409, "email_taken", ["email"])
    other = await made(house.alice, email="other@example.test")
    reply = await house.alice.ask("PATCH", f"/api/users/{other['id']}", {"email": EMAIL})
    assert reply.problem == (409, "email_taken", ["email"])


async def test_a_new_password_ends_the_old_one_at_once(house: House) -> None:
    new = await made(house.bob, scopes=["read"])
    assert await can_log_in(house)
    reply = await house.bob.ask("PATCH", f"/api/users/{new['id']}", {"password": "another password"})
    assert reply.status == 200
    assert not await can_log_in(house)
    assert await can_log_in(house, password="another password")
    assert reply.json["scopes"] == ["read"]


async def test_a_new_address_takes_the_password_along(house: House) -> None:
    new = await made(house.bob)
    path = f"/api/users/{new['id']}"
    changed = await house.bob.ask(
        "PATCH", path, {"email": "New@example.test", "name": "New", "scopes": ["read"]}
    )
    assert changed.json == await house.bob.get(path)
    found = changed.json
    assert (found["email"], found["name"], found["scopes"]) == ("new@example.test", "New", ["read"])
    assert await can_log_in(house, "new@example.test")
    assert not await can_log_in(house)
    assert (await made(house.alice))["email"] == EMAIL  # it is free again


async def test_a_default_number_is_assigned_and_can_be_none_again(house: House) -> None:
    number = house.bob.numbers[0]
    new = await made(house.bob, default_number=number.removeprefix("+"))
    path = f"/api/users/{new['id']}"
    assert new["default_number"] == number
    changed = await house.bob.ask("PATCH", path, {"default_number": None})
    assert (changed.status, changed.json["default_number"]) == (200, None)
    assert (await house.bob.ask("PATCH", path, {"default_number": number})).json["default_number"] == number


async def test_a_removed_user_is_nobody_anywhere(house: House) -> None:
    new = await made(house.bob, default_number=house.bob.numbers[0])
    assert await can_log_in(house)
    assert (await house.bob.ask("DELETE", f"/api/users/{new['id']}")).status == 204
    assert not await can_log_in(house)
    assert (await house.bob.ask("GET", f"/api/users/{new['id']}")).problem == (404, "not_found", [])
    assert (await house.bob.ask("DELETE", f"/api/users/{new['id']}")).problem == (404, "not_found", [])
    with pytest.raises(Refusal):
        await house.access.client("kandy_public", new["kandy_client_id"], None)
    told = [event.type for event in house.heard if event.account == house.bob.account]
    assert told[-2:] == ["number.assigned", "number.unassigned"]
    assert await made(house.alice)  # the address is free again


async def test_nobody_gives_or_gets_hold_of_more_than_he_has_himself(house: House) -> None:
    operator = await made(house.alice, scopes=["operator", "read"])
    manager = await house.tenant("manager", (), "manage")
    for scopes in (["operator"], ["read"], ["manage", "send"]):
        reply = await manager.ask("POST", "/api/users", {"email": "x@example.test", "scopes": scopes})
        assert reply.problem == (403, "scope_missing", ["scopes"])
    assert (await made(manager, email="y@example.test"))["scopes"] == ["manage"]
    theirs = await _key_of_the_same_account(house, ["manage"])
    path = f"/api/users/{operator['id']}"
    for method, body in (("PATCH", {"password": "mine from now on"}), ("DELETE", None)):
        assert (await theirs.ask(method, path, body)).problem == (403, "scope_missing", ["scopes"])
    own = await made(house.alice, email="z@example.test", scopes=["manage"])
    reply = await theirs.ask("PATCH", f"/api/users/{own['id']}", {"scopes": ["manage", "operator"]})
    assert reply.problem == (403, "scope_missing", ["scopes"])
    assert await can_log_in(house)


async def _key_of_the_same_account(house: House, scopes: list[str]) -> Tenant:
    reply = await house.alice.ask("POST", "/api/keys", {"name": "less", "scopes": scopes})
    return house.alice._replace(key=reply.json["key"])


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "no address": ({"name": "Jo"}, "missing_field", "email"),
    "no @": ({"email": "jo"}, "invalid_field", "email"),
    "two @": ({"email": "a@b@c"}, "invalid_field", "email"),
    "a line": ({"email": "a@b\nc"}, "invalid_field", "email"),
    "a blank": ({"email": "a b@c"}, "invalid_field", "email"),
    "a long address": ({"email": "a" * 64 + "@" + "b" * 190}, "invalid_field", "email"),
    "a short password": ({"email": EMAIL, "password": "x" * 9}, "invalid_field", "password"),
    "a long password": ({"email": EMAIL, "password": "x" * 1025}, "invalid_field", "password"),
    "no name": ({"email": EMAIL, "name": ""}, "invalid_field", "name"),
    "a long name": ({"email": EMAIL, "name": "x" * 101}, "invalid_field", "name"),
    "an unknown scope": ({"email": EMAIL, "scopes": ["root"]}, "invalid_field", "scopes[0]"),
    "no scope": ({"email": EMAIL, "scopes": []}, "invalid_field", "scopes"),
    "somebody's number": (
        {"email": EMAIL, "default_number": "+16139998877"},
        "invalid_field",
        "default_number",
    ),
    "nobody's number": (
        {"email": EMAIL, "default_number": "+15550001111"},
        "invalid_field",
        "default_number",
    ),
    "no number": ({"email": EMAIL, "default_number": "x"}, "invalid_address", "default_number"),
    "an id of one's own": ({"email": EMAIL, "id": "me"}, "unknown_field", "id"),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_cannot_be_is_refused_by_name_and_nothing_is_made(house: House, name: str) -> None:
    body, code, field = BAD[name]
    reply = await house.bob.ask("POST", "/api/users", body)
    assert reply.problem == (400, code, [field])
    assert (await house.bob.get("/api/users"))["items"] == []


async def test_a_change_of_nothing_is_refused(house: House) -> None:
    new = await made(house.bob)
    assert (await house.bob.ask("PATCH", f"/api/users/{new['id']}", {})).problem[:2] == (400, "missing_field")
    reply = await house.bob.ask("PATCH", f"/api/users/{new['id']}", {"email": None})
    assert reply.problem == (400, "invalid_field", ["email"])


async def test_the_same_request_is_answered_alike_and_makes_one_user(house: House) -> None:
    body = {"email": EMAIL}
    first, again = [await house.bob.ask("POST", "/api/users", body, idempotency_key="k") for _ in range(2)]
    assert (first.status, first.body) == (again.status, again.body)
    assert len((await house.bob.get("/api/users"))["items"]) == 1
    assert await _stored_nowhere(house, first)


async def _stored_nowhere(house: House, reply: Reply) -> bool:
    from tests.facades.api.test_gates import rows

    return reply.json["password"] not in str(await rows(house))


async def test_pages_go_newest_first_through_all_users(house: House) -> None:
    for n in range(5):
        await made(house.bob, email=f"user-{n}@example.test", password=None)
    seen, cursor = [], ""
    while True:
        page = await house.bob.get(f"/api/users?limit=2{cursor}")
        seen += [user["email"] for user in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [f"user-{n}@example.test" for n in (4, 3, 2, 1, 0)]
