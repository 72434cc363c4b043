"""The status of a submission: numbers and texts, and which of our refusals is which."""

# "SMS API error codes" of the vendor's developer site. Texts are those that the platform was seen to answer
# (protocols: [CAP], [GW], [FIX]); where none was seen, they are the names of the statuses on that page.

from typing import Final

from textwire.domain.refusal import Refusal

TEXTS: Final[dict[str, str]] = {
    "throttled": "Throughput Rate Exceeded - please wait and retry",
    "no_key": "Missing api_key",
    "no_secret": "Your request is incomplete and missing some mandatory parameters",
    "no_sender": "Missing from param",
    "no_recipient": "Missing to param",
    "no_text": "Missing Message Text",
    "not_numeric": "to address is not numeric",
    "credentials": "Bad Credentials",
    "internal": "Server Error",
    "barred": "Number barred.",
    "account_barred": "Partner Account Barred",
    "quota": "Quota Exceeded - rejected",
    "too_long": "Message Too Long",
    "signature": "Invalid Signature",
    "sender": "Illegal Sender Address - rejected",
    "ttl": "value for ttl field out of range",
    "callback": "Invalid Callback URL",
    "both": "Signature And API Secret Disallowed",
    "deactivated": "Number De-activated",
    "campaign": "Invalid Account for Campaign",
    "unroutable": "Unroutable message - rejected",
    "binds": "Too Many Existing Binds",
    "not_enabled": "Account Not Enabled For HTTP",
    "communication": "Communication Failed",
    "unreachable": "Destination Unreachable",
    "destinations": "Too Many Destinations",
    "facility": "Facility Not Allowed",
    "class": "Invalid Message Class",
    "network": "Invalid Network Code",
    "not_listed": "Non White-listed Destination - rejected",
}
STATUSES: Final[dict[str, str]] = {
    "throttled": "1", "no_key": "2", "no_secret": "2", "no_sender": "2", "no_recipient": "2", "no_text": "2",
    "not_numeric": "3", "invalid": "3", "credentials": "4", "internal": "5", "barred": "7", "account_barred": "8",
    "quota": "9", "too_long": "12", "signature": "14", "sender": "15", "ttl": "16", "callback": "23", "both": "32",
    "deactivated": "33", "campaign": "101", "unroutable": "6", "binds": "10", "not_enabled": "11",
    "communication": "13", "unreachable": "17", "destinations": "18", "facility": "19", "class": "20", "network": "22",
    "not_listed": "29",
}  # fmt: skip

# What an account may have pretended: status → why. Of a status with several reasons, the most general one.
PRETENDED: Final[dict[str, str]] = {
    **{status: why for why, status in STATUSES.items() if why not in ("invalid", "no_key")}, "2": "no_secret",
}  # fmt: skip
# These come when the way is looked for, and name the recipient; those of NETWORKED the network, too.
NETWORKED: Final = frozenset(("1", "7", "8", "9", "13", "15", "17", "18", "19", "33"))
ADDRESSED: Final = NETWORKED | {"6", "22", "29"}
PRETENDED_WAIT: Final = 500  # ms

# code of a Refusal → why.
REASONS: Final[dict[str, str]] = {
    "account_suspended": "account_barred", "insufficient_balance": "quota", "no_default_number": "sender",
    # Not 1, on which SDKs wait and send again at once, and not 7, on which programs strike the number off their lists.
    "loop": "unroutable",
    "queue_full": "throttled", "recipient_opted_out": "barred", "sender_forbidden": "sender", "text_empty": "no_text",
    "text_too_long": "too_long", "too_many_failures": "throttled", "unavailable": "internal",
    "validity_out_of_range": "ttl",
}  # fmt: skip
# field of a Refusal "invalid_address" → the parameter.
PARAMETERS: Final = {"sender": "from", "recipient": "to"}


class Failed(Exception):  # it is an answer, not an error of ours
    """A submission that we did not take; nothing has happened. `to` and `network`: once we knew the recipient."""

    def __init__(self, why: str, text: str = "", *, to: str = "", network: str = "") -> None:
        super().__init__(why)
        self.why, self.status = why, STATUSES[why]
        self.text = text or TEXTS[why]
        self.to, self.network = to, network


def invalid(parameter: str) -> Failed:
    """A parameter has a value that it may not have."""
    return Failed("invalid", f"Invalid {parameter} param")


def throttled(milliseconds: int, *, to: str = "", network: str = "") -> Failed:
    """Too fast; the vendor's PHP SDK reads the number, waits and sends again."""
    text = f"Throughput Rate Exceeded - please wait [ {milliseconds} ] and retry"
    return Failed("throttled", text, to=to, network=network)


def pretended(status: str, to: str, network: str) -> Failed:
    """A status that the account wants to see, as it is when there is a reason for it."""
    to, network = to if status in ADDRESSED else "", network if status in NETWORKED else ""
    why = PRETENDED[status]
    return (
        throttled(PRETENDED_WAIT, to=to, network=network)
        if why == "throttled"
        else Failed(why, to=to, network=network)
    )


def failed(refusal: Refusal, *, to: str = "", network: str = "") -> Failed:
    """What a refusal of the rooms below is here."""
    why = REASONS.get(refusal.code)
    if why is not None:
        return Failed(why, to=to, network=network)
    return invalid(PARAMETERS.get(refusal.field, refusal.field or "request"))
