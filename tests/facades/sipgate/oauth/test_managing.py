"""OAuth clients of an account: who may have them, what may be written of them, and that they end."""

import re
from typing import Any

import pytest

from tests.facades.sipgate.house import House, User
from textwire.facades.sipgate.oauth.scopes import MEANING
from textwire.facades.sipgate.oauth.written import LONGEST_ORIGIN, MOST_ADDRESSES

from .logins import error, logged_in, post
from .visitor import CLIENTS, DETAILS, registered


async def test_a_client_is_shown_with_its_secret_as_it_was_written(ada: User) -> None:
    made = (await ada.ask("POST", CLIENTS, DETAILS)).json
    assert list(made) == ["clientId", "clientSecret", *DETAILS]
    assert {name: made[name] for name in DETAILS} == DETAILS
    assert re.fullmatch(r"[0-9]{7}-0-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", made["clientId"])
    assert re.fullmatch(r"[A-Za-z0-9]{36}", made["clientSecret"])
    assert await ada.get(f"{CLIENTS}/{made['clientId']}") == made
    assert await ada.get(CLIENTS) == {"data": [made]}


async def test_the_secret_lies_sealed(house: House, ada: User) -> None:
    from textwire.store import oauth_clients

    program = await registered(ada)
    kept = await oauth_clients.by_id(house.engine, program.id)
    assert kept is not None
    assert kept.secret.startswith("s1.")
    assert program.secret not in repr(kept)


async def test_a_change_keeps_the_secret_and_the_logins(ada: User) -> None:
    program = await registered(ada)
    pair = await program.pair(ada)
    changed = await ada.ask("PUT", f"{CLIENTS}/{program.id}", {**DETAILS, "name": "Else", "redirectUris": []})
    assert (changed.status, changed.json["name"], changed.json["redirectUris"]) == (200, "Else", [])
    assert changed.json["clientSecret"] == program.secret
    assert await pair.status() == 200
    assert (await program.page()).status == 400


async def test_a_client_that_is_gone_takes_its_tokens_along(house: House, ada: User, bob: User) -> None:
    program, other = await registered(ada), await registered(ada)
    pair, kept = await program.pair(bob), await other.pair(bob)
    assert (await ada.ask("DELETE", f"{CLIENTS}/{program.id}")).status == 202
    assert (await pair.status(), await kept.status()) == (401, 200)
    fields = {"grant_type": "refresh_token", "refresh_token": pair.refresh}
    gone = await post(house, client_id=program.id, client_secret=program.secret, **fields)
    assert error(gone) == (401, "invalid_client")
    assert (await ada.ask("DELETE", f"{CLIENTS}/{program.id}")).refusal == (404, "")


async def test_another_accounts_clients_are_not_there(ada: User, bob: User) -> None:
    program = await registered(ada)
    assert (await bob.get(CLIENTS))["data"] == []
    for method, body in (("GET", None), ("PUT", DETAILS), ("DELETE", None)):
        assert (await bob.ask(method, f"{CLIENTS}/{program.id}", body)).refusal == (404, "")
    assert (await ada.get(CLIENTS))["data"][0]["clientId"] == program.id


async def test_who_may_not_manage_the_account_has_no_business_with_its_secrets(
    house: House, ada: User
) -> None:
    from textwire.domain.account import SCOPES, Caller

    eve = await house.user(ada.account, "eve")
    by = Caller(ada.account, ada.principal.id, "user", ada.principal.public_id, frozenset(SCOPES))
    await house.core.people.change(by, "user", eve.principal.public_id, scopes=frozenset(("read", "send")))
    assert (await eve.ask("GET", CLIENTS)).refusal == (403, "")
    assert (await eve.ask("POST", CLIENTS, DETAILS)).refusal == (403, "")


@pytest.mark.parametrize("word", ["oauth", "oauth2"])
async def test_scopes_open_them_in_either_spelling(ada: User, word: str) -> None:
    reader = await ada.token(f"authorization:{word}:clients:read")
    writer = await ada.token(f"authorization:{word}:clients:write")
    assert [(await one.ask("GET", CLIENTS)).status for one in (reader, writer)] == [200, 403]
    assert [(await one.ask("POST", CLIENTS, DETAILS)).status for one in (reader, writer)] == [403, 200]
    pair = await logged_in(ada, scope=f"authorization:{word}:clients:read")
    assert await pair.status(CLIENTS) == 200


async def test_where_the_small_print_is_everybody_may_ask(house: House, ada: User) -> None:
    program = await registered(ada)
    reply = await house.ask("GET", f"{CLIENTS}/{program.id}/gdpr")
    assert reply.json == {"privacyUrl": DETAILS["privacyUrl"], "termsUrl": DETAILS["termsUrl"]}
    assert (await house.ask("GET", f"{CLIENTS}/nobody/gdpr")).refusal == (404, "")


async def test_the_vendors_curl_calls_leave_the_small_print_out(ada: User) -> None:
    body = {k: v for k, v in DETAILS.items() if k not in ("privacyUrl", "termsUrl")}
    assert (await ada.ask("POST", CLIENTS, body)).json["termsUrl"] == ""


WRONG: dict[str, dict[str, Any]] = {
    "no name": {"name": None}, "an empty name": {"name": " "}, "a long name": {"name": "x" * 101},
    "a name of two lines": {"name": "a\nb"}, "a turned name": {"name": "a\u202eb"}, "a number": {"name": 5},
    "no description": {"description": None}, "a long description": {"description": "x" * 1001},
    "no addresses": {"redirectUris": None}, "one address": {"redirectUris": "http://localhost/"},
    "too many": {"redirectUris": [f"http://localhost/{n}" for n in range(21)]},
    "no origins": {"webOrigins": None}, "a path": {"webOrigins": ["/x"]},
    "small print that runs": {"privacyUrl": "javascript:alert(1)"}, "small print elsewhere": {"termsUrl": "ftp://x/"},
}  # fmt: skip
ADDRESSES = [
    "", "/oauth", "//evil.example/", "localhost:3000/oauth", "example.com:3000/oauth", "http:///x", "http://*.example.com/*", "https://example.com/*",
    "http://localhost/#x", "http://localhost/#", "http://a@b/", "http://localhost/ x", "http://localhost/\r\nX: y",
    "http://localhost;sandbox/", "http://localhost,x/", "http://loc'alhost/", "http://local%68ost/", "myapp://x;y/",
    "http://localhost/é", "javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", "blob:http://x/y", "http://[::1",
    "http://x:99999/", "http://localhost\\@evil.example/", "http://localhost/" + "x" * 2000, 7, None,
]  # fmt: skip
WRONG |= {f"address {n}": {"redirectUris": [one]} for n, one in enumerate(ADDRESSES)}


@pytest.mark.parametrize("label", [*WRONG])
async def test_what_may_not_be_written_is_refused_by_name(ada: User, label: str) -> None:
    reply = await ada.ask("POST", CLIENTS, {**DETAILS, **WRONG[label]})
    assert reply.refusal == (400, f"/{next(iter(WRONG[label]))}")
    assert (await ada.get(CLIENTS))["data"] == []


async def test_there_are_a_hundred_at_most(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textwire.switch.people.clients.MOST_CLIENTS", 2)
    statuses = [(await ada.ask("POST", CLIENTS, DETAILS)).status for _ in range(3)]
    assert statuses == [200, 200, 409]


async def test_the_audit_says_who_did_it_and_no_secret(house: House, ada: User) -> None:
    from textwire.store.engines.engine import statement

    program = await registered(ada)
    await ada.ask("PUT", f"{CLIENTS}/{program.id}", DETAILS)
    await ada.ask("DELETE", f"{CLIENTS}/{program.id}")
    rows = await house.engine.read(
        statement("select action, subject, actor, data from audit where account = :a", args="a int"),
        a=ada.account,
    )
    assert [row[0] for row in rows] == ["client.added", "client.changed", "client.removed"]
    assert {row[1:3] for row in rows} == {(program.id, ada.principal.public_id)}
    assert program.secret not in repr(rows)


async def test_a_token_that_names_as_many_origins_as_there_may_be_is_good(ada: User) -> None:
    """Every access token repeats them, and a longer one than we read would let nobody in."""
    longest = [f"https://{n:02d}.example/{'x' * (LONGEST_ORIGIN - 19)}" for n in range(MOST_ADDRESSES)]
    assert {len(one) for one in longest} == {LONGEST_ORIGIN}
    program = await registered(ada, webOrigins=longest)
    pair = await program.pair(ada, scope=" ".join(MEANING))
    assert await pair.status() == 200
    longer = {**DETAILS, "webOrigins": [longest[0] + "x"]}
    assert (await ada.ask("POST", CLIENTS, longer)).status == 400
