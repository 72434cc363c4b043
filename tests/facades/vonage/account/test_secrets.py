"""The secrets of an account: two at most, one at least, all of them good."""

import uuid

import pytest

from tests.facades.vonage.asking import basic, json, problem
from tests.facades.vonage.house import KEY, SECRET, House

PATH = f"/accounts/{KEY}/secrets"
OTHER = "Another1Secret"
MANAGEMENT = "/account/secret-management"


async def works(house: House, secret: str) -> bool:
    answer = await house.ask("GET", "/account/get-balance", headers=basic(KEY, secret))
    return answer.status == 200


async def add(house: House, secret: str = OTHER) -> str:
    answer = await json(house, "POST", PATH, {"secret": secret})
    assert answer.status == 201, answer
    return str(answer.json["id"])


async def test_secrets_are_listed_and_shown_by_what_names_them(house: House) -> None:
    listed = await json(house, "GET", PATH)
    assert (listed.status, listed.headers["content-type"]) == (200, "application/json")
    [one] = listed.json["_embedded"]["secrets"]
    assert listed.json["_links"] == {"self": {"href": PATH}}
    assert one == {
        "_links": {"self": {"href": f"{PATH}/{one['id']}"}}, "id": str(uuid.UUID(one["id"])),
        "created_at": "2027-01-15T08:00:00Z",
    }  # fmt: skip
    assert (await json(house, "GET", f"{PATH}/{one['id']}")).json == one
    assert SECRET not in listed.body.decode()


async def test_a_second_secret_is_good_beside_the_first_until_it_is_revoked(house: House) -> None:
    assert not await works(house, OTHER)
    made = await json(house, "POST", PATH, {"secret": OTHER})
    assert made.status == 201
    assert OTHER not in made.body.decode()
    assert await works(house, OTHER)
    assert await works(house, SECRET)
    gone = await json(house, "DELETE", f"{PATH}/{made.json['id']}")
    assert (gone.status, gone.body) == (204, b"")
    assert not await works(house, OTHER)
    assert await works(house, SECRET)


async def test_a_secret_may_come_in_a_form_as_an_older_sdk_sends_it(house: House) -> None:
    form = {**basic(KEY, SECRET), "Content-Type": "application/x-www-form-urlencoded"}
    made = await house.ask("POST", PATH, headers=form, body=f"secret={OTHER}".encode())
    assert made.status == 201
    assert await works(house, OTHER)


async def test_the_first_one_can_go_when_there_is_a_second(house: House) -> None:
    await add(house)
    first = (await json(house, "GET", PATH)).json["_embedded"]["secrets"][0]["id"]
    assert (await json(house, "DELETE", f"{PATH}/{first}")).status == 204
    assert not await works(house, SECRET)
    assert await works(house, OTHER)
    answer = await house.form(
        {"api_key": KEY, "api_secret": OTHER, "from": "A", "to": "447700900123", "text": "hi"}
    )
    assert answer.first["status"] == "0"


async def test_a_third_secret_is_refused(house: House) -> None:
    await add(house)
    answer = await json(house, "POST", PATH, {"secret": "YetAnother2Secret"})
    assert problem(answer) == (403, MANAGEMENT + "#add-excess-secret", "Secret Addition Forbidden", [])
    assert answer.json["detail"] == "Account reached maximum number [2] of allowed secrets"


async def test_the_last_secret_cannot_be_revoked(house: House) -> None:
    [one] = (await json(house, "GET", PATH)).json["_embedded"]["secrets"]
    answer = await json(house, "DELETE", f"{PATH}/{one['id']}")
    assert problem(answer) == (403, MANAGEMENT + "#delete-last-secret", "Secret Deletion Forbidden", [])
    assert await works(house, SECRET)


@pytest.mark.parametrize(
    "secret", ["aB3", "aB34567", "a" * 23 + "B3" + "x", "abcdefg3", "ABCDEFG3", "abcdefGH", "", 7]
)
async def test_a_secret_that_is_too_simple_is_refused(house: House, secret: object) -> None:
    answer = await json(house, "POST", PATH, {"secret": secret})
    status, kind, title, names = problem(answer)
    assert (status, title, names) == (400, "Bad Request", ["secret"])
    assert kind in (MANAGEMENT + "#validation", "#validation")
    assert len((await json(house, "GET", PATH)).json["_embedded"]["secrets"]) == 1


@pytest.mark.parametrize("secret", ["aB345678", "a" * 23 + "B3"])
async def test_a_secret_may_have_8_to_25_characters(house: House, secret: str) -> None:
    await add(house, secret)
    assert await works(house, secret)


async def test_what_is_not_there_is_told_apart(house: House) -> None:
    unknown = await json(house, "GET", f"{PATH}/{uuid.uuid4()}")
    assert problem(unknown) == (404, MANAGEMENT + "#invalid-id", "Invalid ID", [])
    assert (await json(house, "DELETE", f"{PATH}/nonsense")).status == 404
    foreign = await json(house, "GET", "/accounts/zzzz9999/secrets")
    assert problem(foreign) == (404, MANAGEMENT + "#invalid-api-key", "Invalid API Key", [])


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_only_basic_opens_this_door(house: House, method: str) -> None:
    path = PATH + "/x" if method == "DELETE" else PATH
    for headers in ({}, basic(secret="wrong"), {"authorization": "Bearer x"}):
        answer = await house.ask(method, f"{path}?api_key={KEY}&api_secret={SECRET}", headers=headers)
        assert problem(answer) == (401, "#unauthorized", "Invalid credentials supplied", [])


async def test_a_trailing_slash_and_a_body_that_is_none(house: House) -> None:
    assert (await json(house, "GET", PATH + "/")).status == 200
    answer = await house.ask("POST", PATH, b"{", basic())
    assert problem(answer)[:3] == (400, "#validation", "Bad Request")


async def test_the_credentials_of_a_chosen_secret_are_hashed_slowly(house: House) -> None:
    await add(house)
    from textwire.store import accounts

    kept = await accounts.credentials(house.core.store.engine, [f"vonage:{KEY}", f"vonage+:{KEY}"])
    assert [one.hash.startswith("$argon2id$") for one in sorted(kept, key=lambda one: one.kind)] == [
        False,
        True,
    ]
