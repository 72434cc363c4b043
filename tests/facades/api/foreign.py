"""Things of a tenant, for the gates that no route of the own API gets around (test_gates.py).

Whoever adds a route with a parameter in its path adds how to make what it names, here and nowhere else:

    @thing("/api/hooks/{id}", missing="/api/hooks/00000000-0000-4000-8000-000000000000")
    async def hook(tenant: Tenant) -> str:
        made = await tenant.ask("POST", "/api/hooks", {…})
        return f"/api/hooks/{made.json['id']}"

The function makes a new one in the tenant's account and returns its path; the pattern covers every route that begins
with it (the longest pattern wins). `missing` is the path of one that nobody has. If the route takes a body, BODIES
gets one that would work: what the route answers to the thing's owner then must not be 404.
"""

import itertools
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from tests.store.house import do
from textwire.clock import real_now
from textwire.facades.api.about import Operation
from textwire.store import deliveries, hooks
from textwire.store.deliveries import Delivery

from .house import PHONE, Tenant

Make = Callable[[Tenant], Awaitable[str]]


class Thing(NamedTuple):
    make: Make
    missing: str


THINGS: dict[str, Thing] = {}
_FRESH = itertools.count(1000)

# "METHOD pattern" → a body that works for its caller.
BODIES: dict[str, Callable[[Tenant], Any]] = {
    "POST /api/senders/{number}/verify": lambda caller: {"code": "no code"},
    "PATCH /api/hooks/{id}": lambda caller: {"events": ["message.sent"]},
    "POST /api/hooks/{id}/replay": lambda caller: {"since": caller.house.core.clock.now() // 1_000_000 - 60},
    "PATCH /api/users/{id}": lambda caller: {"name": "Somebody else"},
    "PATCH /api/projects/{id}": lambda caller: {"name": "Something else"},
    "PATCH /api/numbers/{number}": lambda caller: {"assign": {"principal": caller.caller.public_id}},
}


def thing(pattern: str, *, missing: str) -> Callable[[Make], Make]:
    """Says how to make what a pattern names."""

    def register(make: Make) -> Make:
        assert pattern not in THINGS, pattern
        THINGS[pattern] = Thing(make, missing)
        return make

    return register


def covering(pattern: str) -> str | None:
    """The longest known pattern with which this one begins."""
    known = [one for one in THINGS if pattern == one or pattern.startswith(one + "/")]
    return max(known, key=len, default=None)


def body_for(operation: Operation, caller: Tenant) -> Any:
    """The body that would work, None if the operation needs none."""
    body = BODIES.get(f"{operation.method} {operation.pattern}")
    return None if body is None else body(caller)


async def path_to(operation: Operation, owner: Tenant) -> str:
    """Where the operation is about a new thing of the owner's."""
    if "{" not in operation.pattern:
        return operation.pattern
    pattern = covering(operation.pattern)
    assert pattern is not None, f"nothing in foreign.py makes what {operation.pattern} names"
    return await THINGS[pattern].make(owner) + operation.pattern.removeprefix(pattern)


def path_to_nothing(operation: Operation) -> str:
    """Where the operation is about something that nobody has."""
    pattern = covering(operation.pattern)
    if pattern is None:
        assert "{" not in operation.pattern, f"nothing in foreign.py makes what {operation.pattern} names"
        return operation.pattern
    return THINGS[pattern].missing + operation.pattern.removeprefix(pattern)


@thing("/api/messages/{id}", missing="/api/messages/4611686018427387904")
async def message(tenant: Tenant) -> str:
    later = tenant.house.core.clock.now() // 1_000_000 + 3600
    sent = await tenant.sent(text="canary of " + tenant.name, send_at=later)
    return f"/api/messages/{sent['id']}"


@thing("/api/numbers/{number}", missing="/api/numbers/+447700900888")
async def number(tenant: Tenant) -> str:
    new = f"+1312555{next(_FRESH):04d}"
    await tenant.house.core.desk.numbers.add(tenant.account, new)
    return f"/api/numbers/{new}"


@thing("/api/senders/{number}", missing="/api/senders/+447700900888")
async def sender(tenant: Tenant) -> str:
    new = f"+1312555{next(_FRESH):04d}"
    await tenant.ask("POST", "/api/senders", {"number": new})
    return f"/api/senders/{new}"


@thing("/api/hooks/{id}", missing="/api/hooks/00000000-0000-4000-8000-000000000000")
async def hook(tenant: Tenant) -> str:
    wanted = {"url": "http://127.0.0.1:9/canary", "events": ["message.sent"]}
    return f"/api/hooks/{(await tenant.ask('POST', '/api/hooks', wanted)).json['id']}"


@thing("/api/simnet/phones/{number}", missing=f"/api/simnet/phones/{PHONE}")
async def phone(tenant: Tenant) -> str:
    return f"/api/simnet/phones/{PHONE}"


@thing("/api/batches/{id}", missing="/api/batches/4611686018427387904")
async def batch(tenant: Tenant) -> str:
    later = tenant.house.core.clock.now() // 1_000_000 + 3600
    form = {"text": "canary of " + tenant.name, "items": [{"to": PHONE}], "send_at": later}
    return f"/api/batches/{(await tenant.ask('POST', '/api/batches', form)).json['id']}"


@thing("/api/conversations/{number}/{remote}", missing="/api/conversations/+447700900888/+447700900889")
async def conversation(tenant: Tenant) -> str:
    sent = await tenant.sent(text="canary of " + tenant.name)
    return f"/api/conversations/{sent['from']}/{PHONE}"


@thing(
    "/api/conversations/{number}/{remote}/messages/{id}",
    missing="/api/conversations/+447700900888/+447700900889/messages/4611686018427387904",
)
async def message_of_a_conversation(tenant: Tenant) -> str:
    sent = await tenant.sent(text="canary of " + tenant.name)
    await tenant.house.event("message.delivered", sent["id"])
    return f"/api/conversations/{sent['from']}/{PHONE}/messages/{sent['id']}"


PERSON = "+447700900777"


@thing("/api/opt-outs/{number}", missing="/api/opt-outs/+447700900778")
async def opt_out(tenant: Tenant) -> str:
    await tenant.ask("PUT", f"/api/opt-outs/{PERSON}")
    return f"/api/opt-outs/{PERSON}"


@thing("/api/exports/{number}", missing="/api/exports/+447700900778")
async def held(tenant: Tenant) -> str:
    await tenant.ask("PUT", f"/api/opt-outs/{PERSON}")
    return f"/api/exports/{PERSON}"


@thing("/api/erasures/{id}", missing="/api/erasures/4611686018427387904")
async def erasure(tenant: Tenant) -> str:
    made = await tenant.ask("POST", "/api/erasures", {"number": "+447700900779"})
    return f"/api/erasures/{made.json['id']}"


async def _made(tenant: Tenant, path: str, wanted: dict[str, Any]) -> str:
    made = await tenant.ask("POST", path, wanted)
    assert made.status == 201, made
    return f"{path}/{made.json['id']}"


NOBODY = "00000000-0000-4000-8000-000000000000"


@thing("/api/users/{id}", missing=f"/api/users/{NOBODY}")
async def user(tenant: Tenant) -> str:
    email = f"canary-{secrets.token_hex(8)}@example.test"
    return await _made(tenant, "/api/users", {"email": email, "scopes": ["read"]})


@thing("/api/projects/{id}", missing=f"/api/projects/{NOBODY}")
async def project(tenant: Tenant) -> str:
    return await _made(tenant, "/api/projects", {"name": "canary"})


@thing("/api/keys/{id}", missing=f"/api/keys/{NOBODY}")
async def key(tenant: Tenant) -> str:
    return await _made(tenant, "/api/keys", {"name": "canary", "scopes": ["read"]})


@thing("/api/tokens/{id}", missing="/api/tokens/token-000000")
async def token(tenant: Tenant) -> str:
    whose = (await user(tenant)).rpartition("/")[2]
    return await _made(tenant, "/api/tokens", {"user": whose, "name": "canary", "scopes": ["all"]})


@thing("/api/accounts/{id}", missing="/api/accounts/4611686018427387904")
async def account(tenant: Tenant) -> str:
    return f"/api/accounts/{tenant.account}"


@thing("/api/deliveries/{id}", missing="/api/deliveries/4611686018427387904")
async def delivery(tenant: Tenant) -> str:
    engine, key = tenant.house.engine, tenant.house.core.ids.take(real_now())
    told = await hooks.one(engine, tenant.account, (await hook(tenant)).rpartition("/")[2])
    assert told is not None
    event = await tenant.house.event("message.accepted", (await message(tenant)).rpartition("/")[2])
    made = Delivery(key, event.number, told.id, 0, tenant.account, "failed", 1, 500, "", event.at)
    await do(tenant.house.core.store, deliveries.insert, [made])
    return f"/api/deliveries/{key}"
