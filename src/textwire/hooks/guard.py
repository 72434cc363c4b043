"""Judges the URLs and addresses that a tenant asks us to call, and refuses those we never call."""

import ipaddress
import re
from typing import Self
from urllib.parse import quote, quote_plus, urlencode

import msgspec

from textwire.hooks.spelling import Address, canonical, read_host

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

URL_LIMIT = 4096  # bytes
DEFAULT_PORTS = {"http": 80, "https": 443}
FIRST_OPEN_PORT = 1024  # below it only 80 and 443: nothing else down there speaks HTTP to a webhook

# scheme, authority without user-info, path and query; a fragment never leaves a client (RFC 3986 §3.5).
_URL = re.compile(
    r"(https?)://(\[[^\]/?#@\\]*\]|[^\[\]:/?#@\\]+)(?::([0-9]{0,5}))?([/?][^#]*)?(?:#.*)?", re.I | re.S | re.A
)
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f]|^\s|\s$")
_PLAIN = "/?%:@!$&'()*+,;=-._~[]"  # left as they are in a path or query


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(one) for one in text.split())


LOOPBACK = _networks("127.0.0.0/8 ::1/128")

# No setting opens these: link-local and metadata, multicast, and IPv6 ranges that carry an IPv4 address
# inside, which a gateway on the way would unwrap behind our back.
NEVER = _networks(
    "0.0.0.0/8 169.254.0.0/16 224.0.0.0/4 240.0.0.0/4 255.255.255.255/32 192.88.99.0/24"
    " 168.63.129.16/32 100.100.100.200/32 192.0.0.192/32"  # metadata: Azure, Alibaba, Oracle
    " ::/8 2001::/23 2002::/16 fe80::/10 ff00::/8"
    " fd00:ec2::254/128 fd20:ce::254/128"  # metadata: AWS, Google
)

# Private, shared, documentation, benchmarking, reserved: refused unless `Policy.allowed` names the place.
# IANA special-purpose address registries; `ipaddress.is_global` lets eleven rows of the two tables through.
DENIED = _networks(
    "10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.31.196.0/24"
    " 192.52.193.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24"
    " ::1/128 100::/64 2001:db8::/32 3fff::/20 5f00::/16 fc00::/7 fec0::/10"
)


class Refused(Exception):
    """A URL or address that we do not call; `reason` is `bad_url`, `blocked_port` or `blocked_address`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Allowance(msgspec.Struct, frozen=True):
    """One private place that the operator opened: a network and the one port there."""

    network: Network
    port: int

    @classmethod
    def read(cls, text: str) -> Self:
        """From `10.1.2.0/24:1880`, `127.0.0.1:1880` or `[fd12::/16]:1880`; ValueError for anything else."""
        network, _, port = text.rpartition(":")
        if not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f"no port in allowance {text!r}")
        return cls(ipaddress.ip_network(network.removeprefix("[").removesuffix("]")), int(port))


def allowances(text: str) -> tuple[Allowance, ...]:
    """Those in a list parted by commas; ValueError for one that cannot be, or that nothing opens."""
    read = [Allowance.read(one.strip()) for one in text.split(",") if one.strip()]
    for place in read:
        if any(_inside(place.network, never) for never in NEVER) and not any(
            _inside(place.network, loopback) for loopback in LOOPBACK
        ):
            raise ValueError(f"{place.network} is opened by no setting")
    return tuple(read)


def _inside(inner: Network, outer: Network) -> bool:
    return inner.version == outer.version and inner[0] in outer and inner[-1] in outer


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """What may be called beyond the public internet, and what of ours may not.

    `allow_loopback`: true only while just the simulated network is armed and every listener is on loopback.
    `own_ports`: of our listeners and database, refused wherever they could be ours: on loopback and in
    `allowed` places.
    `own_addresses`: addresses of this host, its database and broker, refused on every port even if public.
    `allowed`: private places that the operator opened.
    """

    allow_loopback: bool = False
    own_ports: frozenset[int] = frozenset()
    own_addresses: frozenset[str] = frozenset()
    allowed: tuple[Allowance, ...] = ()


class Target(msgspec.Struct, frozen=True, kw_only=True):
    """A judged URL, taken apart; made by `judge_url` only."""

    scheme: str
    host: str
    port: int
    path: str  # the request-target: path and query, percent-encoded
    origin: str  # "https://host:port": what a connection can be shared by
    authority: str  # for the Host field: without the scheme's default port (RFC 9110 §7.2)

    def with_query(self, pairs: dict[str, str]) -> Self:
        """The same target with more of a query, written like a form, as vendors want it who deliver by GET."""
        joint = "&" if "?" in self.path else "?"
        query = urlencode(pairs, quote_via=quote_plus, safe="")
        return msgspec.structs.replace(self, path=f"{self.path}{joint}{query}")

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def judge_url(url: str, policy: Policy) -> Target:
    """Take a tenant's URL apart; raise Refused if it is none that we call or spells a blocked address.

    A name is not resolved here: its addresses are judged at every connection.
    """
    scheme, host_text, port_text, rest = _split(url)
    try:
        host = read_host(host_text)
    except ValueError:
        raise Refused("bad_url") from None
    port = int(port_text) if port_text else DEFAULT_PORTS[scheme]
    _judge_port(port, policy)
    if not isinstance(host, str):
        judge_address(str(host), port, policy)
    elif host == "localhost" or host.endswith(".localhost"):  # RFC 6761 §6.3: loopback, whoever resolves it
        judge_address("127.0.0.1", port, policy)
    return _target(scheme, host, port, rest)


def _split(url: str) -> tuple[str, str, str | None, str]:
    try:
        size = len(url.encode())
    except UnicodeEncodeError:  # a lone surrogate
        raise Refused("bad_url") from None
    match = None if size > URL_LIMIT or _FORBIDDEN.search(url) else _URL.fullmatch(url)
    if match is None:
        raise Refused("bad_url")
    scheme, host, port, rest = match.groups()
    return scheme.lower(), host, port, quote(rest or "/", safe=_PLAIN)


def _target(scheme: str, host: str | Address, port: int, rest: str) -> Target:
    bracketed = f"[{host}]" if isinstance(host, ipaddress.IPv6Address) else str(host)
    return Target(
        scheme=scheme,
        host=str(host),
        port=port,
        path=rest if rest.startswith("/") else "/" + rest,
        origin=f"{scheme}://{bracketed}:{port}",
        authority=bracketed if port == DEFAULT_PORTS[scheme] else f"{bracketed}:{port}",
    )


def _judge_port(port: int, policy: Policy) -> None:
    usual = port in (80, 443) or FIRST_OPEN_PORT <= port <= 65535
    if not usual and all(place.port != port for place in policy.allowed):
        raise Refused("blocked_port")


def judge_address(ip: str, port: int, policy: Policy, *, ours: bool = False) -> None:
    """Raise Refused unless this policy lets us connect there; ValueError for what is no address.

    `ours` says that the address is one of this host's own.
    """
    address = canonical(ip)
    loopback = _within(address, LOOPBACK)
    if not loopback and _within(address, NEVER):
        raise Refused("blocked_address")
    opened = any(place.port == port and address in place.network for place in policy.allowed)
    if opened or (loopback and policy.allow_loopback):
        if port in policy.own_ports:
            raise Refused("blocked_address")
    elif ours or _within(address, DENIED) or str(address) in policy.own_addresses:
        raise Refused("blocked_address")
    if not opened:
        _judge_port(port, Policy())


def _within(address: Address, networks: tuple[Network, ...]) -> bool:
    return any(address in network for network in networks)
