"""The Applications API, version 2."""

import uuid
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from tests.facades.vonage.asking import basic, done, get, json, problem
from tests.facades.vonage.house import DID, KEY, SECRET, House
from textwire.access.keypairs import pair
from textwire.store import applications as shelf

PATH = "/v2/applications"
WRONG = "/application#payload-validation"
PRIVATE, PUBLIC = pair()
WEBHOOKS = {
    "inbound_url": {"address": "https://customer.test/in", "http_method": "POST"},
    "status_url": {"address": "https://customer.test/status", "http_method": "POST"},
}
VOICE = {
    "webhooks": {"answer_url": {"address": "https://customer.test/answer", "http_method": "GET"}},
    "region": "eu-west",
}
WHOLE = {
    "name": "Demo", "keys": {"public_key": PUBLIC}, "privacy": {"improve_ai": True},
    "capabilities": {"messages": {"version": "v1", "webhooks": WEBHOOKS}, "voice": VOICE, "vbc": {}, "rtc": None},
}  # fmt: skip


async def create(house: House, body: object = None) -> Any:
    answer = await json(house, "POST", PATH, {"name": "Demo"} if body is None else body)
    assert answer.status == 201, answer
    return answer.json


async def test_an_application_without_a_key_is_given_one_and_its_private_half_is_shown_once(
    house: House,
) -> None:
    made = await create(house)
    private = load_pem_private_key(made["keys"]["private_key"].encode(), None)
    public = load_pem_public_key(made["keys"]["public_key"].encode())
    assert private.public_key() == public
    assert set(made) == {"id", "name", "keys", "privacy", "capabilities", "_links"}
    shown = (await json(house, "GET", f"{PATH}/{made['id']}")).json
    assert shown == {**made, "keys": {"public_key": made["keys"]["public_key"]}}
    assert shown["_links"] == {"self": {"href": f"{PATH}/{made['id']}"}}
    assert (shown["capabilities"], shown["privacy"]) == ({}, {"improve_ai": False})


async def test_what_was_given_is_given_back(house: House) -> None:
    made = await create(house, WHOLE)
    assert made["keys"] == {"public_key": PUBLIC}
    assert made["privacy"] == {"improve_ai": True}
    assert made["capabilities"] == {
        "messages": {"version": "v1", "webhooks": WEBHOOKS}, "voice": VOICE, "vbc": {},
    }  # fmt: skip
    kept = await shelf.one(house.core.store.engine, 1, made["id"])
    assert kept is not None
    assert (kept.places.inbound_url, kept.places.status_url) == (
        "https://customer.test/in",
        "https://customer.test/status",
    )


async def test_a_change_replaces_all_but_the_key(house: House) -> None:
    made = await create(house, WHOLE)
    path = f"{PATH}/{made['id']}"
    changed = await json(house, "PUT", path, {"name": "Other"})
    assert changed.status == 200
    assert changed.json == {**made, "name": "Other", "capabilities": {}, "privacy": {"improve_ai": False}}
    other = pair()[1]
    assert (await json(house, "PUT", path, {"name": "Other", "keys": {"public_key": other}})).json[
        "keys"
    ] == {"public_key": other}
    assert (await json(house, "GET", path)).json["keys"]["public_key"] == other


async def test_a_removed_application_is_gone_and_its_numbers_stay_ones_own(house: House) -> None:
    made = await create(house)
    update = {"country": "GB", "msisdn": DID[1:], "app_id": made["id"]}
    assert (await done(house, "/number/update", **update))[0] == 200
    gone = await json(house, "DELETE", f"{PATH}/{made['id']}")
    assert (gone.status, gone.body) == (204, b"")
    assert (await json(house, "GET", f"{PATH}/{made['id']}")).status == 404
    assert (await get(house, "/account/numbers")).json["count"] == 2
    assert (await get(house, "/account/numbers", has_application="true")).json["count"] == 0


async def test_pages_tell_how_many_there_are(house: House) -> None:
    names = [
        (await create(house, {"name": f"n{n}", "keys": {"public_key": PUBLIC}}))["name"] for n in range(5)
    ]
    pages = [(await json(house, "GET", f"{PATH}?page_size=2&page={n}")).json for n in (1, 2, 3, 4)]
    assert [[one["name"] for one in page["_embedded"]["applications"]] for page in pages] == [
        names[:2], names[2:4], names[4:], [],
    ]  # fmt: skip
    assert {(page["page_size"], page["total_items"], page["total_pages"]) for page in pages} == {(2, 5, 3)}
    assert [page["page"] for page in pages] == [1, 2, 3, 4]
    assert pages[1]["_links"] == {
        name: {"href": f"{PATH}?page={n}&page_size=2"}
        for name, n in (("self", 2), ("first", 1), ("last", 3), ("prev", 1), ("next", 3))
    }
    assert "next" not in pages[2]["_links"]


async def test_where_there_are_none_there_is_one_empty_page(house: House) -> None:
    page = (await json(house, "GET", PATH)).json
    assert (page["page"], page["page_size"], page["total_items"], page["total_pages"]) == (1, 10, 0, 1)
    assert page["_embedded"] == {"applications": []}


@pytest.mark.parametrize(
    ("query", "name"),
    [("page=0", "page"), ("page=x", "page"), ("page_size=0", "page_size"), ("page_size=101", "page_size"),
     ("page=99999999", "page")],
)  # fmt: skip
async def test_a_page_that_cannot_be_is_refused_by_name(house: House, query: str, name: str) -> None:
    answer = await json(house, "GET", f"{PATH}?{query}")
    assert problem(answer) == (400, "/application#list-validation", "Bad Request", [name])


def messages(**webhooks: object) -> dict[str, object]:
    return {"name": "n", "capabilities": {"messages": {"webhooks": webhooks}}}


IN = "capabilities.messages.webhooks.inbound_url"


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({}, "name"), ({"name": ""}, "name"), ({"name": "n" * 101}, "name"), ({"name": 7}, "name"), ([], "body"),
        ({"name": "n", "keys": {"public_key": "nonsense"}}, "keys.public_key"),
        ({"name": "n", "keys": {"public_key": PRIVATE}}, "keys.public_key"),
        ({"name": "n", "keys": {"public_key": "x" * 5000}}, "keys.public_key"),
        ({"name": "n", "capabilities": []}, "capabilities"),
        ({"name": "n", "capabilities": {"messages": {"webhooks": 7}}}, "capabilities.messages"),
        (messages(inbound_url={"address": "nonsense"}), f"{IN}.address"),
        (messages(inbound_url={"address": "http://[::1"}), f"{IN}.address"),
        (messages(inbound_url={"address": "http://169.254.169.254/"}), f"{IN}.address"),
        (messages(inbound_url={"address": "https://c.test", "http_method": "GET"}), f"{IN}.http_method"),
        (messages(status_url={"address": "h" * 2049}), "capabilities.messages"),
        ({"name": "n", "capabilities": {"voice": {"x": "y" * 20_000}}}, "capabilities"),
    ],
)  # fmt: skip
async def test_an_application_that_cannot_be_is_refused_by_name(
    house: House, body: object, name: str
) -> None:
    made = (await create(house, {"name": "n", "keys": {"public_key": PUBLIC}}))["id"]
    for method, path in (("POST", PATH), ("PUT", f"{PATH}/{made}")):
        answer = await json(house, method, path, body)
        assert problem(answer) == (400, WRONG, "Bad Request", [name])
    assert (await json(house, "GET", PATH)).json["total_items"] == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_what_is_not_there_is_a_404(house: House, method: str) -> None:
    for name in (str(uuid.uuid4()), "nonsense"):
        answer = await json(house, method, f"{PATH}/{name}", {"name": "n"} if method == "PUT" else None)
        assert problem(answer) == (404, "#not-found", "Not Found", [])


@pytest.mark.parametrize(
    ("method", "path"), [("GET", PATH), ("POST", PATH), ("GET", PATH + "/x"), ("PUT", PATH + "/x"), ("DELETE", PATH + "/x")]
)  # fmt: skip
async def test_only_basic_opens_this_door(house: House, method: str, path: str) -> None:
    for headers in ({}, basic(secret="wrong"), {"authorization": "Bearer x"}):
        answer = await house.ask(method, f"{path}?api_key={KEY}&api_secret={SECRET}", headers=headers)
        assert problem(answer) == (401, "#unauthorized", "Invalid credentials supplied", [])


async def test_the_content_type_counts_for_nothing_and_a_wrong_method_is_a_problem(house: House) -> None:
    headers = {**basic(), "content-type": "text/plain"}
    assert (await house.ask("POST", PATH, b'{"name": "n"}', headers)).status == 201
    assert problem(await house.ask("PATCH", PATH, headers=basic()))[0] == 404
    assert problem(await house.ask("GET", PATH + "/a/b", headers=basic()))[0] == 404
