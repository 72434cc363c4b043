"""Opens a listening socket, on loopback unless it is allowed to be more."""

import ipaddress
import socket
from typing import Final

BACKLOG: Final = 2048


class BindRefused(Exception):
    """The address cannot be listened on: in use, not of this machine, or not a name."""


class PlaintextRefused(BindRefused):
    """Plain HTTP beyond loopback was not allowed."""


def bind(host: str, port: int, *, beyond_loopback: bool) -> socket.socket:
    """A bound TCP socket, port 0 meaning any free one; raises BindRefused or PlaintextRefused.

    A name is looked up once, here, before anything runs; of several addresses the first is taken, IPv4
    before IPv6, so that `localhost` is 127.0.0.1.
    """
    family, address = _resolved(host, port)
    if not beyond_loopback and not ipaddress.ip_address(address).is_loopback:
        raise PlaintextRefused(f"{host} is reachable from outside and has no TLS")
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            opened.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        opened.bind((address, port))
        opened.listen(BACKLOG)
        opened.setblocking(False)
    except (OSError, OverflowError) as error:
        opened.close()
        raise BindRefused(f"cannot listen on {host}:{port}: {error}") from None
    return opened


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, str]:
    try:
        found = socket.getaddrinfo(host or "::", port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, OverflowError) as error:
        raise BindRefused(f"cannot listen on {host}:{port}: {error}") from None
    family, _, _, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, str(address[0]).partition("%")[0]
