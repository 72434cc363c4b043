"""How the Messages API refuses: problem documents that name a code, or one of the host's own pages."""

# protocols 5.2; the fixtures of the vendor's SDKs have what addresses, titles and details of 401, 402, 404 and 429 are.

from typing import Final

from textwire.domain.refusal import Refusal
from textwire.facades.vonage.problems import Failing, Wrong

from . import errors

UNAUTHORIZED: Final = (401, "#unauthorized", "Unauthorized", "You did not provide correct credentials.")
LOW_BALANCE: Final = (
    402,
    "/#low-balance",
    "Low balance",
    "This request could not be performed due to your account balance being low.",
)
UNKNOWN: Final = (404, "#not-found", "Not Found", "The message was not found, or it cannot be updated.")
TOO_FAST: Final = (
    429,
    "/messages-olympus#1010",
    "Rate Limit Hit",
    "Please wait, then retry your request",
)
UNAVAILABLE: Final = (503, "#unavailable", "Service Unavailable", "Nothing can be stored at the moment")

# code of a Refusal → what it is here. Whatever is not here, or below, is an invalid message.
REFUSALS: Final = {
    "insufficient_balance": LOW_BALANCE, "too_many_failures": TOO_FAST, "queue_full": TOO_FAST,
    "loop": TOO_FAST,
    "unavailable": UNAVAILABLE,
}  # fmt: skip
# code of a Refusal → (status, code here)
CODES: Final = {
    "account_suspended": (403, 1060), "loop": (422, 1250), "no_default_number": (422, 1120), "recipient_opted_out": (422, 1050),
    "sender_forbidden": (422, 1120), "text_too_long": (422, 1090), "trial_full": (402, 1070),
    "validity_out_of_range": (422, 1130),
}  # fmt: skip
# field of a Refusal → the member; of a message that may follow it has a path before it.
MEMBERS: Final = {"sender": "from", "recipient": "to"}
INVALID_MESSAGE: Final = (422, 1040)


def problem(code: int, *wrong: Wrong, status: int = 422) -> Failing:
    """A refusal with a code."""
    title, detail = errors.CODES[code]
    return Failing(status, errors.address(code), title, detail, *wrong)


def unreadable() -> Failing:
    """What came was no JSON at all."""
    return Failing(
        422,
        "#invalid-json",
        "The request body did not contain valid JSON",
        "The body could not be read as JSON",
    )


def too_fast(milliseconds: int) -> Failing:
    """The account has to wait so long."""
    return Failing(*TOO_FAST, headers=(("Retry-After", str(max(1, -(-milliseconds // 1000)))),))


def failing(refusal: Refusal) -> Failing:
    """What a refusal of the rooms below is here."""
    if refusal.code in REFUSALS:
        after = (
            (("Retry-After", str(refusal.after or 1)),) if refusal.kind in ("limit", "unavailable") else ()
        )
        return Failing(*REFUSALS[refusal.code], headers=after)
    where, dot, field = refusal.field.rpartition(".")
    name = where + dot + MEMBERS.get(field, field)
    if refusal.code == "invalid_address":
        return problem(errors.INVALID, Wrong(name, "invalid value"))
    status, code = CODES.get(refusal.code, INVALID_MESSAGE)
    return problem(code, *([Wrong(name, "cannot be sent")] if where else ()), status=status)
