import pytest

from tests.facades.api.house import House

FIRST, SECOND, OF_BOB = "+16139998877", "+447700900001", "+4915799912345"


async def test_the_list_shows_who_may_use_which_number(house: House) -> None:
    found = await house.alice.get("/api/numbers")
    assert found["next"] is None
    assert {n["number"]: n["assignments"] for n in found["items"]} == {
        FIRST: [{"principal": "key-alice", "kind": "key", "name": "alice's key", "default": True}],
        SECOND: [],
    }


async def test_the_list_is_paged(house: House) -> None:
    first = await house.alice.get("/api/numbers?limit=1")
    second = await house.alice.get(f"/api/numbers?limit=1&cursor={first['next']}")
    assert [n["number"] for n in first["items"] + second["items"]] == [FIRST, SECOND]
    assert second["next"] is None


async def test_the_newest_number_comes_first(house: House) -> None:
    await house.core.desk.numbers.add(house.alice.account, "+13125550123")
    assert (await house.alice.get("/api/numbers"))["items"][0]["number"] == "+13125550123"


@pytest.mark.parametrize("path", [SECOND, "%2B447700900001"])
async def test_a_number_is_assigned_and_taken_away(house: House, path: str) -> None:
    reply = await house.alice.ask("PATCH", f"/api/numbers/{path}", {"assign": {"principal": "key-alice"}})
    assert reply.status == 200
    assert reply.json["number"] == SECOND
    assert [(a["principal"], a["default"]) for a in reply.json["assignments"]] == [("key-alice", False)]
    reply = await house.alice.ask("PATCH", f"/api/numbers/{path}", {"unassign": {"principal": "key-alice"}})
    assert (reply.status, reply.json["assignments"]) == (200, [])


async def test_a_new_default_is_what_the_key_sends_from(house: House) -> None:
    wish = {"assign": {"principal": "key-alice", "default": True}}
    await house.alice.ask("PATCH", f"/api/numbers/{SECOND}", wish)
    assert (await house.alice.sent())["from"] == SECOND
    found = {n["number"]: n["assignments"] for n in (await house.alice.get("/api/numbers"))["items"]}
    assert [a["default"] for a in found[FIRST] + found[SECOND]] == [False, True]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, (400, "invalid_field", ["assign"])),
        ({"assign": None, "label": None}, (400, "invalid_field", ["assign"])),
        ({"assign": {}}, (400, "missing_field", ["assign.principal"])),
        ({"assign": {"principal": 1}}, (400, "invalid_field", ["assign.principal"])),
        (
            {"assign": {"principal": "key-alice", "default": "yes"}},
            (400, "invalid_field", ["assign.default"]),
        ),
        ({"assign": {"principal": "nobody"}}, (404, "not_found", ["assign.principal"])),
        ({"unassign": {"principal": "nobody"}}, (404, "not_found", ["unassign.principal"])),
        ({"owner": "me"}, (400, "unknown_field", ["owner"])),
        ({"assign": {"principal": "key-alice", "account": 1}}, (400, "unknown_field", ["assign.account"])),
    ],
)
async def test_a_wish_that_makes_no_sense_changes_nothing(
    house: House, body: object, answer: tuple[int, str, list[str]]
) -> None:
    before = await house.alice.get("/api/numbers")
    assert (await house.alice.ask("PATCH", f"/api/numbers/{FIRST}", body)).problem == answer
    assert await house.alice.get("/api/numbers") == before


async def test_what_is_not_assigned_cannot_be_taken_away(house: House) -> None:
    wish = {"unassign": {"principal": "key-alice"}}
    status, code, _ = (await house.alice.ask("PATCH", f"/api/numbers/{SECOND}", wish)).problem
    assert (status, code) == (404, "not_found")


async def test_a_principal_of_another_tenant_is_as_missing_as_none(house: House) -> None:
    for kind in ("assign", "unassign"):
        foreign, missing = [
            await house.alice.ask("PATCH", f"/api/numbers/{SECOND}", {kind: {"principal": name}})
            for name in ("key-bob", "key-eve")
        ]
        assert (foreign.status, foreign.body) == (404, missing.body)
