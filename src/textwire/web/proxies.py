"""Behind proxies that the operator listed: whom they say they speak for, instead of them."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from textwire.web.asgi import App, Receive, Scope, Send
from textwire.web.limits import Network

HEADER: Final = b"x-forwarded-for"
MOST_HOPS: Final = 32  # of a header longer than that, only the end is looked at


def networks(listed: str) -> tuple[Network, ...]:
    """Addresses and networks, parted by commas; ValueError names one that is neither."""
    return tuple(ip_network(one.strip()) for one in listed.split(",") if one.strip())


class Proxied:
    """Puts the client's address into the scope of requests that come from a listed proxy, and of no others.

    The header is read from its end, where our own proxies have written: the first address that is not one of
    theirs is the client. What stands before it anybody may have made up.
    """

    def __init__(self, app: App, trusted: tuple[Network, ...]) -> None:
        self._app, self._trusted = app, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        peer = scope.get("client")
        if peer and self._is_ours(str(peer[0])):
            scope["client"] = (self._client(scope, str(peer[0])), 0)
        await self._app(scope, receive, send)

    def _client(self, scope: Scope, peer: str) -> str:
        lines = [value for name, value in scope["headers"] if name == HEADER]
        hops = b",".join(lines).decode("latin-1").split(",")[-MOST_HOPS:]
        for hop in reversed([hop.strip() for hop in hops]):
            if _parsed(hop) is None:
                break
            peer = hop
            if not self._is_ours(hop):
                break
        return peer

    def _is_ours(self, address: str) -> bool:
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self._trusted)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
