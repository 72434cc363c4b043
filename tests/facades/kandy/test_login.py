"""The token endpoint: both grants, its errors, and what it ignores."""

import base64
import json
from typing import Any
from urllib.parse import quote

import pytest

from textwire.facades.kandy import login
from textwire.facades.kandy.tokens import SECONDS

from .house import PASSWORD, SMS, House, Reply, Tenant

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


async def test_a_refresh_token_gives_new_tokens_of_the_same_user(house: House, ada: Tenant) -> None:
    first = (await house.login(**password_form(ada))).json
    house.times.after(SECONDS - 1)
    form = {
        "grant_type": "refresh_token",
        "refresh_token": first["refresh_token"],
        "client_id": ada.public_client,
    }
    reply = await house.login(**form, scope="openid")
    assert reply.status == 200
    again = reply.json
    assert claims(again["id_token"])["preferred_username"] == ada.user.public_id
    assert claims(again["access_token"])["exp"] == claims(first["access_token"])["exp"] + SECONDS - 1
    house.times.after(1)
    is_refused(await house.login(**form, scope="openid"), 401, "invalid_grant")


async def test_an_access_token_refreshes_nothing(house: House, ada: Tenant) -> None:
    first = (await house.login(**password_form(ada))).json
    reply = await house.login(
        grant_type="refresh_token", refresh_token=first["access_token"], client_id=ada.public_client
    )
    is_refused(reply, 401, "invalid_grant")


async def test_the_shells_refusals_are_request_errors_here_too(house: House) -> None:
    large = b"x" * (login.BODY_LIMIT + 1)
    assert (await house.ask("POST", "/cpaas/auth/v1/token", large, FORM)).refusal == (
        413,
        "SVC0001",
        ["too_large"],
    )
    assert (await house.ask("GET", "/cpaas/auth/v1/token")).refusal[0] == 405


async def test_a_token_of_one_user_opens_no_path_of_another(house: House, ada: Tenant, bob: Tenant) -> None:
    session = await house.session(ada)
    reply = await session.ask("GET", f"{SMS}/{bob.user.public_id}/inbound/subscriptions")
    assert reply.refusal == (403, "POL0001", ["foreign_user"])
