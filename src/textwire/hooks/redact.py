"""What may be kept of an endpoint's reply: its beginning, readable, without numbers of people and without secrets."""

import re

LONGEST = 1024  # characters
SHORT = 7  # bytes that hold neither a number nor a secret
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_SECRET = re.compile(
    r"(?i)(bearer|basic|digest)\s+\S+|(whsec_|tw_|sk_|pk_|eyj)[A-Za-z0-9_\-.+/=]{6,}|[A-Za-z0-9_\-+/=]{32,}"
)
_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]{5,}[0-9]")


def redacted(body: bytes) -> str:
    """A reply's body as it is kept; what is cut off at its end may have been half a character."""
    if len(body) < SHORT and body.isalnum():
        return body.decode()  # `ok`, as most say
    text = _CONTROL.sub("", body.decode("utf-8", "replace"))
    text = _SECRET.sub("[secret]", text)
    return _NUMBER.sub(_masked, text)[:LONGEST]


def _masked(number: re.Match[str]) -> str:
    """The last four digits of what may be a phone number; fewer than seven are none."""
    digits = [one for one in number[0] if one.isdigit()]
    return number[0] if len(digits) < 7 else "…" + "".join(digits[-4:])
