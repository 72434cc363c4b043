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

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from textwire.facades.api.about import Operation

from .house import PHONE, Tenant

Make = Callable[[Tenant], Awaitable[str]]


class Thing(NamedTuple):
    make: Make
    missing: str


THINGS: dict[str, Thing] = {}

# "METHOD pattern" → a body that works for its caller.
BODIES: dict[str, Callable[[Tenant], Any]] = {
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
    return f"/api/numbers/{tenant.numbers[-1]}"


@thing("/api/hooks/{id}", missing="/api/hooks/00000000-0000-4000-8000-000000000000")
async def hook(tenant: Tenant) -> str:
    wanted = {"url": "http://127.0.0.1:9/canary", "events": ["message.sent"]}
    return f"/api/hooks/{(await tenant.ask('POST', '/api/hooks', wanted)).json['id']}"


@thing("/api/simnet/phones/{number}", missing=f"/api/simnet/phones/{PHONE}")
async def phone(tenant: Tenant) -> str:
    return f"/api/simnet/phones/{PHONE}"
