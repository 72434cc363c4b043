"""What every path of the door has in common: tokens, CORS, and refusals in one shape."""

import base64
import json

import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from textwire.facades.kandy.door import CORS
from textwire.facades.kandy.tokens import SECONDS

from .house import CHANNELS, JSON, KEY, SMS, START, House, Session, Tenant

USER = "user-ada"
LOGIN = "/cpaas/auth/v1/token"
NOT_YOURS = (401, "SVC0001", ["unauthorized"])


async def test_the_tables_of_calls_have_all_of_them(house: House) -> None:
    calls = house.calls()
    assert len(house.door.routes) == len(calls) + 1  # the login
    assert ("POST", f"{SMS}/{USER}/outbound/default/requests") in calls
    assert ("DELETE", f"{CHANNELS}/{USER}/channels/id") in calls
    assert all(path.isascii() and "{" not in path for _, path in calls)


async def test_no_path_opens_without_a_token(house: House, ada: Tenant) -> None:
    for method, path in house.calls():
        for headers in (
            {},
            {"authorization": ""},
            {"authorization": "Bearer "},
            {"authorization": "Bearer null"},
        ):
            reply = await house.ask(method, path, b"{}", headers)
            assert reply.refusal == NOT_YOURS, (method, path)
            assert reply.headers["www-authenticate"] == "Bearer"


async def test_no_path_opens_to_another_users_token(house: House, ada: Tenant, bob: Tenant) -> None:
    for session in (await house.session(bob), await house.project(ada)):
        for method, path in house.calls():
            reply = await session.ask(method, path, b"{}")
            assert reply.refusal == (403, "POL0001", ["foreign_user"]), (method, path)


def resigned(token: str, algorithm: str, key: str = KEY, **other: object) -> str:
    """The claims of a token, some of them changed, signed in another way; `none` leaves it unsigned."""
    header, payload, _ = token.split(".")
    claims = {**json.loads(base64.urlsafe_b64decode(payload + "==")), **other}
    if algorithm != "none":
        head = {"alg": algorithm, "typ": "JWT"}
        return jws.serialize_compact(head, json.dumps(claims), OctKey.import_key(key), [algorithm])
    header, payload = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "none", "typ": "JWT"}, claims)
    )
    return f"{header}.{payload}."


def credentials(session: Session) -> dict[str, str]:
    token = session.token
    return {
        "of no algorithm": f"Bearer {resigned(token, 'none')}",
        "of another algorithm": f"Bearer {resigned(token, 'HS512')}",
        "of a foreign key": f"Bearer {resigned(token, 'HS256', 'f' * 43)}",
        "of another issuer": f"Bearer {resigned(token, 'HS256', iss='https://elsewhere.example')}",
        "expired": f"Bearer {resigned(token, 'HS256', exp=START // 1_000_000)}",
        "an id token": f"Bearer {resigned(token, 'HS256', typ='ID')}",
        "a refresh token": f"Bearer {resigned(token, 'HS256', typ='Refresh')}",
        "of nobody we know": f"Bearer {resigned(token, 'HS256', preferred_username='user-eve')}",
        "no scheme": token,
        "Basic": f"Basic {token}",
        "Token": f"Token {token}",
        "no blank": f"Bearer{token}",
        "twice": f"Bearer {token}, Bearer {token}",
        "with a tail": f"Bearer {token} x",
        "with a comma": f"Bearer {token},",
        "cut": f"Bearer {token[:-1]}",
        "stripped of its signature": f"Bearer {token.rpartition('.')[0]}.",
        "half": f"Bearer {token[: len(token) // 2]}",
        "quoted": f'Bearer "{token}"',
        "a tab between": f"Bearer\t{token}",
        "not ASCII": "Bearer \xe9\xff",
        "endless": "Bearer " + "a" * 15_000,
        "a megabyte": "Bearer " + token.replace(".", "." + "A" * 1_048_576, 1),
    }


HOSTILE = [*credentials(Session(None, "", "e30.e30.e30"))]  # type: ignore[arg-type]  # the labels alone


@pytest.mark.parametrize("label", HOSTILE)
async def test_hostile_credentials_open_nothing(session: Session, label: str) -> None:
    given = {"authorization": credentials(session)[label]}
    for method, path in session.house.calls():
        reply = await session.house.ask(method, path, b"{}", given)
        assert reply.refusal == NOT_YOURS, (method, path)
        assert reply.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_read_in_any_case(session: Session, scheme: str) -> None:
    given = {"authorization": f"{scheme} {session.token}"}
    reply = await session.house.ask("GET", f"{session.sms}/inbound/subscriptions", b"", given)
    assert reply.status == 200


async def test_claims_signed_with_our_key_are_our_token(session: Session) -> None:
    """So that each hostile token above is refused for its own reason."""
    given = {"authorization": f"Bearer {resigned(session.token, 'HS256')}"}
    reply = await session.house.ask("GET", f"{session.sms}/inbound/subscriptions", b"", given)
    assert reply.status == 200


async def test_the_id_token_is_no_access_token(house: House, ada: Tenant) -> None:
    session = await house.session(ada, "id_token")
    assert (await session.send("+16131234567")).refusal == NOT_YOURS
    assert await house.messages(ada) == []


async def test_an_expired_token_opens_nothing_and_a_newer_one_ends_none(house: House, ada: Tenant) -> None:
    first = await house.session(ada)
    house.times.after(SECONDS - 1)
    await house.session(ada)
    assert (await first.ask("GET", f"{first.sms}/inbound/subscriptions")).status == 200
    house.times.after(1)
    assert (await first.ask("GET", f"{first.sms}/inbound/subscriptions")).refusal == NOT_YOURS


async def test_after_a_failed_login_an_empty_user_is_a_401(house: House) -> None:
    # The Ruby SDK goes on with neither user nor token.
    for path in (
        f"{SMS}//outbound/default/requests",
        f"{CHANNELS}//channels",
        f"{SMS}//inbound/subscriptions",
    ):
        reply = await house.ask("POST", path, b"null", {"authorization": "Bearer ", **JSON})
        assert reply.refusal == NOT_YOURS


@pytest.mark.parametrize(
    ("method", "path", "refusal"),
    [
        ("GET", "/cpaas", (404, "SVC0004", ["resourceURL"])),
        ("GET", "/cpaas/nothing", (404, "SVC0004", ["resourceURL"])),
        ("POST", f"{SMS}/{USER}/outbound/requests", (404, "SVC0004", ["resourceURL"])),
        ("GET", f"{SMS}/{USER}/outbound/default/requests", (405, "SVC0001", ["method_not_allowed"])),
        ("PUT", f"{SMS}/{USER}/inbound/subscriptions", (405, "SVC0001", ["method_not_allowed"])),
        ("GET", f"{SMS}/%ff/inbound/subscriptions", (400, "SVC0002", ["resourceURL"])),
        ("GET", f"{SMS}/%00/inbound/subscriptions", (400, "SVC0002", ["resourceURL"])),
    ],
)
async def test_the_shells_refusals_have_the_vendors_shape(
    house: House, method: str, path: str, refusal: tuple[int, str, list[str]]
) -> None:
    assert (await house.ask(method, path)).refusal == refusal


NOWHERE = [("GET", "/cpaas/nothing"), ("PATCH", LOGIN), ("GET", f"{SMS}/%ff/x"), ("POST", f"{SMS}//outbound")]


def has_cors(headers: dict[str, str]) -> bool:
    return all(headers.get(name.lower()) == value for name, value in CORS)


async def test_cors_headers_stand_on_every_answer(house: House, ada: Tenant) -> None:
    session = await house.session(ada)
    for method, path in [*house.calls(), ("POST", LOGIN), *NOWHERE]:
        refused = await house.ask(method, path)
        assert has_cors(refused.headers), (method, path)
        assert refused.headers["content-type"] == "application/json"
        assert has_cors((await session.ask(method, path, b"{}")).headers), (method, path)


async def test_a_preflight_is_answered_on_every_path_without_a_token(house: House) -> None:
    asked = {
        "origin": "https://page.example", "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-cpaas-agent",
    }  # fmt: skip
    for path in dict.fromkeys(path for _, path in [*house.calls(), ("POST", LOGIN), *NOWHERE]):
        reply = await house.ask("OPTIONS", path, b"", asked)
        assert (reply.status, reply.body) == (204, b""), path
        allowed = {name.strip() for name in reply.headers["access-control-allow-headers"].lower().split(",")}
        assert {"authorization", "content-type", "x-cpaas-agent"} <= allowed
        methods = set(reply.headers["access-control-allow-methods"].split(", "))
        assert {"GET", "POST", "PUT", "DELETE"} <= methods
        assert reply.headers["access-control-allow-origin"] == "*"
        assert int(reply.headers["access-control-max-age"]) >= 600
        assert "access-control-allow-credentials" not in reply.headers


@pytest.mark.parametrize("junk", [b"", b"null", b"{}", b"\xff", b"[" * 1000])
async def test_bodies_of_reads_and_deletions_are_ignored(session: Session, junk: bytes) -> None:
    channel = await session.channel()
    await session.subscribe(channel)
    listed = await session.ask("GET", f"{session.sms}/inbound/subscriptions", junk)
    url = listed.json["subscriptionList"]["subscription"][0]["resourceURL"]
    assert (await session.ask("GET", url, junk)).status == 200
    assert (await session.ask("DELETE", url, junk)).status == 204
    assert (await session.ask("GET", f"{session.channels}/{channel}", junk)).status == 200
    assert (await session.ask("DELETE", f"{session.channels}/{channel}", junk)).status == 204


async def test_a_trailing_slash_makes_no_difference(session: Session) -> None:
    assert (await session.ask("GET", f"{session.sms}/inbound/subscriptions/")).status == 200
