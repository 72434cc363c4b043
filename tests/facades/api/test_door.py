import re
from typing import Any

import pytest

from textwire.web.routes import Route

from .foreign import THINGS, path_to
from .house import PHONE, House, Reply
from .test_gates import PUBLIC, forms


def path_of(route: Route) -> str:
    """A path that leads to this route."""
    return re.sub(r"\{[^}]*\}", "1", route.pattern.replace("{number}", PHONE))


def closed(house: House) -> list[Route]:
    """The routes that need a key."""
    return [route for route in house.door.routes if route.pattern not in PUBLIC]


async def writing(house: House) -> list[tuple[Route, str]]:
    """The routes that read a body, each with a path to something of alice's."""
    routes = {(route.method, route.pattern): route for route in house.door.routes}
    return [(routes[one.method, one.pattern], await path_to(one, house.alice)) for one in forms(house)]


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
    assert len(operators(house)) >= 9
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


async def test_a_body_that_is_too_large_is_refused_unread(house: House) -> None:
    for route, path in await writing(house):
        raw = b'{"a":"' + b"x" * route.body_limit + b'"}'
        reply = await house.alice.ask(route.method, path, raw=raw)
        assert reply.problem == (413, "too_large", []), route.pattern


async def test_no_list_shows_anything_of_another_tenant(house: House) -> None:
    for known in THINGS.values():
        await known.make(house.alice)
    getting = [one.pattern for one in house.operations if one.method == "GET" and "{" not in one.pattern]
    lists = [path for path in getting if path not in PUBLIC]  # those say the same to everybody
    assert len(lists) >= 4
    for path in lists:
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
