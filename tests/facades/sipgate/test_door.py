"""What every path of the door has in common: credentials, the order of checks, CORS, refusals in one shape."""

import re

import pytest

from textwire.access import minting
from textwire.facades.sipgate.door import CORS

from .house import JSON, PASSWORD, SECOND, START, House, User, basic

INFO = "/authorization/userinfo"
PLACES = {"user": "w0", "sms": "s0", "id": "1", "who": "w0", "client": "x"}
OPEN = {
    ("GET", "/v2"),
    ("GET", "/v2/app/links"),
    ("GET", "/v2/authorization/oauth2/clients/{client}/gdpr"),
}  # what nobody has to prove anything for


def calls(house: House) -> list[tuple[str, str]]:
    """(method, path under /v2) of everything that takes credentials, made of the door's own routes."""
    return [
        (
            route.method,
            re.sub(r"\{(\w+)(?::[^/]*)?\}", lambda m: PLACES[m[1]], route.pattern).removeprefix("/v2"),
        )
        for route in house.door.routes
        if (route.method, route.pattern) not in OPEN
    ]


async def test_the_table_of_calls_names_each_of_them(house: House) -> None:
    assert ("POST", "/sessions/sms") in calls(house)
    assert all("{" not in path and "}" not in path for _, path in calls(house))


async def test_no_path_opens_without_credentials(house: House, ada: User) -> None:
    for method, path in calls(house):
        reply = await house.ask(method, path, b"{}", JSON)
        assert reply.refusal == (401, ""), (method, path)
        assert reply.headers["www-authenticate"] == 'Basic realm="sipgate"'


async def test_userinfo_names_the_extension_for_each_credential(house: House, ada: User) -> None:
    for user in (ada, await ada.token("all"), await ada.token()):
        said = await user.get(INFO)
        assert said == {
            "sub": "w0", "userId": "w0", "domain": "sipgate.de", "masterSipId": said["masterSipId"],
            "locale": "de_DE",
        }  # fmt: skip
        assert re.fullmatch(r"[0-9]{7}", said["masterSipId"])


async def test_users_are_numbered_per_account_in_the_order_in_which_they_came(
    house: House, ada: User, bob: User
) -> None:
    eve, dan = await house.user(ada.account, "eve"), await house.user(ada.account, "dan")
    assert [(await user.get(INFO))["sub"] for user in (dan, bob, eve, ada)] == ["w2", "w0", "w1", "w0"]


def hostile(user: User) -> dict[str, str]:
    good = user.header.removeprefix("Basic ")
    return {
        "nothing": "", "no scheme": good, "Bearer": f"Bearer {good}", "no blank": f"Basic{good}",
        "not base64": "Basic ada@example.test:secret", "cut": f"Basic {good[:-5]}", "a tail": f"Basic {good} x",
        "twice": f"Basic {good}, Basic {good}", "no colon": "Basic YWRh", "empty": "Basic Og==",
        "wrong password": basic("ada@example.test", "wrong"), "password and more": basic("ada@example.test", PASSWORD + " "),
        "another's": basic("bob@example.test", PASSWORD), "no name": basic("", PASSWORD),
        "an unknown token": basic("token-ABC123", "b5b1d7b0-1111-4111-8111-111111111111"),
        "not ASCII": "Basic \xe9\xff", "NUL": basic("ada@example.test\0", PASSWORD), "octets": "Basic //7/",
        "endless": "Basic " + "QUFB" * 5000,
    }  # fmt: skip


@pytest.mark.parametrize("label", [*hostile(User(None, None, "Basic YTpi"))])  # type: ignore[arg-type]  # the labels alone
async def test_hostile_credentials_open_nothing(house: House, ada: User, label: str) -> None:
    reply = await house.ask("GET", INFO, b"", {"authorization": hostile(ada)[label]})
    assert reply.refusal == (401, "")
    assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
async def test_the_scheme_is_read_in_any_case(house: House, ada: User, scheme: str) -> None:
    given = {"authorization": ada.header.replace("Basic", scheme)}
    assert (await house.ask("GET", INFO, b"", given)).status == 200


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
async def test_passwords_with_umlauts_are_read_in_either_encoding(
    house: House, ada: User, encoding: str
) -> None:
    await house.user(ada.account, "zoe", "sücret:häuser")
    given = {"authorization": basic("zoe@example.test", "sücret:häuser", encoding)}
    assert (await house.ask("GET", INFO, b"", given)).status == 200


async def test_tokens_have_the_shape_that_the_library_insists_on(ada: User) -> None:
    for _ in range(50):
        minted = minting.sipgate_token(frozenset())
        assert re.fullmatch(r"token-[a-zA-Z0-9]{6}", minted.identifier)
        assert re.fullmatch(
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", minted.secret
        )
        assert minted.secret not in repr(minted.kept)


async def test_a_token_is_over_when_its_time_is(house: House, ada: User) -> None:
    token = await ada.token("all", expires_at=START + 10 * SECOND)
    assert (await token.ask("GET", INFO)).status == 200
    house.times.real += 11 * SECOND
    assert (await token.ask("GET", INFO)).refusal == (401, "")


async def test_a_token_ends_with_its_user_at_once(house: House, ada: User) -> None:
    from textwire.domain.account import SCOPES, Caller

    eve = await house.user(ada.account, "eve")
    token = await eve.token("all")
    assert (await token.ask("GET", INFO)).status == 200
    by = Caller(ada.account, ada.principal.id, "user", ada.principal.public_id, frozenset(SCOPES))
    await house.core.people.remove(by, "user", eve.principal.public_id)
    assert (await token.ask("GET", INFO)).refusal == (401, "")
    assert (await eve.ask("GET", INFO)).refusal == (401, "")


async def test_a_tokens_scopes_are_no_words_of_the_own_api(house: House, ada: User) -> None:
    from textwire.store import people

    await ada.token("all", "history:read")
    found = await people.one(house.engine, ada.account, "user", ada.principal.public_id)
    assert found is not None
    assert found.scopes == {"read", "send", "manage"}


async def test_guessing_is_slowed_down_and_says_for_how_long(house: House, ada: User) -> None:
    given = {"authorization": basic("ada@example.test", "wrong")}
    statuses = [(await house.ask("GET", INFO, b"", given)).status for _ in range(8)]
    assert statuses[:5] == [401] * 5
    assert statuses[-1] == 429
    assert int((await house.ask("GET", INFO, b"", given)).headers["retry-after"]) >= 1


async def test_a_password_is_hashed_once_a_minute_not_once_a_call(house: House, ada: User) -> None:
    for _ in range(40):  # more than may wait for the one thread that hashes
        assert (await ada.ask("GET", INFO)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "refusal"),
    [
        ("GET", "/nothing", 404), ("POST", "/nothing", 404), ("GET", "/x0/sms", 404), ("GET", "/w/sms", 404),
        ("GET", "/w01/sms", 404), ("GET", "/v2/sessions/sms", 404), ("GET", "//sessions/sms", 404),
        ("GET", "/%ff", 404), ("GET", "/history&types=SMS", 404),
        ("GET", "/sessions/sms", 405), ("PUT", "/sessions/sms", 405), ("DELETE", INFO, 405),
    ],
)  # fmt: skip
async def test_paths_come_before_credentials_and_credentials_before_methods(
    house: House, ada: User, method: str, path: str, refusal: int
) -> None:
    reply = await ada.ask(method, path, {})
    assert reply.refusal == (refusal, "")
    assert ("allow" in reply.headers) is (refusal == 405)
    stranger = await house.ask(method, path, b"{}", JSON)
    assert stranger.status == (404 if refusal == 404 else 401)


async def test_every_preflight_is_answered(house: House) -> None:
    for path in ("/sessions/sms", "/nothing", ""):
        reply = await house.ask("OPTIONS", path)
        assert (reply.status, reply.body) == (204, b"")
        for name, value in CORS:
            assert reply.headers[name.lower()] == value


async def test_a_get_may_say_that_it_is_json(ada: User) -> None:
    assert (await ada.ask("GET", INFO, content_type="application/json", accept="*/*")).status == 200
    assert (await ada.ask("GET", f"{INFO}/")).status == 200
