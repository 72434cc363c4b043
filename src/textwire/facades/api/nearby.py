"""Whether a caller is on this very machine: some papers and figures are shown to such without a key."""

from ipaddress import ip_address
from typing import Final

from textwire.web.request import Request

# Whoever sets one of these stands between us and somebody elsewhere.
FORWARDED: Final = (b"forwarded", b"x-forwarded-for", b"x-real-ip", b"via")


def near(request: Request) -> bool:
    """Whether a request comes from this machine, and not through a proxy on it."""
    try:
        local = ip_address(request.client).is_loopback
    except ValueError:
        return False
    return local and not any(request.header(name) for name in FORWARDED)
