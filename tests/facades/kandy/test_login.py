"""The token endpoint: both grants, its errors, and what it ignores."""

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

import pytest

from textwire.access import minting
from textwire.access.secrets import password_hash
from textwire.domain.account import SCOPES, Caller
from textwire.facades.kandy import login
from textwire.facades.kandy.tokens import SECONDS
from textwire.store.engines.engine import Unavailable

from .house import PASSWORD, SMS, House, Reply, Session, Tenant

LOGIN = "/cpaas/auth/v1/token"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True))
    return read


def password_form(tenant: Tenant, **other: str) -> dict[str, str]:
    form = {
        "grant_type": "password", "client_id": tenant.public_client, "username": tenant.user.email,
        "password": PASSWORD, "scope": "openid",
    }  # fmt: skip
    return {name: value for name, value in {**form, **other}.items() if value}


def client_form(tenant: Tenant, **other: str) -> dict[str, str]:
    form = {
        "grant_type": "client_credentials", "client_id": tenant.project_client, "client_secret": tenant.secret,
        "scope": "openid",
    }  # fmt: skip
    return {name: value for name, value in {**form, **other}.items() if value}


def is_refused(reply: Reply, status: int, error: str) -> None:
    assert reply.status == status
    assert reply.headers["content-type"] == "application/json"
    assert reply.headers["access-control-allow-origin"] == "*"
    said = reply.json
    assert said["error"] == error
    assert said["error_description"] == said["message"]
    assert said["message"]


async def test_a_password_gives_the_users_tokens(house: House, ada: Tenant) -> None:
    reply = await house.login(**password_form(ada))
    assert reply.status == 200
    assert reply.headers["cache-control"] == "no-store"
    said = reply.json
    assert set(said) == {
        "access_token", "id_token", "refresh_token", "expires_in", "refresh_expires_in", "token_type",
        "not-before-policy", "session_state", "scope",
    }  # fmt: skip
    assert (said["expires_in"], said["token_type"], said["scope"]) == (
        SECONDS,
        "bearer",
        "openid profile email",
    )
    identity = claims(said["id_token"])
    assert identity["preferred_username"] == ada.user.public_id
    assert identity["email"] == ada.user.email
    assert identity["sms-did-list"] == ",".join(ada.numbers)


async def test_a_secret_gives_the_projects_tokens(house: House, ada: Tenant) -> None:
    reply = await house.login(**client_form(ada))
    assert reply.status == 200
    assert claims(reply.json["id_token"])["preferred_username"] == ada.project.public_id
    assert claims(reply.json["access_token"])["azp"] == "PRIV-ada.x1.My project"


@pytest.mark.parametrize("blank", ["%20", "+"])
async def test_a_blank_in_a_client_id_arrives_either_way(house: House, ada: Tenant, blank: str) -> None:
    body = f"grant_type=client_credentials&client_id=PRIV-ada.x1.My{blank}project&client_secret={quote(ada.secret)}&scope=openid"
    assert (await house.ask("POST", "/cpaas/auth/v1/token", body, FORM)).status == 200


async def test_the_grant_type_decides_when_a_password_comes_beside_a_secret(
    house: House, ada: Tenant
) -> None:
    reply = await house.login(**client_form(ada, username=ada.user.email, password="wrong"))
    assert claims(reply.json["id_token"])["preferred_username"] == ada.project.public_id


@pytest.mark.parametrize("header", ["Bearer null", "Bearer ", "Basic Zm9vOmJhcg==", "\x01"])
async def test_an_authorization_header_is_ignored(house: House, ada: Tenant, header: str) -> None:
    login = "&".join(f"{name}={value}" for name, value in password_form(ada).items()).replace(" ", "+")
    reply = await house.ask("POST", "/cpaas/auth/v1/token", login, {**FORM, "authorization": header})
    assert reply.status == 200


@pytest.mark.parametrize("scope", ["openid", "openid regular_call", "profile  openid", ""])
async def test_a_scope_that_holds_openid_will_do_and_so_does_none(
    house: House, ada: Tenant, scope: str
) -> None:
    assert (await house.login(**password_form(ada, scope=scope))).status == 200


PASSWORD_TABLE = [
    ("wrong password", {"password": "wrong"}, 401, "invalid_grant"),
    ("unknown user", {"username": "nobody@example.test"}, 401, "invalid_grant"),
    ("user of another account", {"username": "bob@example.test"}, 401, "invalid_grant"),
    ("unknown client", {"client_id": "PUB-nobody"}, 401, "invalid_client"),
    ("a project's client", {"client_id": "PRIV-ada.x1.My project"}, 401, "invalid_client"),
    ("no client", {"client_id": ""}, 400, "invalid_request"),
    ("no user", {"username": ""}, 400, "invalid_request"),
    ("no password", {"password": ""}, 400, "invalid_request"),
    ("no grant", {"grant_type": ""}, 400, "invalid_request"),
    ("unknown grant", {"grant_type": "authorization_code"}, 400, "unsupported_grant_type"),
    ("no openid", {"scope": "profile"}, 400, "invalid_scope"),
    ("endless password", {"password": "x" * 2000}, 401, "invalid_grant"),
    ("SQL", {"username": "' or 1=1 --"}, 401, "invalid_grant"),
]


@pytest.mark.parametrize(
    ("other", "status", "error"), [row[1:] for row in PASSWORD_TABLE], ids=[r[0] for r in PASSWORD_TABLE]
)
async def test_password_logins_that_are_refused(
    house: House, ada: Tenant, bob: Tenant, other: dict[str, str], status: int, error: str
) -> None:
    is_refused(await house.login(**password_form(ada, **other)), status, error)


CLIENT_TABLE = [
    ("wrong secret", {"client_secret": "wrong"}, 401, "invalid_client"),
    (
        "secret of another project",
        {"client_secret": "bob's secret".ljust(32, "!")},
        401,
        "invalid_client",
    ),
    ("a public client", {"client_id": "PUB-ada.x1"}, 401, "invalid_client"),
    ("unknown client", {"client_id": "PRIV-nobody"}, 401, "invalid_client"),
    ("no secret", {"client_secret": ""}, 400, "invalid_request"),
    ("no client", {"client_id": ""}, 400, "invalid_request"),
]


@pytest.mark.parametrize(
    ("other", "status", "error"), [row[1:] for row in CLIENT_TABLE], ids=[r[0] for r in CLIENT_TABLE]
)
async def test_client_logins_that_are_refused(
    house: House, ada: Tenant, bob: Tenant, other: dict[str, str], status: int, error: str
) -> None:
    is_refused(await house.login(**client_form(ada, **other)), status, error)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"null",
        b"\xff=\xff",
        b"grant_type=%ff",
        b"grant_type=%00",
        b"&" * 200,
        b"grant_type[]=password",
    ],
)
async def test_a_body_that_is_no_form_of_ours_is_an_invalid_request(house: House, body: bytes) -> None:
    is_refused(await house.ask("POST", "/cpaas/auth/v1/token", body, FORM), 400, "invalid_request")


async def test_too_many_logins_at_once_are_told_to_come_back(
    house: House, ada: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textwire.access.access.LOGINS_WAITING", 0)
    reply = await house.login(**password_form(ada))
    is_refused(reply, 429, "temporarily_unavailable")
    assert reply.headers["retry-after"] == "1"


@pytest.mark.parametrize("username", ["ada@example.test", "nobody@example.test"])
async def test_after_five_wrong_passwords_everybody_is_told_to_wait_alike(
    house: House, ada: Tenant, username: str
) -> None:
    for n in range(5):
        form = password_form(ada, username=username, password=f"guess {n}")
        is_refused(await house.login(**form), 401, "invalid_grant")
    for n in range(5, 1000):
        form = password_form(ada, username=username, password=f"guess {n}")
        reply = await house.login(**form)
        is_refused(reply, 429, "slow_down")
        assert reply.headers["retry-after"] == "1"
    house.times.after(1)
    if username == ada.user.email:
        assert (await house.login(**password_form(ada))).status == 200


async def test_after_five_wrong_secrets_a_client_waits(house: House, ada: Tenant) -> None:
    for n in range(5):
        is_refused(await house.login(**client_form(ada, client_secret=f"guess {n}")), 401, "invalid_client")
    is_refused(await house.login(**client_form(ada)), 429, "slow_down")
    assert (await house.login(**password_form(ada))).status == 200
    house.times.after(1)
    assert (await house.login(**client_form(ada))).status == 200


def refresh_form(client: str, said: dict[str, Any], **other: str) -> dict[str, str]:
    return {
        "grant_type": "refresh_token", "refresh_token": said["refresh_token"], "client_id": client, "scope": "openid",
    } | other  # fmt: skip


async def test_a_refresh_token_gives_new_tokens_of_the_same_user(house: House, ada: Tenant) -> None:
    first = (await house.login(**password_form(ada))).json
    house.times.after(SECONDS - 1)
    form = refresh_form(ada.public_client, first)
    reply = await house.login(**form)
    assert reply.status == 200
    again = reply.json
    assert set(again) == set(first)
    assert claims(again["id_token"])["preferred_username"] == ada.user.public_id
    assert claims(again["access_token"])["exp"] == claims(first["access_token"])["exp"] + SECONDS - 1
    assert (first["refresh_expires_in"], again["refresh_expires_in"]) == (SECONDS, 1)
    house.times.after(1)
    is_refused(await house.login(**form), 401, "invalid_grant")


async def test_the_new_tokens_of_a_refresh_open_the_users_paths(house: House, ada: Tenant) -> None:
    first = (await house.login(**password_form(ada))).json
    again = (await house.login(**refresh_form(ada.public_client, first))).json
    for said in (first, again):
        session = Session(house, ada.user.public_id, said["access_token"])
        assert (await session.ask("GET", f"{session.sms}/inbound/subscriptions")).status == 200


async def test_a_project_refreshes_and_a_secret_that_comes_with_it_has_to_be_right(
    house: House, ada: Tenant
) -> None:
    first = (await house.login(**client_form(ada))).json
    form = refresh_form(ada.project_client, first)
    for right in (form, {**form, "client_secret": ada.secret}):
        reply = await house.login(**right)
        assert claims(reply.json["id_token"])["preferred_username"] == ada.project.public_id
    is_refused(await house.login(**form, client_secret="wrong"), 401, "invalid_client")


async def another_password(house: House, ada: Tenant) -> None:
    await house.core.people.change(boss(ada), "user", ada.user.public_id, password=password_hash("other"))


async def another_secret(house: House, ada: Tenant) -> None:
    minted = minting.kandy_secret(ada.project_client)
    await house.core.people.change(boss(ada), "project", ada.project.public_id, secret=minted.kept)


async def the_user_goes(house: House, ada: Tenant) -> None:
    await house.core.people.remove(boss(ada), "user", ada.user.public_id)


async def the_project_goes(house: House, ada: Tenant) -> None:
    await house.core.people.remove(boss(ada), "project", ada.project.public_id)


def boss(tenant: Tenant) -> Caller:
    return Caller(tenant.user.account, tenant.user.id, "key", "boss", frozenset(SCOPES))


@pytest.mark.parametrize(
    ("form", "happens"),
    [
        (password_form, another_password), (password_form, the_user_goes),
        (client_form, another_secret), (client_form, the_project_goes),
    ],
)  # fmt: skip
async def test_a_refresh_token_ends_with_what_it_was_got_with(
    house: House, ada: Tenant, form: Callable[[Tenant], dict[str, str]],
    happens: Callable[[House, Tenant], Awaitable[None]],
) -> None:  # fmt: skip
    said = (await house.login(**form(ada))).json
    again = refresh_form(form(ada)["client_id"], said)
    assert (await house.login(**again)).status == 200
    await happens(house, ada)
    is_refused(await house.login(**again), 401, "invalid_grant")


async def test_a_new_e_mail_address_ends_no_refresh_token(house: House, ada: Tenant) -> None:
    said = (await house.login(**password_form(ada))).json
    await house.core.people.change(boss(ada), "user", ada.user.public_id, email="new@example.test")
    again = (await house.login(**refresh_form(ada.public_client, said))).json
    assert claims(again["id_token"])["email"] == "new@example.test"


async def test_whoever_is_gone_has_no_access_any_more_a_second_later(house: House, ada: Tenant) -> None:
    session = await house.session(ada)
    assert (await session.ask("GET", f"{session.sms}/inbound/subscriptions")).status == 200
    await the_user_goes(house, ada)
    house.times.after(1)
    reply = await session.ask("GET", f"{session.sms}/inbound/subscriptions")
    assert reply.refusal == (401, "SVC0001", ["unauthorized"])


@pytest.mark.parametrize("missing", ["refresh_token", "client_id"])
async def test_a_refresh_needs_its_token_and_its_client(house: House, ada: Tenant, missing: str) -> None:
    form = refresh_form(ada.public_client, (await house.login(**password_form(ada))).json)
    is_refused(await house.login(**{**form, missing: ""}), 400, "invalid_request")


async def test_a_refresh_token_is_good_for_its_own_client_alone(
    house: House, ada: Tenant, bob: Tenant
) -> None:
    said = (await house.login(**password_form(ada))).json
    for client in (bob.public_client, ada.project_client, "PUB-nobody"):
        is_refused(await house.login(**refresh_form(client, said)), 401, "invalid_grant")


async def test_an_access_token_refreshes_nothing(house: House, ada: Tenant) -> None:
    first = (await house.login(**password_form(ada))).json
    reply = await house.login(
        grant_type="refresh_token", refresh_token=first["access_token"], client_id=ada.public_client
    )
    is_refused(reply, 401, "invalid_grant")


SHELL = [
    ("a long body", "POST", LOGIN, b"x" * (login.BODY_LIMIT + 1), 413, "invalid_request"),
    (
        "a megabyte of refresh token",
        "POST",
        LOGIN,
        b"refresh_token=" + b"A" * 1_048_576,
        413,
        "invalid_request",
    ),
    ("GET", "GET", LOGIN, b"", 405, "invalid_request"),
    ("PUT", "PUT", LOGIN, b"", 405, "invalid_request"),
    ("another path", "POST", "/cpaas/auth/v2/token", b"", 404, "invalid_request"),
    ("a broken path", "POST", "/cpaas/auth/%ff", b"", 400, "invalid_request"),
]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "error"), [row[1:] for row in SHELL], ids=[row[0] for row in SHELL]
)
async def test_the_shells_refusals_are_in_oauths_words_here(
    house: House, method: str, path: str, body: bytes, status: int, error: str
) -> None:
    is_refused(await house.ask(method, path, body, FORM), status, error)


async def test_a_compressed_login_is_refused_in_the_same_words(house: House) -> None:
    reply = await house.ask("POST", LOGIN, b"x", {**FORM, "content-encoding": "gzip"})
    is_refused(reply, 415, "invalid_request")


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        (ZeroDivisionError("secret words"), 500, "server_error"),
        (Unavailable("disk"), 503, "temporarily_unavailable"),
    ],
)
async def test_our_own_faults_are_in_the_same_words_and_show_nothing(
    house: House, ada: Tenant, monkeypatch: pytest.MonkeyPatch, fault: Exception, status: int, error: str
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise fault

    monkeypatch.setattr(house.core.store.engine, "read", broken)
    reply = await house.login(**client_form(ada))
    is_refused(reply, status, error)
    assert b"secret" not in reply.body


async def test_a_token_of_one_user_opens_no_path_of_another(house: House, ada: Tenant, bob: Tenant) -> None:
    session = await house.session(ada)
    reply = await session.ask("GET", f"{SMS}/{bob.user.public_id}/inbound/subscriptions")
    assert reply.refusal == (403, "POL0001", ["foreign_user"])
