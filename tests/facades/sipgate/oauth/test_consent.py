"""The login page and what comes of it: one code, for one client, at one address, once."""

import base64
import hashlib
import re
from urllib.parse import urlsplit

import pytest

from tests.facades.sipgate.house import PASSWORD, SECOND, START, House, User

from .logins import APP, FORM, OIDC, bearing, error, part, post
from .visitor import PLACE, Program, allow, answered, form_of, registered, submit

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
async def program(ada: User) -> Program:
    return await registered(ada)


async def test_the_walk_of_the_vendors_examples(house: House, bob: User, program: Program) -> None:
    """Bob is of another account than who has registered the program."""
    told = await program.code(bob)
    assert list(told) == ["state", "session_state", "code"]
    assert told["state"] == "a b&c"
    pair = (await program.redeem(told["code"])).json
    assert pair["session_state"] == told["session_state"]
    access = part(pair["access_token"], 1)
    assert access["realm_access"] == {"roles": ["balance:read", "sessions:sms:write"]}
    assert (access["azp"], access["allowed-origins"]) == (program.id, ["http://localhost:3000"])
    statuses = [
        (await bearing(house, pair["access_token"], path)).status for path in ("/balance", "/account")
    ]
    assert statuses == [200, 403]
    again = await post(
        house, client_id=program.id, client_secret=program.secret, grant_type="refresh_token",
        refresh_token=pair["refresh_token"],
    )  # fmt: skip
    assert (await bearing(house, again.json["access_token"], "/balance")).status == 200


async def test_the_page_says_who_asks_for_what_and_where_it_leads(program: Program) -> None:
    page = await program.page()
    text = page.body.decode()
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    for said in ("Termine &amp; Co asks for access", "See the balance of your account", "Send text messages", "<small>sessions:sms:write</small>",
                 "http://localhost:3000", "Books &lt;b&gt;appointments&lt;/b&gt;", "https://www.example.com/privacy"):  # fmt: skip
        assert said in text
    assert "<b>" not in text


async def test_the_page_lets_nothing_in_and_stands_in_no_frame(program: Program) -> None:
    page = await program.page()
    text, policy = page.body.decode(), page.headers["content-security-policy"]
    [style] = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.split("; ") == [
        "default-src 'none'", f"style-src 'sha256-{digest}'",
        "form-action 'self' http://localhost:3000 https: http://localhost:* http://127.0.0.1:*", "base-uri 'none'",
        "frame-ancestors 'none'",
    ]  # fmt: skip
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "same-origin"
    assert "access-control-allow-origin" not in page.headers
    assert not re.search(r"<script|<img|<link|\bon\w+=|style=", text)


async def test_text_of_others_stays_text(house: House, ada: User) -> None:
    evil = '"><script>alert(1)</script>{0}{name}%s'
    program = await registered(ada, name=evil, description=evil)
    page = await program.page(state=evil, nonce=evil)
    again = await submit(house, page, username=evil, password="x", decision="allow")
    for text in (page.body.decode(), again.body.decode()):
        assert "<script" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt;{0}{name}%s" in text


async def test_who_denies_tells_so_without_a_password(house: House, program: Program) -> None:
    reply = await submit(house, await program.page(), decision="deny")
    assert answered(reply) == {"state": "a b&c", "error": "access_denied"}


async def test_a_wrong_password_brings_the_page_again(house: House, ada: User, program: Program) -> None:
    page = await allow(house, await program.page(), ada, "wrong")
    assert page.status == 200
    assert "not the e-mail and password" in page.body.decode()
    assert 'value="ada@example.test"' in page.body.decode()
    assert "wrong" not in page.body.decode().replace("wrong email", "")
    assert answered(await allow(house, page, ada))["code"]


async def test_guessing_is_slowed_down(house: House, ada: User, program: Program) -> None:
    page = await program.page()
    statuses = [(await allow(house, page, ada, "wrong")).status for _ in range(8)]
    assert statuses[:5] == [200] * 5
    last = await allow(house, page, ada, "another")
    assert (statuses[-1], last.status) == (429, 429)
    assert int(last.headers["retry-after"]) >= 1
    assert "Too many tries" in last.body.decode()


async def test_when_too_many_log_in_at_once_the_page_says_so(
    house: House, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textwire.access.access.LOGINS_WAITING", 0)
    page = await submit(house, await program.page(), username="x@y", password="x", decision="allow")
    assert (page.status, "retry-after" in page.headers) == (429, True)
    fields = {"client_id": APP, "grant_type": "password", "username": "x@y", "password": "x"}
    assert error(await post(house, **fields)) == (429, "slow_down")


async def test_whoever_calls_with_a_key_or_a_token_is_no_user(
    house: House, ada: User, program: Program
) -> None:
    page = await submit(house, await program.page(), username="token-ABC123", password="x", decision="allow")
    assert "not the e-mail and password" in page.body.decode()


LEADS_NOWHERE = {
    "no client": {"client_id": ""},
    "an unknown client": {"client_id": "nobody"},
    "a client without pages": {"client_id": APP},
    "no address": {"redirect_uri": ""},
    "another address": {"redirect_uri": "https://evil.example/"},
    "a longer one": {"redirect_uri": PLACE + "/x"},
    "one with a query": {"redirect_uri": PLACE + "?x=1"},
    "a fragment": {"redirect_uri": PLACE + "#x"},
    "a slash more": {"redirect_uri": PLACE + "/"},
    "other letters": {"redirect_uri": PLACE.upper()},
    "a way up": {"redirect_uri": "http://localhost:3000/x/../oauth"},
    "another host behind an at": {"redirect_uri": "http://localhost:3000@evil.example/oauth"},
    "a line feed": {"redirect_uri": PLACE + "\r\nSet-Cookie: x"},
    "an endless state": {"state": "x" * 2049},
    "an endless nonce": {"nonce": "x" * 513},
    "half a character": {"state": "%ff"},
}


@pytest.mark.parametrize("label", [*LEADS_NOWHERE])
async def test_what_cannot_be_trusted_ends_on_a_page_and_never_elsewhere(
    program: Program, label: str
) -> None:
    if label == "half a character":
        reply = await program.house.ask_at("GET", f"{OIDC}/auth?client_id={program.id}&state=%ff")
    else:
        reply = await program.page(**LEADS_NOWHERE[label])
    assert reply.status == 400
    assert reply.headers["content-type"].startswith("text/html")
    assert "location" not in reply.headers
    assert "evil.example" not in reply.body.decode()


TOLD = {
    "no type": ({"response_type": ""}, "invalid_request"),
    "another type": ({"response_type": "id_token"}, "unsupported_response_type"),
    "another mode": ({"response_mode": "form_post"}, "invalid_request"),
    "no scope of ours": ({"scope": "contacts:read"}, "invalid_scope"),
    "a plain challenge": ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
    "a challenge alone": ({"code_challenge": CHALLENGE}, "invalid_request"),
    "a method alone": ({"code_challenge_method": "S256"}, "invalid_request"),
    "a short challenge": ({"code_challenge": "x", "code_challenge_method": "S256"}, "invalid_request"),
    "no page wanted": ({"prompt": "none"}, "login_required"),
}


@pytest.mark.parametrize("label", [*TOLD])
async def test_what_a_known_client_does_wrong_is_told_to_it(program: Program, label: str) -> None:
    fields, expected = TOLD[label]
    assert answered(await program.page(**fields)) == {"state": "a b&c", "error": expected}


async def test_without_a_scope_a_program_learns_who_it_is_and_no_more(
    house: House, ada: User, program: Program
) -> None:
    assert "Know who you are" in (await program.page(scope="")).body.decode()
    pair = await program.pair(ada, scope="openid")
    assert [await pair.status(path) for path in ("/authorization/userinfo", "/balance")] == [200, 403]


async def test_a_code_is_good_once_and_the_second_use_ends_what_came_of_it(
    house: House, ada: User, program: Program
) -> None:
    code = (await program.code(ada))["code"]
    first = (await program.redeem(code)).json["access_token"]
    assert (await bearing(house, first, "/balance")).status == 200
    assert error(await program.redeem(code)) == (400, "invalid_grant")
    house.times.real += SECOND
    assert (await bearing(house, first, "/balance")).status == 401


async def test_a_code_holds_a_minute(house: House, ada: User, program: Program) -> None:
    code = (await program.code(ada))["code"]
    house.times.real += 60 * SECOND
    assert error(await program.redeem(code)) == (400, "invalid_grant")


async def test_a_code_is_for_its_client_and_its_address(house: House, ada: User, program: Program) -> None:
    other = await registered(ada)
    code = (await program.code(ada))["code"]
    assert error(await other.redeem(code)) == (400, "invalid_grant")
    assert error(await program.redeem(code, redirect_uri=PLACE + "/")) == (400, "invalid_grant")
    assert error(await program.redeem(code, redirect_uri="")) == (400, "invalid_grant")
    assert error(await program.redeem(code, client_secret="x")) == (401, "unauthorized_client")
    assert error(await program.redeem(code, client_secret="")) == (401, "unauthorized_client")
    assert error(await program.redeem(code, client_secret="é\udc80".encode("utf-8", "surrogateescape").decode("utf-8", "replace"))) == (401, "unauthorized_client")  # fmt: skip
    assert error(await program.redeem(code, code_verifier=VERIFIER)) == (400, "invalid_grant")
    assert error(await program.redeem(code + "x")) == (400, "invalid_grant")
    assert (await program.redeem(code)).status == 200


async def test_a_challenge_asks_for_its_verifier(house: House, ada: User, program: Program) -> None:
    asked = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    code = (await program.code(ada, **asked))["code"]
    for wrong in ("", "w" * 43, "v" * 42, CHALLENGE, "é" * 43):
        assert error(await program.redeem(code, code_verifier=wrong)) == (400, "invalid_grant")
    assert (await program.redeem(code, code_verifier=VERIFIER)).status == 200


async def test_the_secret_may_come_in_the_header(house: House, ada: User, program: Program) -> None:
    from tests.facades.sipgate.house import basic

    code = (await program.code(ada))["code"]
    body = f"grant_type=authorization_code&redirect_uri={PLACE}&code={code}".encode()
    wrong = await house.ask_at(
        "POST", f"{OIDC}/token", body, {**FORM, "authorization": basic(program.id, "x")}
    )
    assert error(wrong) == (401, "unauthorized_client")
    right = {**FORM, "authorization": basic(program.id, program.secret)}
    assert (await house.ask_at("POST", f"{OIDC}/token", body, right)).status == 200


async def test_a_new_password_ends_a_code(house: House, ada: User, program: Program) -> None:
    from .test_token import by

    code = (await program.code(ada))["code"]
    hashed = await house.access.hashed("another-long-password")
    await house.core.people.change(by(ada), "user", ada.principal.public_id, password=hashed)
    assert error(await program.redeem(code)) == (400, "invalid_grant")


async def test_a_token_may_come_at_once_in_the_fragment(house: House, ada: User, program: Program) -> None:
    reply = await allow(house, await program.page(response_type="token"), ada)
    told = answered(reply, mark="#")
    assert (told["state"], told["token_type"], told["expires_in"]) == ("a b&c", "bearer", "300")
    assert "refresh_token" not in told
    assert (await bearing(house, told["access_token"], "/balance")).status == 200
    house.times.real += 300 * SECOND
    assert (await bearing(house, told["access_token"], "/balance")).status == 401


async def test_a_code_may_come_in_the_fragment_too(house: House, ada: User, program: Program) -> None:
    told = answered(await allow(house, await program.page(response_mode="fragment"), ada), mark="#")
    assert (await program.redeem(told["code"])).status == 200


async def test_an_address_with_a_query_keeps_it_and_a_programs_own_scheme_is_one(
    house: House, ada: User
) -> None:
    places = ["https://app.example.com/back?kind=sms", "com.example.app:/oauth", "http://[::1]:3000/oauth",
              "https://app.example.com/?"]  # fmt: skip
    program = await registered(ada, redirectUris=places)
    reply = await allow(house, await program.page(redirect_uri=places[0]), ada)
    assert reply.headers["location"].startswith(places[0] + "&state=a+b%26c&session_state=")
    page = await program.page(redirect_uri=places[1])
    assert "form-action 'self' com.example.app: https:" in page.headers["content-security-policy"]
    assert answered(await allow(house, page, ada), places[1])["code"]
    page = await program.page(redirect_uri=places[2])
    assert "form-action 'self' http: https:" in page.headers["content-security-policy"]
    page = await program.page(redirect_uri=places[3])
    assert answered(await allow(house, page, ada), places[3].removesuffix("?"))["code"]


async def test_a_nonce_comes_back_in_the_id_token_alone(ada: User, program: Program) -> None:
    pair = await program.pair(ada, nonce="n-0S6_WzA2Mj", scope="openid")
    assert part(pair.answer["id_token"], 1)["nonce"] == "n-0S6_WzA2Mj"
    assert "nonce" not in part(pair.access, 1)


async def test_a_form_is_of_our_making_of_this_realm_and_of_the_last_ten_minutes(
    house: House, ada: User, program: Program
) -> None:
    page = await program.page()
    action, carried = form_of(page)
    filled = f"&username=ada%40example.test&password={PASSWORD}&decision=allow".encode()
    for form in (b"", b"form=", b"form=x", b"form=s1.AAAA", f"form={carried[:-4]}".encode(), b"form=s1.%ff"):
        reply = await house.ask_at("POST", action, form + filled, FORM)
        assert (reply.status, "location" in reply.headers) == (400, False)
    elsewhere = action.replace("third-party", "sipgate-apps")
    reply = await house.ask_at("POST", elsewhere, f"form={carried}".encode() + filled, FORM)
    assert reply.status == 400
    house.times.real += 600 * SECOND
    assert (await allow(house, page, ada)).status == 400


async def test_what_is_sealed_for_another_use_is_no_form(house: House, ada: User, program: Program) -> None:
    from textwire.store import oauth_clients

    found = await oauth_clients.by_id(house.engine, program.id)
    assert found is not None
    reply = await house.ask_at("POST", f"{OIDC}/auth", f"form={found.secret}&decision=deny".encode(), FORM)
    assert reply.status == 400


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "same-origin"}, 302), ({"sec-fetch-site": "none"}, 302), ({}, 302),
        ({"origin": "http://login.sipgate.com"}, 302), ({"origin": "https://login.sipgate.com"}, 302),
        ({"sec-fetch-site": "cross-site"}, 400), ({"sec-fetch-site": "same-site"}, 400),
        ({"origin": "https://evil.example"}, 400), ({"origin": "null"}, 400),
        ({"origin": "http://[login"}, 400), ({"origin": "login.sipgate.com"}, 400),
        ({"origin": "http://login.sipgate.com", "sec-fetch-site": "cross-site"}, 400),
    ],
)  # fmt: skip
async def test_a_form_sent_from_another_site_is_not_heeded(
    house: House, program: Program, headers: dict[str, str], status: int
) -> None:
    """Otherwise any page could log its visitors in at a program as somebody else."""
    reply = await submit(house, await program.page(), headers, decision="deny")
    assert reply.status == status


async def test_a_program_may_post_what_it_asks(house: House, ada: User, program: Program) -> None:
    body = (
        f"client_id={program.id}&redirect_uri={PLACE}&response_type=code&scope=balance:read&state=x".encode()
    )
    page = await house.ask_at("POST", f"{OIDC}/auth", body, {**FORM, "origin": "https://app.example.com"})
    assert page.status == 200
    assert "Termine" in page.body.decode()
    assert answered(await allow(house, page, ada))["state"] == "x"
    evil = await house.ask_at("POST", f"{OIDC}/auth", body.replace(b"oauth", b"evil"), FORM)
    assert (evil.status, "location" in evil.headers) == (400, False)


async def test_a_form_for_a_client_that_is_gone_leads_nowhere(
    house: House, ada: User, program: Program
) -> None:
    page = await program.page()
    assert (await ada.ask("DELETE", f"/authorization/oauth2/clients/{program.id}")).status == 202
    assert (await allow(house, page, ada)).status == 400


async def test_a_page_writes_nothing(house: House, ada: User, program: Program) -> None:
    from textwire.store.engines.engine import statement

    await program.page()
    assert await house.engine.read(statement("select id from login")) == []
    assert house.times.real < START + SECOND


async def test_discovery_names_what_there_is_and_the_key_verifies(
    house: House, ada: User, program: Program
) -> None:
    from joserfc import jws
    from joserfc.jwk import KeySet

    realm = OIDC.removesuffix("/protocol/openid-connect")
    at = {"host": "127.0.0.1:8080"}
    told = (await house.ask_at("GET", f"{realm}/.well-known/openid-configuration", b"", at)).json
    assert told["issuer"] == f"http://127.0.0.1:8080{realm}"
    keys = (await house.ask_at("GET", urlsplit(told["jwks_uri"]).path)).json
    pair = await program.pair(ada, scope="openid")
    opened = jws.deserialize_compact(pair.answer["id_token"], KeySet.import_key_set(keys), ["RS256"])
    assert opened.payload
    path = urlsplit(told["userinfo_endpoint"]).path
    user = await house.ask_at("GET", path, b"", {"authorization": f"Bearer {pair.access}"})
    assert (user.json["sub"], user.json["email"]) == (part(pair.access, 1)["sub"], "ada@example.test")
    assert (await house.ask_at("GET", path, b"", {"authorization": "Bearer x"})).status == 401
    assert (await house.ask_at("GET", urlsplit(told["authorization_endpoint"]).path)).status == 400
    for name in ("token_endpoint", "end_session_endpoint"):
        assert (await house.ask_at("POST", urlsplit(told[name]).path, b"", FORM)).status in (400, 401)


@pytest.mark.parametrize("host", ["evil.example/x", 'a"b', "a b", "", "x" * 300])
async def test_a_host_that_is_none_does_not_get_into_tokens(house: House, host: str) -> None:
    realm = OIDC.removesuffix("/protocol/openid-connect")
    told = (await house.ask_at("GET", f"{realm}/.well-known/openid-configuration", b"", {"host": host})).json
    assert told["issuer"] == f"http://localhost{realm}"
