"""How much of a connection one client may use before it is answered or dropped."""

from ipaddress import IPv4Network, IPv6Network

import msgspec

Network = IPv4Network | IPv6Network


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults are those of a server in production; tests shrink them."""

    head_bytes: int = 16_384  # request line and headers together
    head_count: int = 128  # header lines
    head_seconds: float = 10.0  # from a connection's or a head's first byte to the head's end
    keep_alive_seconds: float = 75.0  # idle between two requests
    drain_bytes: int = 1_048_576  # of a body that nobody reads because its answer is already out
    drain_seconds: float = 5.0
    linger_seconds: float = 1.0  # after a refusal, so that the client can still read it
    handshake_seconds: float = 10.0  # TLS
    goodbye_seconds: float = 2.0  # TLS: that a client has to say it, too, before its connection is cut
    connections: int = 20_000  # per listener
    stranger_connections: int = 100  # of one address, without credentials
    spare: tuple[Network, ...] = ()  # whose connections are not counted so: proxies speak for many
    spare_loopback: bool = True  # whoever is there has the machine, or is a proxy on it
    socket_message_bytes: int = 65_536  # one WebSocket message from a client
    socket_ping_seconds: float = 30.0
