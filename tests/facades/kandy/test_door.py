"""What every path of the door has in common: tokens, CORS, and refusals in one shape."""

import pytest

from textwire.facades.kandy.door import CORS
from textwire.facades.kandy.tokens import SECONDS

from .house import CHANNELS, JSON, SMS, House, Session, Tenant

USER = "user-ada"
PATHS = [
    ("POST", f"{SMS}/{USER}/outbound/default/requests"),
    ("POST", f"{SMS}/{USER}/inbound/subscriptions"),
    ("GET", f"{SMS}/{USER}/inbound/subscriptions"),
    ("GET", f"{SMS}/{USER}/inbound/subscriptions/1"),
    ("DELETE", f"{SMS}/{USER}/inbound/subscriptions/1"),
    ("POST", f"{CHANNELS}/{USER}/channels"),
    ("GET", f"{CHANNELS}/{USER}/channels"),
    ("GET", f"{CHANNELS}/{USER}/channels/wh-1"),
    ("DELETE", f"{CHANNELS}/{USER}/channels/wh-1"),
]
NOT_YOURS = (401, "SVC0001", ["unauthorized"])


async def test_the_table_of_paths_is_the_doors(house: House) -> None:
    login = {("POST", "/cpaas/auth/v1/token")}
    filled = {"{user}": USER, "{sender}": "default"}
    found = set()
    for route in house.door.routes:
        pattern = route.pattern
        for name, value in filled.items():
            pattern = pattern.replace(name, value)
        found.add(
            (route.method, pattern.replace("subscriptions/{id}", "subscriptions/1").replace("{id}", "wh-1"))
        )
    assert found == {*PATHS, *login}


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_no_path_opens_without_a_token(house: House, ada: Tenant, method: str, path: str) -> None:
    for headers in (
        {},
        {"authorization": ""},
        {"authorization": "Bearer "},
        {"authorization": "Bearer null"},
    ):
        reply = await house.ask(method, path, b"{}", headers)
        assert reply.refusal == NOT_YOURS
        assert reply.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_no_path_opens_to_another_users_token(
    house: House, ada: Tenant, bob: Tenant, method: str, path: str
) -> None:
    for session in (await house.session(bob), await house.project(ada)):
        reply = await session.ask(method, path, b"{}")
        assert reply.refusal == (403, "POL0001", ["foreign_user"])


def credentials(session: Session) -> dict[str, str]:
    token = session.token
    return {
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
    }


HOSTILE = [*credentials(Session(None, "", "a.b.c"))]  # type: ignore[arg-type]  # the labels alone


@pytest.mark.parametrize("label", HOSTILE)
async def test_hostile_credentials_open_nothing(session: Session, label: str) -> None:
    given = {"authorization": credentials(session)[label]}
    assert (
        await session.house.ask("GET", f"{session.sms}/inbound/subscriptions", b"", given)
    ).refusal == NOT_YOURS


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_the_scheme_is_read_in_any_case(session: Session, scheme: str) -> None:
    given = {"authorization": f"{scheme} {session.token}"}
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
        ("PATCH", "/cpaas/auth/v1/token", (405, "SVC0001", ["method_not_allowed"])),
        ("GET", f"{SMS}/%ff/inbound/subscriptions", (400, "SVC0002", ["resourceURL"])),
        ("GET", f"{SMS}/%00/inbound/subscriptions", (400, "SVC0002", ["resourceURL"])),
    ],
)
async def test_the_shells_refusals_have_the_vendors_shape(
    house: House, method: str, path: str, refusal: tuple[int, str, list[str]]
) -> None:
    assert (await house.ask(method, path)).refusal == refusal


@pytest.mark.parametrize(
    ("method", "path"), [*PATHS, ("POST", "/cpaas/auth/v1/token"), ("GET", "/cpaas/nothing")]
)
async def test_cors_headers_stand_on_refusals_too(house: House, ada: Tenant, method: str, path: str) -> None:
    headers = (await house.ask(method, path)).headers
    for name, value in CORS:
        assert headers[name.lower()] == value


@pytest.mark.parametrize(
    "path",
    [*dict.fromkeys(path for _, path in PATHS), "/cpaas/auth/v1/token", "/cpaas/x", f"{SMS}//outbound"],
)
async def test_a_preflight_is_answered_on_every_path_without_a_token(house: House, path: str) -> None:
    asked = {
        "origin": "https://page.example", "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type,x-cpaas-agent",
    }  # fmt: skip
    reply = await house.ask("OPTIONS", path, b"", asked)
    assert (reply.status, reply.body) == (204, b"")
    assert reply.headers["access-control-allow-origin"] == "*"
    allowed = {name.strip() for name in reply.headers["access-control-allow-headers"].lower().split(",")}
    assert {"authorization", "content-type", "x-cpaas-agent"} <= allowed
    assert {"GET", "POST", "PUT", "DELETE"} <= set(reply.headers["access-control-allow-methods"].split(", "))
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
