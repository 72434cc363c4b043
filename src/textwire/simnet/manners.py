"""Numbers with manners: how the network and the handset behave for a number that nobody owns, by its ending."""

from typing import Literal, TypeAlias

import msgspec

from textwire.simnet.exchange import BARRED

MILLISECOND = 1000
SECOND = 1_000_000

PhoneState: TypeAlias = Literal["on", "off", "full", "answering", "gone"]
"""`gone`: the network knows no such subscriber."""


class Manner(msgspec.Struct, frozen=True, kw_only=True):
    """`receipts`: one per entry, so many microseconds after the delivery (or what came instead of it)."""

    state: PhoneState = "on"
    refused: str = ""
    busy_attempts: int = 0
    receipts: tuple[int, ...] = (0,)
    receipt_first: bool = False


PLAIN = Manner()

MANNERS = {
    "0001": Manner(state="gone"),
    "0002": Manner(state="off"),
    "0003": Manner(refused=BARRED),
    "0004": Manner(busy_attempts=1),
    "0005": Manner(receipts=(30 * SECOND,)),
    "0006": Manner(receipt_first=True),
    "0007": Manner(receipts=(0, 100 * MILLISECOND)),
    "0008": Manner(receipts=()),
    "0009": Manner(state="answering"),
}


def manner_of(number: str) -> Manner:
    """The manner of a number that nobody owns."""
    return MANNERS.get(number[-4:], PLAIN)
