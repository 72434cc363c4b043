"""Form fields, from a body or a query string, become a dictionary, or a `BadBody`."""

from typing import Final
from urllib.parse import unquote_to_bytes

from textwire.web.decode import BadBody

MAX_FIELDS: Final = 100


def decode_form(body: bytes, max_fields: int = MAX_FIELDS) -> dict[str, str]:
    """Read application/x-www-form-urlencoded (WHATWG URL §5.1); raises BadBody.

    `+` and `%20` are spaces, a name without `=` has an empty value, the last of equal names wins.
    """
    if not body:
        return {}
    if body.count(b"&") >= max_fields:
        raise BadBody(f"There are more than {max_fields} fields")
    fields: dict[str, str] = {}
    for pair in body.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            key = _unescape(name, "")
            fields[key] = _unescape(value, key)
    return fields


def _unescape(raw: bytes, field: str) -> str:
    if b"+" in raw:
        raw = raw.replace(b"+", b" ")
    try:
        text = percent_decoded(raw)
    except UnicodeDecodeError:
        raise BadBody("The field is not UTF-8", field) from None
    if "\0" in text:
        raise BadBody("The field contains a NUL character", field)
    return text


def percent_decoded(raw: bytes) -> str:
    """Percent-decoding and nothing else: `+` stays `+`. Raises UnicodeDecodeError."""
    return (unquote_to_bytes(raw) if b"%" in raw else raw).decode()
