"""The audit as its account sees it."""

from tests.facades.api.house import House
from textwire.store.engines.engine import statement
from textwire.store.store import Store


async def test_every_change_is_an_entry_with_who_made_it_and_no_secret(house: House) -> None:
    user = (await house.bob.ask("POST", "/api/users", {"email": "jo@example.test"})).json
    key = (await house.bob.ask("POST", "/api/keys", {"name": "CI", "scopes": ["read"]})).json
    project = (await house.bob.ask("POST", "/api/projects", {"name": "Shop"})).json
    await house.bob.ask(
        "PATCH", f"/api/users/{user['id']}", {"password": "swordfish swordfish", "name": "Jo"}
    )
    renewed = (await house.bob.ask("PATCH", f"/api/projects/{project['id']}", {"new_secret": True})).json
    await house.bob.ask("PATCH", "/api/account", {"settings": {"country": "44"}})
    await house.bob.ask("DELETE", f"/api/keys/{key['id']}")
    listed = await house.bob.ask("GET", "/api/audit")
    entries = listed.json["items"]
    assert [(one["number"], one["action"], one["subject"]) for one in entries] == [
        (7, "key.removed", key["id"]),
        (6, "account.settings", "bob"),
        (5, "project.changed", project["id"]),
        (4, "user.changed", user["id"]),
        (3, "project.added", project["id"]),
        (2, "key.added", key["id"]),
        (1, "user.added", user["id"]),
    ]
    assert {one["actor"] for one in entries} == {"key-bob"}
    assert entries[1]["data"] == {"country": ["", "44"]}
    assert entries[2]["data"] == {"renewed": True}
    assert entries[3]["data"] == {"name": ["jo@example.test", "Jo"], "renewed": True}
    secrets = (user["password"], key["key"], project["client_secret"], renewed["client_secret"], "swordfish")
    assert not [secret for secret in secrets if secret in listed.body.decode()]


async def test_what_was_refused_is_no_entry(house: House) -> None:
    await house.bob.ask("POST", "/api/keys", {"name": "x", "scopes": ["operator"]})
    await house.bob.ask("DELETE", "/api/keys/nothing")
    assert await house.bob.get("/api/audit") == {"items": [], "next": None}


async def test_pages_lead_through_all_entries(house: House) -> None:
    for n in range(5):
        await house.bob.ask("PATCH", "/api/account", {"settings": {"country": str(44 + n % 2 * 5)}})
    first = await house.bob.get("/api/audit?limit=3")
    second = await house.bob.get(f"/api/audit?limit=3&cursor={first['next']}")
    assert [one["number"] for one in first["items"] + second["items"]] == [5, 4, 3, 2, 1]
    assert second["next"] is None


async def test_a_check_finds_what_was_tampered_with(house: House) -> None:
    empty = await house.bob.get("/api/audit/check")
    assert empty == {"intact": True, "entries": 0, "broken": None, "head": None}
    for country in ("44", "49", "33"):
        await house.bob.ask("PATCH", "/api/account", {"settings": {"country": country}})
    whole = await house.bob.get("/api/audit/check")
    assert (whole["intact"], whole["entries"]) == (True, 3)
    assert whole["head"] == (await house.bob.get("/api/audit"))["items"][0]["hash"]
    await _tamper(house.core.store, house.bob.account)
    assert await house.bob.get("/api/audit/check") == {
        "intact": False, "entries": 1, "broken": 2,
        "head": (await house.bob.get("/api/audit"))["items"][-1]["hash"],
    }  # fmt: skip
    assert (await house.alice.get("/api/audit/check"))["intact"]


async def _tamper(store: Store, account: int) -> None:
    from tests.store.house import do

    async def write(unit: object) -> None:
        change = statement(
            "update audit set actor = 'key-mallory' where account = :account and number = 2",
            args="account int",
        )
        await unit.run(change, account=account)  # type: ignore[attr-defined]

    await do(store, write)
