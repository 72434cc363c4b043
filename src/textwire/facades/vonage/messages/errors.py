"""The codes of the Messages API: what they are called, and which failure of ours is which."""

# "Messages API errors" of the vendor's developer site (x-errors of messages-olympus 0.4.0 names them).

from typing import Final

from textwire.facades.vonage import fields

ADDRESS: Final = "https://developer.vonage.com/api-errors/messages#"

# code → (title, what it means)
CODES: Final[dict[int, tuple[str, str]]] = {
    1000: ("Throttled", "More was submitted than the account may submit; wait, then try again."),
    1010: ("Missing params", "The request lacks one or more mandatory parameters."),
    1020: ("Invalid params", "The value of one or more parameters is not offered here."),
    1030: ("Internal error", "The request could not be processed."),
    1040: ("Invalid message", "The message could not be processed."),
    1050: ("Number barred", "The recipient may not be sent to."),
    1060: ("Partner account barred", "The account may not submit messages."),
    1070: ("Partner quota exceeded", "The account's credit does not cover the message."),
    1090: ("Message too long", "The text needs more segments than a message may have."),
    1100: ("Communication failed", "Nobody knows whether the network has the message."),
    1120: ("Illegal sender address", "The account may not send from this sender."),
    1130: ("Invalid TTL", "The value of ttl is out of range."),
    1150: ("Invalid params", "The value of one or more parameters is invalid."),
    1180: ("Absent subscriber temporary", "The handset could not be reached for now."),
    1190: ("Absent subscriber permanent", "The number is not active any more."),
    1200: ("Portability error", "The recipient has changed the carrier, and cannot be reached yet."),
    1210: ("Anti-spam rejection", "A carrier has taken the message for spam."),
    1220: ("Handset busy", "The handset could not take the message."),
    1230: ("Network error", "A network has failed."),
    1240: ("Illegal number", "There is no such subscriber."),
    1250: ("Unroutable", "There is no route to the number."),
    1260: ("Destination unreachable", "The number could not be reached."),
    1270: ("Subscriber age restriction", "The recipient's age does not allow for the content."),
    1280: ("Number blocked by carrier", "The carrier does not deliver to the number."),
    1290: ("Pre-paid insufficient funds", "The recipient's credit does not cover the message."),
    1330: ("Unknown", "The network does not say why."),
    1360: ("TTL was activated", "The message was not delivered in its time."),
}
MISSING, UNSUPPORTED, INVALID = 1010, 1020, 1150
UNKNOWN, EXPIRED = 1330, 1360

# "Delivery receipt error codes" of the SMS API → code here: the same failures by other numbers.
RECEIPTS: Final[dict[str, int]] = {
    "1": 1330, "2": 1180, "3": 1190, "4": 1050, "5": 1200, "6": 1210, "7": 1220, "8": 1230, "9": 1240, "10": 1040,
    "11": 1250, "12": 1260, "13": 1270, "14": 1280, "15": 1290, "50": 1210, "51": 1120, "52": 1210, "53": 1050,
    "54": 1210, "99": 1330,
}  # fmt: skip
# What the house says for which the SMS API has no number.
OURS: Final[dict[str, int]] = {
    "ambiguous": 1100, "sender_unassigned": 1120, "insufficient_balance": 1070, "trial_full": 1070,
    "account_suspended": 1060, "loop": 1250,
}  # fmt: skip


def code(state: str, reason: str, error: str) -> int:
    """What a message has failed of that ended in this state; `error` is what a network said, "": nothing."""
    if state == "expired":
        return EXPIRED
    return OURS.get(reason) or RECEIPTS.get(fields.code(error or reason), UNKNOWN)


def address(code: int) -> str:
    """Where the vendor explains it."""
    return f"{ADDRESS}{code}"
