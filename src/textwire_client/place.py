"""Where the server is and who is calling: what every request and every socket needs."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import msgspec

from .plans import Exchange, Manner

AGENT = "textwire-client/0.1.0"


class Place(msgspec.Struct, frozen=True):
    """The server's address without a slash at its end, the key, and how patient we are."""

    url: str
    key: str
    manner: Manner = Manner()
    timeout: float = 30.0
    connections: int = 20
    keep_alive: float = (
        4.0  # less than servers keep an idle connection, so that none is closed under a request
    )
    tls: Any = None

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment:
            raise ValueError(f"not the address of a server: {self.url!r}")

    def headers(self, exchange: Exchange) -> list[tuple[str, str]]:
        """All headers of a request."""
        own = {"Authorization": f"Bearer {self.key}", "User-Agent": AGENT}
        return list((own | exchange.headers).items())

    def timeouts(self, exchange: Exchange) -> dict[str, float]:
        """Seconds for each thing that may take long; a call that waits at the server gets its patience on top."""
        return {
            "connect": self.timeout,
            "read": self.timeout + exchange.patience,
            "write": self.timeout,
            "pool": self.timeout,
        }

    @property
    def socket_url(self) -> str:
        """The same place for WebSockets."""
        return "ws" + self.url.removeprefix("http")

    def __repr__(self) -> str:
        return f"Place({self.url!r})"  # never the key
