"""The Applications API, version 1: the same applications, with everything in the query."""

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.facades.vonage.asking import basic, json, problem
from tests.facades.vonage.house import KEY, SECRET, Answer, House

PATH, NEWER = "/v1/applications", "/v2/applications"
WRONG = "/application#payload-validation"
CREDENTIALS = {"api_key": KEY, "api_secret": SECRET}
VOICE = {
    "name": "Demo", "type": "voice", "answer_url": "https://customer.test/answer?a=1",
    "event_url": "https://customer.test/event",
}  # fmt: skip
MESSAGES = {
    "name": "Texts", "type": "messages", "inbound_url": "https://customer.test/in", "status_url": "https://customer.test/st",
}  # fmt: skip
ANSWERED = [
    {"endpoint_type": "answer_url", "endpoint": VOICE["answer_url"], "http_method": "GET"},
    {"endpoint_type": "event_url", "endpoint": VOICE["event_url"], "http_method": "POST"},
]


async def ask(house: House, method: str, path: str = PATH, **fields: Any) -> Answer:
    """As npm's nexmo does: credentials and all in the query, an empty body."""
    query = urlencode({**fields, **CREDENTIALS})
    return await house.ask(
        method, f"{path}?{query}", b"", {"content-type": "application/x-www-form-urlencoded"}
    )


async def create(house: House, **fields: Any) -> Any:
    answer = await ask(house, "POST", **(fields or VOICE))
    assert (answer.status, answer.headers["content-type"]) == (201, "application/json"), answer
    return answer.json


async def test_one_is_made_and_shown_and_its_private_key_is_told_once(house: House) -> None:
    made = await create(house)
    assert made["keys"].pop("private_key").startswith("-----BEGIN PRIVATE KEY-----")
    one = f"{PATH}/{made['id']}"
    assert made == {
        "id": made["id"], "name": "Demo", "voice": {"webhooks": ANSWERED}, "keys": made["keys"],
        "_links": {"self": {"href": one}},
    }  # fmt: skip
    assert (await ask(house, "GET", one)).json == made


async def test_both_versions_show_the_same_applications(house: House) -> None:
    made = await create(house, **MESSAGES)
    newer = (await json(house, "GET", f"{NEWER}/{made['id']}")).json
    assert newer["capabilities"]["messages"]["webhooks"]["inbound_url"] == {
        "address": MESSAGES["inbound_url"], "http_method": "POST",
    }  # fmt: skip
    assert made["messages"]["webhooks"][1]["endpoint"] == MESSAGES["status_url"]


async def test_a_change_leaves_the_other_capability_and_the_key(house: House) -> None:
    made = await create(house, **MESSAGES)
    one = f"{PATH}/{made['id']}"
    answer = await house.ask("PUT", one, urlencode({**VOICE, "answer_method": "POST"}).encode(), {**basic()})
    assert answer.status == 200, answer
    changed = (await ask(house, "GET", one)).json
    assert changed == answer.json
    assert (changed["name"], changed["messages"]) == ("Demo", made["messages"])
    assert changed["voice"]["webhooks"][0]["http_method"] == "POST"
    assert changed["keys"]["public_key"] == made["keys"]["public_key"]


async def test_pages_begin_at_nought_and_show_no_keys(house: House) -> None:
    for n in range(3):
        await create(house, **{**VOICE, "name": f"App {n}"})
    first = (await ask(house, "GET")).json
    assert (first["count"], first["page_size"], first["page_index"]) == (3, 10, 0)
    assert [one["name"] for one in first["_embedded"]["applications"]] == ["App 0", "App 1", "App 2"]
    assert "keys" not in first["_embedded"]["applications"][0]
    last = (await ask(house, "GET", page_size=2, page_index=1)).json
    assert [one["name"] for one in last["_embedded"]["applications"]] == ["App 2"]
    assert last["_links"]["last"]["href"] == f"{PATH}?page_size=2&page_index=1"


async def test_one_that_was_removed_is_gone(house: House) -> None:
    one = f"{PATH}/{(await create(house))['id']}"
    assert (await ask(house, "DELETE", one)).status == 204
    assert problem(await ask(house, "GET", one))[:2] == (404, "#not-found")
    assert (await ask(house, "DELETE", one)).status == 404


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"type": "fax"}, "type"),
        ({"type": ""}, "type"),
        ({"answer_url": ""}, "answer_url"),
        ({"event_url": ""}, "event_url"),
        ({"answer_method": "PUT"}, "answer_url"),
        ({"event_url": "https://" + "x" * 2050}, "event_url"),
    ],
)
async def test_what_cannot_be_is_a_400(house: House, changes: dict[str, str], name: str) -> None:
    assert problem(await ask(house, "POST", **{**VOICE, **changes})) == (400, WRONG, "Bad Request", [name])
    assert (await ask(house, "GET")).json["count"] == 0


@pytest.mark.parametrize("fields", [{"page_size": 0}, {"page_size": 101}, {"page_index": -1}])
async def test_a_page_that_cannot_be_is_a_400(house: House, fields: dict[str, int]) -> None:
    assert (await ask(house, "GET", **fields)).status == 400


async def test_strangers_see_nothing(house: House) -> None:
    assert (await house.ask("GET", PATH)).status == 401
    wrong = await house.ask("GET", f"{PATH}?api_key={KEY}&api_secret=wrong")
    assert problem(wrong)[:2] == (401, "#unauthorized")
