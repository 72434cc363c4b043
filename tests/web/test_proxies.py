"""Proxies: whom a listed one speaks for, and that nobody else can say so."""

from typing import Any

import pytest

from tests.web.calls import body_of, scope_of
from textwire.web.asgi import Message, Receive, Scope, Send
from textwire.web.proxies import MOST_HOPS, Proxied, networks

TRUSTED = networks("10.0.0.0/8, 2001:db8::/32,192.0.2.1")


async def seen(peer: str, *forwarded: str) -> Any:
    """The client's address that the application sees."""
    found: list[Any] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        found.append(scope["client"])

    async def send(message: Message) -> None: ...

    scope = scope_of("GET", b"/")
    scope["client"] = (peer, 40000)
    scope["headers"] = [(b"x-forwarded-for", line.encode("latin-1")) for line in forwarded]
    await Proxied(app, TRUSTED)(scope, body_of(b""), send)
    return found[0][0]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("192.0.2.1", ["203.0.113.5"], "203.0.113.5"),
        ("::ffff:10.0.0.1", ["203.0.113.5"], "203.0.113.5"),
        ("2001:db8::7", ["2001:dc8::1"], "2001:dc8::1"),
        ("10.0.0.1", ["6.6.6.6, 203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["6.6.6.6", "203.0.113.5"], "203.0.113.5"),
        ("10.0.0.1", ["203.0.113.5, 10.9.9.9,  10.0.0.2"], "203.0.113.5"),
        ("10.0.0.1", ["6.6.6.6, nonsense, 10.0.0.2"], "10.0.0.2"),
        ("10.0.0.1", ["nonsense"], "10.0.0.1"),
        ("10.0.0.1", ["203.0.113.5:1234"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["\xe4"], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.2"], "10.0.0.2"),
        ("192.0.2.2", ["203.0.113.5"], "192.0.2.2"),
        ("127.0.0.1", ["203.0.113.5"], "127.0.0.1"),
    ],
)
async def test_only_listed_proxies_are_believed_and_only_what_they_wrote(
    peer: str, forwarded: list[str], client: str
) -> None:
    assert await seen(peer, *forwarded) == client


async def test_of_an_endless_header_the_end_is_read() -> None:
    assert await seen("10.0.0.1", "6.6.6.6," + "10.0.0.2," * 10_000 + "10.0.0.3") == "10.0.0.2"
    assert MOST_HOPS < 10_000


async def test_a_socket_without_a_peer_stays_without() -> None:
    scope = scope_of("GET", b"/")
    scope["client"] = None

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["client"] is None

    await Proxied(app, TRUSTED)(scope, body_of(b""), lambda message: None)  # type: ignore[arg-type, return-value]


@pytest.mark.parametrize("listed", ["10.0.0.1/8", "proxy.example", "10.0.0.0/33", "10.0.0.1;10.0.0.2"])
def test_what_is_no_address_is_refused(listed: str) -> None:
    with pytest.raises(ValueError):
        networks(listed)


def test_nothing_listed_is_nobody() -> None:
    assert networks("") == networks(" , ") == ()
