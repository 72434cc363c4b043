"""What Vonage's clients call with in the name of an account: made on demand, shown once, changed without a gap."""

from typing import Any

import pytest

from tests.facades.api.house import House, Tenant
from textwire.domain.account import SIGNATURE
from textwire.domain.refusal import Refusal

PATH = "/api/account/vonage"


async def made(tenant: Tenant, **wished: bool) -> Any:
    reply = await tenant.ask("POST", PATH, wished)
    assert reply.status == 201, reply
    return reply.json


async def proves(house: House, api_key: str, secret: str, account: int) -> bool:
    """Whether a pair is good at Vonage's door."""
    try:
        caller = await house.access.client("vonage", api_key, secret)
    except Refusal as refusal:
        return refusal.code != "unauthorized"
    assert (caller.account, caller.kind, caller.public_id) == (account, "system", f"vonage-{api_key}")
    return True


async def signs(house: House, api_key: str) -> str:
    """The secret that requests of this key are signed with."""
    found: list[str] = []

    def look(sealed: str) -> bool:
        found.append(house.core.desk.unseal(sealed))
        return True

    await house.access.proved(SIGNATURE, api_key, look)
    return found[0]


async def test_an_account_without_an_api_key_says_so(house: House) -> None:
    assert await house.bob.get(PATH) == {"api_key": None, "api_secrets": [], "signature_since": None}


async def test_the_first_time_everything_is_made_and_shown(house: House) -> None:
    new = await made(house.bob)
    assert (len(new["api_key"]), len(new["api_secret"]), len(new["signature_secret"])) == (8, 24, 40)
    assert await proves(house, new["api_key"], new["api_secret"], house.bob.account)
    assert await signs(house, new["api_key"]) == new["signature_secret"]
    seen = await house.bob.ask("GET", PATH)
    assert seen.json == {name: new[name] for name in ("api_key", "api_secrets", "signature_since")}
    assert len(seen.json["api_secrets"]) == 1
    assert (await house.alice.get(PATH))["api_key"] is None


async def test_what_is_there_is_neither_made_again_nor_shown(house: House) -> None:
    new = await made(house.bob)
    again = await made(house.bob)
    assert again == new | {"api_secret": None, "signature_secret": None}
    assert await proves(house, new["api_key"], new["api_secret"], house.bob.account)


async def test_a_secret_is_followed_by_another_without_a_gap(house: House) -> None:
    first = await made(house.bob)
    second = await made(house.bob, api_secret=True)
    assert (second["api_key"], second["signature_secret"]) == (first["api_key"], None)
    both = [one["api_secret"] for one in (first, second)]
    assert [await proves(house, first["api_key"], one, house.bob.account) for one in both] == [True, True]
    ended = await made(house.bob, end_old=True)
    assert (ended["api_secret"], len(ended["api_secrets"])) == (None, 1)
    assert [await proves(house, first["api_key"], one, house.bob.account) for one in both] == [False, True]


async def test_of_three_the_oldest_ends(house: House) -> None:
    made_ = [await made(house.bob, api_secret=True) for _ in range(3)]
    key = made_[0]["api_key"]
    good = [await proves(house, key, one["api_secret"], house.bob.account) for one in made_]
    assert good == [False, True, True]


async def test_after_a_leak_nothing_of_before_is_good(house: House) -> None:
    old = await made(house.bob)
    await made(house.bob, api_secret=True)
    new = await made(house.bob, api_secret=True, signature_secret=True, end_old=True)
    assert not await proves(house, old["api_key"], old["api_secret"], house.bob.account)
    assert await proves(house, old["api_key"], new["api_secret"], house.bob.account)
    assert await signs(house, old["api_key"]) == new["signature_secret"] != old["signature_secret"]


async def test_a_secret_made_over_vonages_own_api_is_one_of_them(house: House) -> None:
    new = await made(house.bob)
    [caller] = [await house.access.client("vonage", new["api_key"], new["api_secret"])]
    from textwire.access import minting

    hashed = await house.access.hashed("Chosen0secret")
    await house.core.people.secrets.add(caller, minting.vonage(new["api_key"], hashed))
    assert len((await house.bob.get(PATH))["api_secrets"]) == 2
    await made(house.bob, end_old=True)
    assert await proves(house, new["api_key"], "Chosen0secret", house.bob.account)
    assert not await proves(house, new["api_key"], new["api_secret"], house.bob.account)


async def test_the_same_request_shows_the_same_secrets_which_are_kept_sealed(house: House) -> None:
    first, again = [
        await house.bob.ask("POST", PATH, {"api_secret": True}, idempotency_key="k") for _ in range(2)
    ]
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    assert len((await house.bob.get(PATH))["api_secrets"]) == 1
    from textwire.store.engines.engine import statement

    kept = str(
        [
            await house.engine.read(statement("select answer from idempotency")),
            await house.engine.read(statement("select hash, lookup from credential")),
            await house.engine.read(statement("select data from audit")),
        ]
    )
    assert first.json["api_key"] in kept
    assert first.json["api_secret"] not in kept
    assert first.json["signature_secret"] not in kept


async def test_a_key_that_only_reads_sees_and_makes_nothing(house: House) -> None:
    key = await house.bob.ask("POST", "/api/keys", {"name": "x", "scopes": ["read"]})
    reader = house.bob._replace(key=key.json["key"])
    assert (await reader.get(PATH))["api_key"] is None
    assert (await reader.ask("POST", PATH, {})).problem == (403, "scope_missing", [])


async def test_a_new_account_has_them_in_the_answer_that_opens_it(house: House) -> None:
    reply = await house.alice.ask("POST", "/api/accounts", {"name": "carol"}, idempotency_key="k")
    opened, vonage = reply.json, reply.json["vonage"]
    assert set(vonage) == {"api_key", "api_secret", "signature_secret"}
    assert await proves(house, vonage["api_key"], vonage["api_secret"], int(opened["id"]))
    assert await signs(house, vonage["api_key"]) == vonage["signature_secret"]
    carol = house.alice._replace(key=opened["key"], account=int(opened["id"]))
    assert (await carol.get(PATH))["api_key"] == vonage["api_key"]
    again = await house.alice.ask("POST", "/api/accounts", {"name": "carol"}, idempotency_key="k")
    assert again.body == reply.body


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({"api_secret": "Mine0secret"}, "invalid_field", "api_secret"),
        ({"api_key": "abcd1234"}, "unknown_field", "api_key"),
        ({"end_old": 1}, "invalid_field", "end_old"),
    ],
)
async def test_what_cannot_be_is_refused_by_name(house: House, body: Any, code: str, field: str) -> None:
    assert (await house.bob.ask("POST", PATH, body)).problem == (400, code, [field])
