"""A server that listens on plain HTTP and on TLS, can be restarted in its place, and a browser that knows its key."""

import base64
import contextlib
import hashlib
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.serving import Server, server


class House:
    """`api` and `urls` are those of the server that runs now; both ports stay the same over a restart."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._ports = [_free_port(), _free_port()]
        self._stack = contextlib.ExitStack()
        self.running: Server
        self._start()

    @property
    def port(self) -> int:
        """That of TLS."""
        return self._ports[1]

    @property
    def url(self) -> str:
        """Of plain HTTP."""
        return self.running.urls["http"]

    @property
    def kandy(self) -> dict[str, str]:
        """The credentials."""
        return dict(self.running.credentials["kandy"])

    def api(self, method: str, path: str, body: object = None) -> Any:
        return self.running.api(method, path, body)

    def types(self, phone: str, to: str, text: str) -> None:
        """What the person with a handset types."""
        self.running.types(phone, to, text)

    def arrives(self, phone: str, text: str) -> bool:
        """Whether a text comes to a handset."""
        return self.running.arrives(phone, text)

    def restart(self) -> None:
        """Kills it, as a crash would, and starts it again on the same data."""
        self.running.kill()
        self._stack.close()
        self._start()

    def close(self) -> None:
        self._stack.close()

    def trust(self) -> str:
        """Chromium's option to take this server's key, and no other, without an authority's word."""
        certificate = x509.load_pem_x509_certificate((self.running.data / "tls" / "server.pem").read_bytes())
        key = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        pin = base64.b64encode(hashlib.sha256(key).digest()).decode()
        return f"--ignore-certificate-errors-spki-list={pin}"

    def _start(self) -> None:
        http, https = (f"127.0.0.1:{port}" for port in self._ports)
        # Many tests text the same phone within a minute, which would count as a loop.
        wishes = ("--http", http, "--https", https, "--loop-messages", "0")
        self.running = self._stack.enter_context(server(self.directory, *wishes))


@contextlib.contextmanager
def house(directory: Path) -> Iterator[House]:
    one = House(directory)
    try:
        yield one
    finally:
        one.close()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])
