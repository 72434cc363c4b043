"""What every stable code of a problem means, with which status it comes, and what a caller can do about it."""

from typing import Final

import msgspec

from textwire.domain.refusal import CODES, Kind

HOME: Final = "/api/docs/errors"
"""Where people read about codes: the `type` of a problem is this page at its code."""

STATUS: Final[dict[Kind, int]] = {
    "invalid": 400,
    "unauthorized": 401,
    "payment": 402,
    "forbidden": 403,
    "missing": 404,
    "conflict": 409,
    "limit": 429,
    "unavailable": 503,
}
# Codes whose status is not that of their kind: trying again shortly does not help.
STATUS_OF_CODE: Final = {"too_many_hooks": 409}

# What the HTTP shell says before or around a call: code → (status, what a person reads).
SHELL: Final[dict[str, tuple[int, str]]] = {
    "bad_path": (400, "The path is not percent-encoded UTF-8."),
    "method_not_allowed": (405, "This path does not know that method."),
    "body_timeout": (408, "The body did not arrive in time."),
    "too_large": (413, "The body is larger than the call takes."),
    "unsupported_media_type": (415, "The body is not declared as JSON."),
    "unsupported_encoding": (415, "The body is compressed."),
    "upgrade_required": (426, "This path speaks WebSocket."),
    "internal_error": (500, "The server failed, and has logged the failure."),
    "stopping": (503, "The server is stopping."),
}

# What to do about a kind of refusal that says no more below.
_WAYS_OUT: Final[dict[Kind, str]] = {
    "invalid": "Mend the field that `errors` names, as `detail` says, and send the request again.",
    "unauthorized": "Send the header Authorization: Bearer with a key that is valid.",
    "payment": "Top up the balance; the request can then be sent again as it is.",
    "forbidden": "Use a key, or a resource, that is allowed to; trying again changes nothing.",
    "missing": "Check the identifier and the account of the key.",
    "conflict": "Read the resource as it is now, and decide again.",
    "limit": "Wait as long as Retry-After says and send the request again.",
    "unavailable": "Wait as long as Retry-After says and send the request again.",
}
_OWN_WAYS_OUT: Final = {
    "invalid_body": "Send one JSON object in UTF-8, without a byte order mark.",
    "missing_field": "Add the field that `errors` names.",
    "unknown_field": "Leave out, or spell right, what `errors` names.",
    "invalid_address": "Write numbers as E.164: +447700900123.",
    "text_too_long": "Shorten the text; POST /api/text/preview says what it needs and why.",
    "idempotency_mismatch": "Take a new Idempotency-Key for a new request.",
    "insufficient_balance": "Top up the balance, or send fewer or shorter messages.",
    "sender_forbidden": "Send from a number that the account owns, or prove that the sender is yours.",
    "no_default_number": "Name a `from`, or give the key a default number.",
    "recipient_opted_out": "Do not write to them; they can text START to be written to again.",
    "loop": "Let one side stop answering automatically; Retry-After says when the pair may text again.",
    "own_number": "Erase numbers of people; what an account owns is released.",
    "trial_full": "Wait until something is over, or cancel what has not left.",
    "scope_missing": "Use a key with the scope that `detail` names.",
    "not_simulated": "The clock and the simulated network are for installations without real carriers.",
    "blocked_address": "Give an address on the public Internet; on a server that only simulates, http://127.0.0.1 is fine.",
    "too_many_numbers": "Release numbers that are no longer needed.",
    "too_many_senders": "Delete senders that are no longer used.",
    "number_taken": "Search for another number: GET /api/numbers/available.",
    "code_wrong": "Read the code again; if it was tried five times or is ten minutes old, ask for a new one.",
    "too_many_codes": "Wait as long as Retry-After says before asking for another code.",
    "too_many_tokens": "Remove personal access tokens that are no longer used.",
    "too_many_hooks": "Delete hooks that are no longer needed.",
    "bad_path": "Percent-encode the path as UTF-8.",
    "method_not_allowed": "Use a method that the header Allow names.",
    "body_timeout": "Send the whole body within 30 seconds.",
    "too_large": "Send less at once.",
    "unsupported_media_type": "Send the header Content-Type: application/json.",
    "unsupported_encoding": "Send the body without Content-Encoding.",
    "upgrade_required": "Open a WebSocket at this path.",
    "internal_error": "Tell who runs the server; X-Request-Id names the failure in its log.",
    "stopping": "Wait as long as Retry-After says and send the request again.",
}


class Code(msgspec.Struct, frozen=True):
    """One code as people read about it."""

    code: str
    status: int
    meaning: str
    way_out: str


def status_of(code: str) -> int:
    """The status that a code comes with."""
    if code in SHELL:
        return SHELL[code][0]
    return STATUS_OF_CODE.get(code) or STATUS[CODES[code][0]]


def meaning_of(code: str) -> str:
    """What a person reads; empty for a code that is none of ours."""
    return SHELL[code][1] if code in SHELL else CODES[code][1] if code in CODES else ""


def type_of(code: str) -> str:
    """The `type` of a problem with this code (RFC 9457 §3.1.1), a reference relative to the server."""
    return f"{HOME}#{code}" if meaning_of(code) else "about:blank"


def catalogue() -> list[Code]:
    """Every code, by status and then by name."""
    found = [Code(code, status_of(code), meaning_of(code), _way_out(code)) for code in {**CODES, **SHELL}]
    return sorted(found, key=lambda one: (one.status, one.code))


def _way_out(code: str) -> str:
    return _OWN_WAYS_OUT.get(code) or _WAYS_OUT[CODES[code][0]]
