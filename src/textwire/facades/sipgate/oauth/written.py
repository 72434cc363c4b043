"""What may be written of an OAuth client: texts, and addresses that a browser may be sent to without harm."""

import re
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlsplit

from textwire.domain.refusal import Refusal

LONGEST_NAME: Final = 100
LONGEST_DESCRIPTION: Final = 1000
LONGEST_ADDRESS: Final = 2000
LONGEST_ORIGIN: Final = 300  # every access token repeats all of them, and has to fit into a header
MOST_ADDRESSES: Final = 20
_ADDRESS: Final = re.compile(r"[!-~]+", re.ASCII)  # what fits into a header as it is
# A host goes into the policy of the login page, in which `;` and quotes mean something.
_PLACE: Final = re.compile(r"(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])?(?::[0-9]{1,5})?", re.ASCII)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9.+-]*", re.ASCII)
WEB: Final = ("http", "https")
# What a browser would run, or show as if it were of this server.
NEVER: Final = frozenset(
    ("javascript", "data", "vbscript", "blob", "file", "filesystem", "about", "view-source", "ws", "wss")
)


def text(value: Any, field: str, most: int) -> str:
    """A text that says something, on one line."""
    if value is None:
        raise Refusal("missing_field", f"{field} is missing.", field)
    if not isinstance(value, str) or not value.strip() or len(value) > most or not value.isprintable():
        raise Refusal("invalid_field", f"{field} has to be one line of 1 to {most} characters.", field)
    return value


def each(value: Any, field: str, read: Callable[[Any, str], str]) -> tuple[str, ...]:
    """A list of addresses, each once."""
    if value is None:
        raise Refusal("missing_field", f"{field} is missing.", field)
    if not isinstance(value, list) or len(value) > MOST_ADDRESSES:
        raise Refusal(
            "invalid_field", f"{field} has to be a list of up to {MOST_ADDRESSES} addresses.", field
        )
    return tuple(dict.fromkeys(read(one, field) for one in value))


def redirect_uri(value: Any, field: str) -> str:
    """Where a login may end (RFC 6749 §3.1.2): absolute, without fragment; compared to the letter, so no wildcards."""
    scheme, host = _parts(value, field)
    rooted = value[len(scheme) :].startswith(":/")  # localhost:3000 is a slip, not a scheme
    fitting = _SCHEME.fullmatch(scheme) and scheme not in NEVER and rooted and (host or scheme not in WEB)
    if not fitting or "#" in value or "*" in value or "\\" in value:
        raise Refusal(
            "invalid_field", f"{field} takes whole addresses, with no wildcard and no fragment.", field
        )
    return str(value)


def origin(value: Any, field: str) -> str:
    """Whose pages may use tokens; kept and repeated in them, as nobody is kept out by it."""
    if value in ("*", "+"):
        return str(value)
    scheme, host = _parts(value, field)
    if scheme not in WEB or not host or len(value) > LONGEST_ORIGIN:
        raise Refusal("invalid_field", f"{field} takes origins, such as https://www.example.com.", field)
    return str(value)


def page(value: Any, field: str) -> str:
    """The address of a page, "": there is none."""
    if value is None or value == "":
        return ""
    scheme, host = _parts(value, field)
    if scheme not in WEB or not host:
        raise Refusal("invalid_field", f"{field} has to be the address of a web page.", field)
    return str(value)


def _parts(value: Any, field: str) -> tuple[str, str]:
    """Scheme and host of an address."""
    wrong = Refusal("invalid_field", f"{field} has to be an address.", field)
    if not isinstance(value, str) or len(value) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(value):
        raise wrong
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise wrong from None
    if not _PLACE.fullmatch(parts.netloc):
        raise wrong
    return parts.scheme, host
