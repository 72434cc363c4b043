"""/metrics tells this machine everything, and others only with an operator's key."""

from typing import Any

import pytest

from tests.facades.api.house import House, Reply
from tests.web.calls import body_of, scope_of

NEAR = ("127.0.0.1", "127.8.0.1", "::1")
FAR = ("192.0.2.7", "10.0.0.1", "::ffff:192.0.2.7", "fe80::1", "", "somewhere")


async def ask(house: House, client: str, **headers: str) -> Reply:
    """A scrape from an address; `a_b` is the header A-B."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    scope = scope_of("GET", b"/metrics", {name.replace("_", "-"): value for name, value in headers.items()})
    scope["client"] = (client, 40000) if client else None
    await house.app(scope, body_of(), send)
    lines = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Reply(sent[0]["status"], lines, sent[1]["body"])


@pytest.mark.parametrize("client", NEAR)
async def test_this_machine_needs_no_key(house: House, client: str) -> None:
    reply = await ask(house, client)
    assert (reply.status, reply.body) == (200, house.scraped)
    assert reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


@pytest.mark.parametrize("client", FAR)
async def test_other_machines_need_an_operators_key(house: House, client: str) -> None:
    assert (await ask(house, client)).problem == (401, "unauthorized", [])
    theirs = await ask(house, client, authorization=f"Bearer {house.bob.key}")
    assert theirs.problem == (403, "scope_missing", [])
    assert (await ask(house, client, authorization=f"Bearer {house.alice.key}")).status == 200


@pytest.mark.parametrize("header", ["forwarded", "x_forwarded_for", "x_real_ip", "via"])
async def test_a_proxy_on_this_machine_stands_for_others(house: House, header: str) -> None:
    assert (await ask(house, "127.0.0.1", **{header: "127.0.0.1"})).status == 401
