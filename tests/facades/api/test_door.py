from typing import Any

import pytest

from textwire.web.routes import Route

from .house import PHONE, House, Reply, Tenant

OPEN = ("/healthz", "/readyz")
FILLED = {"id": "1", "number": PHONE}


def path_of(route: Route) -> str:
    """A path that leads to this route."""
    return route.pattern.format(**FILLED)


def closed(house: House) -> list[Route]:
    """The routes that need a key."""
    return [route for route in house.door.routes if route.pattern not in OPEN]


def writing(house: House) -> list[Route]:
    """The routes that read a body."""
    without = ("/api/messages/{id}/cancel", "/api/simnet/reset")
    return [r for r in house.door.routes if r.method in ("POST", "PUT", "PATCH") and r.pattern not in without]


def operators(house: House) -> list[Route]:
    return [route for route in house.door.routes if route.pattern.startswith("/api/simnet/")]


NO_KEY: dict[str, dict[str, str]] = {
    "nothing": {},
    "no scheme": {"authorization": "tw_alice"},
    "another scheme": {"authorization": "Basic dHdfYWxpY2U6"},
    "no key": {"authorization": "Bearer"},
    "blanks": {"authorization": "Bearer   "},
    "an unknown key": {"authorization": "Bearer tw_mallory"},
    "more than a key": {"authorization": "Bearer tw_alice, Bearer tw_alice"},
    "a huge key": {"authorization": "Bearer " + "x" * 10_000},
    "Latin-1": {"authorization": "Bearer tw_\xe4lice"},
    "in another header": {"x-api-key": "tw_alice"},
}


@pytest.mark.parametrize("name", NO_KEY)
async def test_without_a_key_every_call_is_refused_alike(house: House, name: str) -> None:
    bodies = set()
    for route in closed(house):
        reply = Reply(*await house.ask(route.method, path_of(route), **NO_KEY[name]))
        assert reply.problem == (401, "unauthorized", []), route.pattern
        assert reply.headers["www-authenticate"] == 'Bearer realm="textwire"'
        bodies.add(reply.body)
    assert len(bodies) == 1


async def test_the_scheme_may_be_written_in_any_case(house: House) -> None:
    assert (await house.ask("GET", "/api/account", authorization="bearer  tw_alice ")).status == 200


async def test_the_clock_and_the_network_are_the_operators(house: House) -> None:
    assert len(operators(house)) == 9
    for route in operators(house):
        reply = await house.bob.ask(route.method, path_of(route), {})
        assert reply.problem == (403, "scope_missing", []), route.pattern


async def test_once_a_real_carrier_is_armed_clock_and_network_stand_still(house: House) -> None:
    house.simulated = False
    before = house.core.clock.state()
    for route in operators(house):
        reply = await house.alice.ask(route.method, path_of(route), {"freeze": True})
        assert reply.problem == (403, "not_simulated", []), route.pattern
    assert house.core.clock.state() == before


@pytest.mark.parametrize(
    "path", ["/api", "/api/", "/api/nothing", "/api/messages/1/2", "/api//messages", "/api/numbers/"]
)
async def test_what_there_is_not_is_a_problem_too(house: House, path: str) -> None:
    method = "DELETE" if path == "/api/numbers/" else "GET"
    status, code, _ = (await house.alice.ask(method, path)).problem
    assert (status, code) in ((404, "not_found"), (405, "method_not_allowed"))


async def test_a_wrong_method_names_the_right_ones(house: House) -> None:
    reply = await house.alice.ask("DELETE", "/api/messages")
    assert reply.problem == (405, "method_not_allowed", [])
    assert reply.headers["allow"] == "GET, HEAD, POST"


async def test_a_path_that_cannot_be_read_is_a_problem_too(house: House) -> None:
    assert (await house.alice.ask("GET", "/api/messages/%FF")).problem == (400, "bad_path", [])


async def test_answers_are_never_kept_by_anybody_in_between(house: House) -> None:
    reply = await house.alice.ask("GET", "/api/account")
    assert reply.headers["cache-control"] == "no-store"
    assert reply.headers["x-request-id"]


POISON: dict[str, bytes] = {
    "nothing": b"",
    "half": b'{"a":',
    "an array": b"[]",
    "a number": b"9" * 5000,
    "half a pair": b'{"a":"\\ud800"}',
    "NUL": b'{"a":"\\u0000"}',
    "not UTF-8": b'{"a":"\xff"}',
    "a mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "NaN": b'{"a":NaN}',
    "depth": b"[" * 30_000 + b"]" * 30_000,
    "a name nobody knows": b'{"balance":"1000000"}',
}


@pytest.mark.parametrize("name", POISON)
async def test_poison_is_a_400_on_every_route_that_reads_a_body(house: House, name: str) -> None:
    assert len(writing(house)) == 7
    for route in writing(house):
        reply = await house.alice.ask(
            route.method, path_of(route), raw=POISON[name], content_type="application/json"
        )
        assert reply.problem[0] == 400, (route.pattern, reply)
    assert (await house.alice.kept(), house.kept_clocks) == ([], 0)


async def test_a_body_that_is_too_large_is_refused_unread(house: House) -> None:
    for route in writing(house):
        raw = b'{"a":"' + b"x" * route.body_limit + b'"}'
        reply = await house.alice.ask(route.method, path_of(route), raw=raw)
        assert reply.problem == (413, "too_large", []), route.pattern


# Every route that names something of a tenant: what it names there, and a body that would work.
OWNED: dict[tuple[str, str], tuple[str, Any]] = {
    ("GET", "/api/messages/{id}"): ("message", None),
    ("POST", "/api/messages/{id}/cancel"): ("message", None),
    ("PATCH", "/api/numbers/{number}"): ("number", {"assign": {"principal": "key-bob"}}),
    ("DELETE", "/api/hooks/{id}"): ("hook", None),
}
MISSING = {
    "message": "4611686018427387904",
    "number": "+447700900888",
    "hook": "00000000-0000-4000-8000-000000000000",
}


def test_no_route_that_names_something_is_left_out(house: House) -> None:
    named = {(r.method, r.pattern) for r in house.door.routes if "{" in r.pattern}
    assert named - {(r.method, r.pattern) for r in operators(house)} == set(OWNED)


async def belongings(tenant: Tenant) -> dict[str, str]:
    """One of each kind, as it is named in a path."""
    sent = await tenant.sent(
        text="canary of " + tenant.name, send_at=(tenant.house.core.clock.now() // 1_000_000) + 3600
    )
    hook = await tenant.ask(
        "POST", "/api/hooks", {"url": "http://127.0.0.1:9/canary", "events": ["message.sent"]}
    )
    return {"message": sent["id"], "number": tenant.numbers[-1], "hook": hook.json["id"]}


@pytest.mark.parametrize("route", OWNED)
async def test_what_belongs_to_another_tenant_is_as_missing_as_what_there_is_not(
    house: House, route: tuple[str, str]
) -> None:
    method, pattern = route
    kind, body = OWNED[route]
    theirs = (await belongings(house.alice))[kind]
    before = [await house.alice.get(path) for path in ("/api/messages", "/api/numbers", "/api/hooks")]
    name = pattern[pattern.index("{") + 1 : pattern.index("}")]
    foreign, missing = [
        await house.bob.ask(method, pattern.format(**{name: key}), body) for key in (theirs, MISSING[kind])
    ]
    assert foreign.problem[:2] == (404, "not_found")
    assert foreign.body == missing.body
    assert {k: v for k, v in foreign.headers.items() if k != "x-request-id"} == {
        k: v for k, v in missing.headers.items() if k != "x-request-id"
    }
    assert [await house.alice.get(path) for path in ("/api/messages", "/api/numbers", "/api/hooks")] == before


async def test_no_list_shows_anything_of_another_tenant(house: House) -> None:
    await belongings(house.alice)
    for path in ("/api/messages", "/api/numbers", "/api/hooks", "/api/account"):
        seen = (await house.bob.ask("GET", path)).body
        for canary in (b"canary", b"alice", *(number.encode() for number in house.alice.numbers)):
            assert canary not in seen


async def test_a_suspended_account_sends_nothing(house: House) -> None:
    await house.core.store.write(_Suspend(), house.bob.account)
    assert (await house.bob.send()).problem == (403, "account_suspended", [])
    assert await house.bob.kept() == []


class _Suspend:
    async def run(self, unit: Any, items: list[int]) -> list[None]:
        from textwire.store.engines.engine import statement

        await unit.run(
            statement("update account set state = 'suspended' where id = :id", args="id int"), id=items[0]
        )
        return [None]
