"""The access token of a request."""

import re
from typing import Final

from textwire.web.request import Request

_BEARER: Final = re.compile(r"bearer +(\S+)", re.IGNORECASE | re.ASCII)  # RFC 6750 §2.1


def bearer(request: Request) -> str:
    """What stands behind Bearer, "" when there is no such header."""
    found = _BEARER.fullmatch(request.header(b"authorization") or "")
    return found[1] if found else ""
