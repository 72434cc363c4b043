"""Projects: software that logs in with an identifier and a secret of its own."""

from typing import Any

import pytest

from tests.facades.api.house import House, Tenant
from textwire.domain.refusal import Refusal


async def made(tenant: Tenant, **fields: Any) -> Any:
    reply = await tenant.ask("POST", "/api/projects", {"name": "Shop"} | fields)
    assert reply.status == 201, reply
    return reply.json


async def test_a_new_project_can_log_in_with_the_secret_that_is_shown_once(house: House) -> None:
    new = await made(house.bob, default_number=house.bob.numbers[0])
    secret = new.pop("client_secret")
    caller = await house.access.client("kandy_project", new["client_id"], secret)
    assert (caller.account, caller.kind, caller.public_id) == (house.bob.account, "project", new["id"])
    assert new["client_id"].startswith("PRIV-bob.")
    assert new["client_id"].endswith(".Shop")
    assert await house.bob.get(f"/api/projects/{new['id']}") == new
    assert (await house.bob.get("/api/projects"))["items"] == [new]


@pytest.mark.parametrize("name", ["My «Shop»: №1/2", "%2F..", "日本", "x" * 100])
async def test_a_name_may_be_anything_but_its_identifier_stays_plain(house: House, name: str) -> None:
    new = await made(house.bob, name=name)
    assert new["name"] == name
    last = new["client_id"].rpartition(".")[2]
    assert last.replace(" ", "").isalnum()
    assert last.isascii()
    assert len(last) <= 40


async def test_a_new_secret_ends_the_old_one_and_keeps_the_identifier(house: House) -> None:
    new = await made(house.bob)
    changed = await house.bob.ask(
        "PATCH", f"/api/projects/{new['id']}", {"new_secret": True, "name": "Store"}
    )
    assert (changed.status, changed.json["name"]) == (200, "Store")
    assert changed.json["client_id"] == new["client_id"]
    with pytest.raises(Refusal):
        await house.access.client("kandy_project", new["client_id"], new["client_secret"])
    await house.access.client("kandy_project", new["client_id"], changed.json["client_secret"])


async def test_a_change_of_name_shows_no_secret(house: House) -> None:
    new = await made(house.bob)
    changed = await house.bob.ask("PATCH", f"/api/projects/{new['id']}", {"name": "Store"})
    assert changed.json["client_secret"] is None
    await house.access.client("kandy_project", new["client_id"], new["client_secret"])


async def test_a_removed_project_logs_in_no_longer(house: House) -> None:
    new = await made(house.bob)
    assert (await house.bob.ask("DELETE", f"/api/projects/{new['id']}")).status == 204
    with pytest.raises(Refusal):
        await house.access.client("kandy_project", new["client_id"], new["client_secret"])


async def test_one_kind_is_not_found_as_another(house: House) -> None:
    new = await made(house.bob)
    for path in ("users", "keys"):
        assert (await house.bob.ask("DELETE", f"/api/{path}/{new['id']}")).problem == (404, "not_found", [])
    assert (await house.bob.ask("DELETE", "/api/keys/key-alice")).problem == (404, "not_found", [])


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "missing_field", "name"),
        ({"name": ""}, "invalid_field", "name"),
        ({"name": "x", "client_id": "PRIV-mine"}, "unknown_field", "client_id"),
        ({"name": "x", "client_secret": "mine"}, "unknown_field", "client_secret"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(house: House, body: Any, code: str, field: str) -> None:
    assert (await house.bob.ask("POST", "/api/projects", body)).problem == (400, code, [field])
