"""Opens connections to judged addresses: resolve, judge every address, connect to one of them, judge the peer, TLS."""

import asyncio
import contextlib
import errno
import math
import socket
import ssl
from functools import cached_property

from textwire.hooks.answer import Failed
from textwire.hooks.connection import Connection
from textwire.hooks.guard import Policy, Refused, Target, judge_address
from textwire.hooks.limits import Limits
from textwire.hooks.resolver import Resolver
from textwire.hooks.spelling import canonical

# Errors of this host rather than of the other end.
_LOCAL = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM, errno.EADDRNOTAVAIL})


class Dialer:
    """Every connection of a client is made here, so that none escapes the guard."""

    def __init__(
        self, policy: Policy, resolver: Resolver, limits: Limits, ca_file: str | None = None
    ) -> None:
        self._policy = policy
        self._resolver = resolver
        self._limits = limits
        self._ca_file = ca_file
        self._buffer = memoryview(bytearray(max(limits.head, limits.reply)))

    async def resolve(self, target: Target, deadline: float) -> tuple[float, tuple[str, ...]]:
        """The addresses of a target and until when they hold; Failed(`dns`, `busy` or `blocked_address`).

        One blocked address blocks the name: an answer that mixes public and private ones is an attack or a mistake.
        """
        until, addresses = await self._addresses(target.host, deadline)
        for ip in addresses:
            self._judge(ip, target.port)
        return until, addresses[: self._limits.addresses]

    async def _addresses(self, host: str, deadline: float) -> tuple[float, tuple[str, ...]]:
        """Only canonical addresses leave here: a socket would look up anything else by itself, unjudged."""
        with contextlib.suppress(ValueError):
            return math.inf, (str(canonical(host)),)
        end = min(deadline, asyncio.get_running_loop().time() + self._limits.connect_s)
        try:
            async with asyncio.timeout_at(end):
                until, found = await self._resolver.addresses(host)
            addresses = tuple(str(canonical(ip)) for ip in found)
        except (TimeoutError, ValueError):
            raise Failed("dns") from None
        if not addresses:
            raise Failed("dns")
        return until, addresses

    async def open(self, target: Target, addresses: tuple[str, ...], deadline: float) -> Connection:
        """A fresh connection to the first address that answers; each has its share of the time.

        Raises Failed(`refused`, `timeout`, `tls`, `busy` or `blocked_address`).
        """
        loop = asyncio.get_running_loop()
        context = self._tls if target.scheme == "https" else None
        end = min(deadline, loop.time() + self._limits.connect_s)
        failed = Failed("refused")
        for left, ip in zip(range(len(addresses), 0, -1), addresses, strict=True):
            now = loop.time()
            try:
                sock = await self._connect(ip, target.port, now + (end - now) / left)
            except Failed as error:
                failed = error
                if error.reason == "blocked_address":
                    break
            else:
                return await self._speak(sock, ip, target, context, deadline)

        raise failed

    async def _connect(self, ip: str, port: int, deadline: float) -> socket.socket:
        sock = None
        try:
            sock = socket.socket(_family(ip), socket.SOCK_STREAM)
            sock.setblocking(False)
            async with asyncio.timeout_at(deadline):
                await asyncio.get_running_loop().sock_connect(sock, (ip, port))
            self._judge_peer(sock)
        except BaseException as error:
            if sock is not None:
                sock.close()
            if isinstance(error, OSError):
                raise Failed(_reason(error)) from None
            raise
        return sock

    def _judge_peer(self, sock: socket.socket) -> None:
        """The kernel may have been told to send us elsewhere; and TCP can meet itself on a free local port."""
        peer = sock.getpeername()
        self._judge(peer[0], peer[1])
        if peer[:2] == sock.getsockname()[:2]:
            raise Failed("refused")

    def _judge(self, ip: str, port: int) -> None:
        try:
            judge_address(ip, port, self._policy, ours=is_ours(ip, port))
        except Refused:
            raise Failed("blocked_address") from None

    async def _speak(
        self, sock: socket.socket, ip: str, target: Target, context: ssl.SSLContext | None, deadline: float
    ) -> Connection:
        """Hand the socket to a transport, through TLS for https: the name in the URL is the one that is verified."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout_at(min(deadline, loop.time() + self._limits.connect_s)):
                _, connection = await loop.create_connection(
                    lambda: Connection(self._limits, ip, self._buffer),
                    sock=sock,
                    ssl=context,
                    server_hostname=target.host if context else None,
                )
        except TimeoutError:
            raise Failed("timeout") from None
        except OSError:  # SSLError and CertificateError are among them
            raise Failed("tls" if context else "closed") from None
        return connection

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        """Made at the first https call, because reading the system's authorities takes a while.

        PROTOCOL_TLS_CLIENT verifies chain and name; unlike create_default_context it writes no key log.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.hostname_checks_common_name = False
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.set_alpn_protocols(["http/1.1"])
        context.load_default_certs()
        if self._ca_file is not None:
            context.load_verify_locations(self._ca_file)
        return context


def is_ours(ip: str, port: int) -> bool:
    """Whether an address is one of this host's: the kernel would then use it as the source too. Sends nothing."""
    try:
        with socket.socket(_family(ip), socket.SOCK_DGRAM) as probe:
            probe.connect((ip, port))
            return bool(probe.getsockname()[0] == probe.getpeername()[0])
    except OSError:  # no route: whoever it is, it will not be reached
        return False


def _family(ip: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in ip else socket.AF_INET


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    return "busy" if error.errno in _LOCAL else "refused"
