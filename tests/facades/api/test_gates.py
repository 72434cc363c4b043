"""Gates over the whole table of routes: what is not a caller's is missing, scopes hold, nothing is smuggled in.

They take every operation that the own API has, so a new route is in them at once. One that they cannot exercise fails
them: foreign.py says what to add there.
"""

import asyncio
from collections.abc import Iterator
from typing import Any, get_args

import msgspec
import pytest

from textwire.domain.account import SCOPES, Caller
from textwire.domain.refusal import Refusal
from textwire.facades.api.about import Operation
from textwire.facades.api.entrance import OPERATOR, SCOPE_OF, Entrance, Inside, scope_of
from textwire.store.engines.engine import statement
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.router import Router

from .foreign import BODIES, THINGS, body_for, covering, path_to, path_to_nothing
from .house import House, Reply, Tenant

PUBLIC = {
    "/healthz", "/readyz", "/metrics", "/api/openapi.json", "/api/docs", "/api/docs/errors", "/api/docs/{file}",
}  # fmt: skip
BODILESS = {"POST /api/messages/{id}/cancel", "POST /api/simnet/reset"}
WRITING = ("POST", "PUT", "PATCH")
# They make what they name: a number that anybody's account may say this about.
NOBODYS = {"PUT /api/opt-outs/{number}"}

# What somebody would like to slip into a body; a form that has a field of this name means something by it.
SMUGGLED: dict[str, Any] = {
    "account": "1", "account_id": "1", "project_id": "1", "principal_id": "1", "id": "1", "public_id": "x",
    "kind": "system", "verified": True, "balance": "1000000", "amount": "1", "price": "0", "status": "active",
    "role": "admin", "is_admin": True, "hash": "x", "lookup": "x", "secret": "x", "created_at": 0, "sequence": 9,
}  # fmt: skip


def named(operation: Operation) -> str:
    return f"{operation.method} {operation.pattern}"


def closed(house: House) -> list[Operation]:
    """The operations that need a key."""
    return [one for one in house.operations if one.scope is not None]


def unknown(house: House) -> list[Operation]:
    """Those that name something which foreign.py cannot make."""
    return [one for one in closed(house) if "{" in one.pattern and covering(one.pattern) is None]


def tenants(house: House) -> list[Operation]:
    """Those about something of the caller's own account that the path names."""
    there = [one for one in closed(house) if "{" in one.pattern and one.scope != OPERATOR]
    return [one for one in there if one not in unknown(house) and named(one) not in NOBODYS]


def forms(house: House) -> list[Operation]:
    """Those that read a JSON object."""
    return [one for one in closed(house) if _takes_a_form(one) and one not in unknown(house)]


def _takes_a_form(operation: Operation) -> bool:
    if operation.about is not None:
        return operation.about.form is not None
    return operation.method in WRITING and named(operation) not in BODILESS


async def rows(house: House) -> dict[str, list[Any]]:
    """Everything that the database holds, but who is alive, what is counted, and when keys were last used."""
    tables = await house.engine.read(statement("select name from sqlite_master where type = 'table'"))
    kept = {}
    for (table,) in tables:
        if table in ("node", "counter", "sqlite_sequence"):
            continue
        columns = await house.engine.read(statement(f"select name from pragma_table_info('{table}')"))
        wanted = ", ".join(name for (name,) in columns if name != "used_at")
        kept[table] = sorted(map(str, await house.engine.read(statement(f"select {wanted} from {table}"))))
    return kept


UNDER_WAY = statement("select id from batch where state = 'working' limit 1")


async def still(house: House) -> dict[str, list[Any]]:
    """The same once nothing moves any more: the clock is stopped, and what was under way is written."""
    house.core.clock.freeze()
    await house.core.filing.catch_up()
    before: dict[str, list[Any]] = {}
    for _ in range(200):
        now = await rows(house)
        if now == before and not await house.engine.read(UNDER_WAY):
            return now
        before = now
        await asyncio.sleep(0.03)
    raise AssertionError("the house does not come to rest")


def changed(before: dict[str, list[Any]], after: dict[str, list[Any]]) -> list[str]:
    return [table for table in before.keys() | after.keys() if before.get(table) != after.get(table)]


def without_id(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    return reply.status, {k: v for k, v in reply.headers.items() if k != "x-request-id"}, reply.body


# What belongs to another account is as missing as what there is not (ST1).


def test_every_route_with_a_parameter_can_be_exercised(house: House) -> None:
    missing = [named(one) for one in unknown(house)]
    assert not missing, "say in foreign.py how to make what these name"
    bodiless = [named(one) for one in tenants(house) if _takes_a_form(one) and named(one) not in BODIES]
    assert not bodiless, "give these a body in foreign.py"


def test_what_the_gate_knows_is_really_there(house: House) -> None:
    patterns = {one.pattern for one in house.operations}
    assert not [known for known in THINGS if not any(covering(pattern) == known for pattern in patterns)]
    assert set(BODIES) <= {named(one) for one in house.operations}


async def leak(house: House, operation: Operation) -> str:
    """What another account learns or changes by this operation on alice's thing, "" if nothing at all."""
    path, body = await path_to(operation, house.alice), body_for(operation, house.bob)
    before = await still(house)
    foreign = await house.bob.ask(operation.method, path, body)
    missing = await house.bob.ask(operation.method, path_to_nothing(operation), body)
    touched = changed(before, await rows(house))
    house.core.clock.unfreeze()
    if foreign.status != 404 or foreign.json["code"] != "not_found":
        return f"it is not missing: {foreign}"
    if without_id(foreign) != without_id(missing):
        return f"it can be told from what there is not: {foreign}, {missing}"
    if touched:
        return f"it has changed {touched}"
    theirs = await house.alice.ask(operation.method, path, body_for(operation, house.alice))
    if theirs.status == 404:
        return "it is missing to its owner too, so this proves nothing"
    return f"it fails: {theirs}" if theirs.status == 500 else ""


async def test_what_belongs_to_another_account_is_as_missing_as_what_there_is_not(house: House) -> None:
    assert len(tenants(house)) >= 4
    leaks = {named(one): found for one in tenants(house) if (found := await leak(house, one))}
    assert not leaks


async def show(request: Request, caller: Caller) -> Response:
    return json_response({"id": request.params["id"]})


async def tell_apart(request: Request, caller: Caller) -> Response:
    raise Refusal("not_found", f"You do not own {request.params['id']}.")


async def hide_from_all(request: Request, caller: Caller) -> Response:
    raise Refusal("not_found")


@pytest.mark.parametrize(
    ("inside", "said"),
    [(show, "not missing"), (tell_apart, "can be told"), (hide_from_all, "proves nothing")],
)
async def test_the_gate_sees_a_leak(house: House, inside: Inside, said: str) -> None:
    entrance = Entrance(house.access, lambda: True)
    leaky = entrance.route("GET", "/api/hooks/{id}/leak", inside)
    routes = (*house.door.routes, leaky)
    house.app = Router([msgspec.structs.replace(house.door, routes=routes)])
    assert said in await leak(house, entrance.operations[0])


# A key can do what its scopes say (ST4, SA12).


def test_every_operation_needs_exactly_the_scope_that_the_one_table_says(house: House) -> None:
    for one in closed(house):
        assert one.pattern.split("/")[2] in SCOPE_OF, f"say in SCOPE_OF who may call {named(one)}"
        assert one.scope == scope_of(one.method, one.pattern), named(one)
    assert {one.pattern for one in house.operations if one.scope is None} <= PUBLIC
    assert {scope for pair in SCOPE_OF.values() for scope in pair} == set(SCOPES)


def test_what_the_table_does_not_know_is_the_operators() -> None:
    assert scope_of("GET", "/api/something") == OPERATOR


async def test_a_key_opens_what_its_scopes_say_and_nothing_else(house: House) -> None:
    owned = {"only": 0, "all but": 1}
    keys: dict[tuple[str, str], Tenant] = {}
    for scope in SCOPES:
        for kind in owned:
            held = [one for one in SCOPES if (one == scope) is (kind == "only")]
            name = f"{kind.replace(' ', '-')}-{scope}"
            keys[kind, scope] = await house.tenant(name, (), " ".join(held))
    nobody = await house.tenant("nobody", (), "")
    for operation in [one for one in closed(house) if one not in unknown(house)]:
        path = path_to_nothing(operation)
        before = await still(house)
        for caller in (keys["all but", str(operation.scope)], nobody):
            refused = await caller.ask(operation.method, path)
            assert refused.problem[:2] == (403, "scope_missing"), named(operation)
            assert str(operation.scope) in refused.json["detail"]
        assert not changed(before, await rows(house)), named(operation)
        house.core.clock.unfreeze()
        allowed = await keys["only", str(operation.scope)].ask(operation.method, path)
        assert allowed.status not in (401, 403, 500), (named(operation), allowed)


# A body says what the form has, and nothing else is believed (ST3).


def structs(kind: Any) -> Iterator[Any]:
    """Every Struct that a form is made of."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        yield kind
        for field in msgspec.structs.fields(kind):
            yield from structs(field.type)
    for part in get_args(kind):
        yield from structs(part)


def test_every_form_refuses_fields_that_it_does_not_have(house: House) -> None:
    for operation in forms(house):
        if operation.about is not None:
            for form in structs(operation.about.form):
                assert form.__struct_config__.forbid_unknown_fields, (named(operation), form)


@pytest.mark.parametrize("name", SMUGGLED)
async def test_nothing_is_smuggled_in_beside_a_form(house: House, name: str) -> None:
    paths = {named(one): await path_to(one, house.alice) for one in forms(house)}
    before = await still(house)
    for operation in forms(house):
        about = operation.about
        if about is not None and name in [f.encode_name for f in msgspec.structs.fields(about.form)]:
            continue
        body = {name: SMUGGLED[name]} | (body_for(operation, house.alice) or {})
        reply = await house.alice.ask(operation.method, paths[named(operation)], body)
        assert reply.problem == (400, "unknown_field", [name]), named(operation)
    assert not changed(before, await rows(house))
