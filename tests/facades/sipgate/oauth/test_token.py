"""The token endpoint: passwords and refresh tokens become tokens, once each, and what they say opens the API."""

import asyncio
import re
import uuid

import pytest

from tests.facades.sipgate.house import NOW, PASSWORD, SECOND, House, User
from textwire.access.signing import SigningKey
from textwire.domain.account import SCOPES, Caller
from textwire.facades.sipgate.oauth import jwt

from .logins import (
    API,
    APP,
    FORM,
    INFO,
    OIDC,
    Pair,
    bearing,
    error,
    logged_in,
    part,
    post,
    refresh,
    refreshed,
)

PLACES = [
    f"{root}{realm}/protocol/openid-connect/token"
    for root in ("/auth/realms/", "/login/")
    for realm in ("third-party", "sipgate-apps")
]


async def test_the_answer_has_the_members_of_the_vendors(ada: User) -> None:
    said = (await logged_in(ada)).answer
    assert set(said) == {
        "access_token", "expires_in", "refresh_expires_in", "refresh_token", "token_type", "id_token",
        "not-before-policy", "session_state",
    }  # fmt: skip
    assert (said["expires_in"], said["refresh_expires_in"], said["not-before-policy"]) == (300, 2592000, 0)
    assert said["token_type"] == "bearer"
    assert str(uuid.UUID(said["session_state"])) == said["session_state"]


async def test_the_tokens_say_what_the_vendors_say(ada: User) -> None:
    said = (await logged_in(ada)).answer
    access = part(said["access_token"], 1)
    assert list(access) == [
        "jti", "exp", "nbf", "iat", "iss", "aud", "sub", "typ", "azp", "auth_time", "session_state", "acr",
        "client_session", "allowed-origins", "realm_access", "resource_access",
    ]  # fmt: skip
    assert (access["iat"], access["exp"], access["nbf"], access["auth_time"]) == (NOW, NOW + 300, 0, NOW)
    assert access["iss"] == "http://login.sipgate.com/auth/realms/third-party"
    assert access["aud"] == access["azp"] == APP
    assert re.fullmatch(r"f:[0-9a-f-]{36}:[0-9]+", access["sub"])
    assert (access["typ"], access["realm_access"]) == ("Bearer", {"roles": ["all"]})
    refresh_token, identity = part(said["refresh_token"], 1), part(said["id_token"], 1)
    assert (refresh_token["typ"], refresh_token["exp"]) == ("Refresh", NOW + 2592000)
    assert (identity["typ"], identity["exp"], identity["aud"]) == ("ID", NOW + 300, APP)
    for one in (access, refresh_token, identity):
        assert one["session_state"] == said["session_state"]
        assert one["sub"] == access["sub"]
    assert part(said["access_token"], 0)["alg"] == "RS256"


@pytest.mark.parametrize("place", PLACES)
async def test_both_hosts_paths_serve_both_realms(ada: User, place: str) -> None:
    pair = await logged_in(ada, place)
    assert await pair.status() == 200
    assert part(pair.access, 1)["iss"].endswith("/" + place.split("/protocol")[0].rpartition("/")[2])


async def test_there_is_no_other_realm(house: House) -> None:
    reply = await post(house, "/auth/realms/master/protocol/openid-connect/token", grant_type="password")
    assert error(reply) == (404, "not_found")


async def test_a_bearer_is_the_user_with_his_extension(house: House, ada: User) -> None:
    pair = await logged_in(ada, API + "/token")
    reply = await bearing(house, pair.access)
    assert (reply.json["sub"], reply.json) == ("w0", await ada.get(INFO))
    body = b'{"smsId": "s0", "recipient": "+4915799999123", "message": "Hallo"}'
    assert await pair.status("/sessions/sms", "POST", body) == 204


async def test_a_token_does_what_its_scopes_say_and_no_more(house: House, ada: User) -> None:
    pair = await logged_in(ada, scope="openid balance:read contacts:read")
    assert part(pair.access, 1)["realm_access"] == {"roles": ["balance:read"]}
    assert [await pair.status(path) for path in ("/balance", "/account", INFO)] == [200, 403, 200]
    again = await refreshed(pair)
    assert [await again.status(path) for path in ("/balance", "/account")] == [200, 403]


async def test_scopes_that_mean_nothing_here_are_no_login(house: House, ada: User) -> None:
    fields = {
        "client_id": APP,
        "grant_type": "password",
        "username": ada.principal.email,
        "password": PASSWORD,
    }
    assert error(await post(house, **fields, scope="contacts:read internal")) == (400, "invalid_scope")
    assert error(await post(house, **fields, scope="all " * 2000)) == (400, "invalid_scope")


async def test_a_token_is_over_after_five_minutes(house: House, ada: User) -> None:
    pair = await logged_in(ada)
    house.times.real += 299 * SECOND
    assert await pair.status() == 200
    house.times.real += SECOND
    assert await pair.status() == 401


async def test_a_refresh_replaces_the_pair(house: House, ada: User) -> None:
    first = await logged_in(ada)
    second = await refreshed(first)
    assert second.answer["session_state"] == first.answer["session_state"]
    assert (await first.status(), await second.status()) == (401, 200)


async def test_a_refresh_token_holds_thirty_days_from_the_last_one(house: House, ada: User) -> None:
    pair = await logged_in(ada)
    house.times.real += 29 * 86_400 * SECOND
    pair = await refreshed(pair)
    house.times.real += 29 * 86_400 * SECOND
    pair = await refreshed(pair)
    house.times.real += 30 * 86_400 * SECOND
    assert error(await refresh(pair)) == (400, "invalid_grant")


async def test_a_refresh_token_that_comes_twice_ends_everything_that_came_of_it(
    house: House, ada: User
) -> None:
    other = await logged_in(ada)
    first = await logged_in(ada)
    second = await refreshed(first)
    assert error(await refresh(first)) == (400, "invalid_grant")
    house.times.real += SECOND
    assert await second.status() == 401
    assert error(await refresh(second)) == (400, "invalid_grant")
    assert await other.status() == 200


async def test_of_many_that_use_a_refresh_token_at_once_one_gets_tokens(house: House, ada: User) -> None:
    pair = await logged_in(ada)
    replies = await asyncio.gather(*(refresh(pair) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [200] + [400] * 19


async def test_logging_out_ends_the_login_at_once(house: House, ada: User) -> None:
    pair, other = await logged_in(ada), await logged_in(ada)
    reply = await post(house, f"{OIDC}/logout", client_id=APP, refresh_token=pair.refresh)
    assert reply.status == 204
    assert (await pair.status(), await other.status()) == (401, 200)
    assert error(await refresh(pair)) == (400, "invalid_grant")


def by(user: User) -> Caller:
    person = user.principal
    return Caller(person.account, person.id, "user", person.public_id, frozenset(SCOPES))


async def test_a_new_password_ends_the_logins_with_the_old_one(house: House, ada: User) -> None:
    pair = await logged_in(ada)
    assert await pair.status() == 200
    hashed = await house.access.hashed("another-long-password")
    await house.core.people.change(by(ada), "user", ada.principal.public_id, password=hashed)
    assert await pair.status() == 401
    assert error(await refresh(pair)) == (400, "invalid_grant")


async def test_a_user_who_is_gone_has_no_tokens(house: House, ada: User) -> None:
    eve = await house.user(ada.account, "eve")
    pair = await logged_in(eve)
    assert await pair.status() == 200
    await house.core.people.remove(by(ada), "user", eve.principal.public_id)
    assert await pair.status() == 401
    assert error(await refresh(pair)) == (400, "invalid_grant")


REFUSED = {
    "no grant": ({"grant_type": ""}, (400, "invalid_request")),
    "an unknown grant": ({"grant_type": "client_credentials"}, (400, "unsupported_grant_type")),
    "no client": ({"client_id": ""}, (401, "invalid_client")),
    "an unknown client": ({"client_id": "nobody"}, (401, "invalid_client")),
    "an endless client": ({"client_id": "x" * 20_000}, (401, "invalid_client")),
    "no user": ({"username": ""}, (400, "invalid_request")),
    "no password": ({"password": ""}, (400, "invalid_request")),
    "an unknown user": ({"username": "nobody@example.test"}, (401, "invalid_grant")),
    "a wrong password": ({"password": "wrong"}, (401, "invalid_grant")),
    "a token's name": ({"username": "token-ABC123"}, (401, "invalid_grant")),
}


@pytest.mark.parametrize("label", [*REFUSED])
async def test_logins_are_refused_in_keycloaks_words(house: House, ada: User, label: str) -> None:
    other, expected = REFUSED[label]
    fields = {
        "client_id": APP,
        "grant_type": "password",
        "username": ada.principal.email,
        "password": PASSWORD,
    }
    reply = await post(house, **{**fields, **other})
    assert error(reply) == expected
    assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("body", [b"", b"%ff=%ff", b"grant_type=password&x=%00", b"&" * 200])
async def test_forms_that_cannot_be_read_are_refused(house: House, body: bytes) -> None:
    assert error(await house.ask_at("POST", f"{OIDC}/token", body, FORM)) == (400, "invalid_request")


async def test_guessing_is_slowed_down_and_lets_others_in(house: House, ada: User) -> None:
    fields = {
        "client_id": APP,
        "grant_type": "password",
        "username": ada.principal.email,
        "password": "wrong",
    }
    replies = [await post(house, **fields) for _ in range(8)]
    assert [reply.status for reply in replies[:5]] == [401] * 5
    assert error(replies[-1]) == (429, "slow_down")
    assert int(replies[-1].headers["retry-after"]) >= 1
    bob = await house.tenant("bob")
    assert await (await logged_in(bob)).status() == 200


async def test_other_kinds_of_tokens_open_nothing(house: House, ada: User) -> None:
    pair = await logged_in(ada)
    for name in ("refresh_token", "id_token"):
        assert (await bearing(house, pair.answer[name])).refusal == (401, "")
    for name in ("access_token", "id_token"):
        swapped = Pair(house, {"refresh_token": pair.answer[name]})
        assert error(await refresh(swapped)) == (400, "invalid_grant")
    assert await pair.status() == 200


async def test_a_user_has_a_hundred_logins_through_a_client_and_the_oldest_end(
    house: House, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textwire.switch.logins.MOST_OF_A_CLIENT", 3)
    pairs = [await logged_in(ada) for _ in range(5)]
    assert [await pair.status() for pair in pairs] == [401, 401, 200, 200, 200]


async def test_what_is_over_is_forgotten(house: House, ada: User) -> None:
    from textwire.store.engines.engine import statement

    for _ in range(3):
        await logged_in(ada)
    house.times.real += 2592001 * SECOND
    kept = await logged_in(ada)
    assert await house.core.desk.logins.forget() is False
    rows = await house.engine.read(statement("select session from login"))
    assert rows == [(kept.answer["session_state"],)]


async def test_the_key_outlives_the_process_and_lies_sealed(house: House, ada: User) -> None:
    from textwire.facades.sipgate.oauth import door as login
    from textwire.store import accounts

    pair = await logged_in(ada)
    again = login.tokens(house.core.desk)
    assert (await again.caller(pair.access)).principal == ada.principal.id
    kept = await accounts.setting(house.engine, "signing_key")
    assert kept is not None
    assert kept.startswith("s1.")


async def test_pages_of_other_origins_may_ask(house: House) -> None:
    reply = await house.ask_at("OPTIONS", f"{OIDC}/token")
    assert (reply.status, reply.headers["access-control-allow-origin"]) == (204, "*")
    assert "authorization" in reply.headers["access-control-allow-headers"].lower()


async def test_what_our_own_key_has_signed_is_still_asked_whether_it_counts(house: House, ada: User) -> None:
    """Whoever gets hold of a token may not stretch it; and no member of it is believed to be there."""
    desk = house.core.desk
    pem = await SigningKey(desk.store, desk.seal, desk.unseal).pem()
    good = part((await logged_in(ada)).access, 1)
    assert (await bearing(house, jwt.sign(good, pem))).status == 200
    hostile: list[dict[str, object]] = [
        {"session_state": str(uuid.uuid4())}, {"session_state": ""}, {"session_state": 7}, {"client_session": ""},
        {"client_session": str(uuid.uuid4())}, {"exp": NOW}, {"exp": "9999999999"}, {"exp": None}, {"typ": "bearer"},
        {"typ": ["Bearer"]}, {"azp": None}, {"realm_access": "all"}, {"realm_access": {"roles": "all"}},
    ]  # fmt: skip
    for other in hostile:
        assert (await bearing(house, jwt.sign({**good, **other}, pem))).refusal == (401, ""), other
    for missing in ("exp", "typ", "azp", "session_state", "client_session"):
        less = {name: value for name, value in good.items() if name != missing}
        assert (await bearing(house, jwt.sign(less, pem))).status == 401, missing
    without = {name: value for name, value in good.items() if name != "realm_access"}
    assert (await bearing(house, jwt.sign(without, pem), "/balance")).status == 403
