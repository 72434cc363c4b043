"""What is known of one part of a message, in the vendor's words: states, codes, times."""

# Statuses and codes: "Delivery receipts" of the vendor's developer site; final statuses: developer/messages 1.0.6.

from collections.abc import Sequence
from typing import Final

import msgspec

from textwire.domain.message import FINAL, Message, Segment
from textwire.domain.receipt import Receipt
from textwire.facades.vonage.fields import DELIVERED, STATUSES, code
from textwire.store import parted, receipts
from textwire.store.engines.engine import Engine

MILLISECOND: Final = 1000  # µs
# state → status; STATUSES has the final ones.
WORDS: Final[dict[str, str]] = {
    **STATUSES, "queued": "buffered", "scheduled": "buffered", "submitting": "buffered", "sent": "accepted",
    "canceled": "deleted",
}  # fmt: skip
UNKNOWN: Final = "unknown"
# err-code → its description.
LABELS: Final[dict[str, str]] = {
    "0": "Delivered", "1": "Unknown", "2": "Absent Subscriber - Temporary", "3": "Absent Subscriber - Permanent",
    "4": "Call Barred by User", "5": "Portability Error", "6": "Anti-Spam Rejection", "7": "Handset Busy",
    "8": "Network Error", "9": "Illegal Number", "10": "Illegal Message", "11": "Unroutable",
    "12": "Destination Unreachable", "13": "Subscriber Age Restriction", "14": "Number Blocked by Carrier",
    "15": "Prepaid Insufficient Funds", "50": "Entity Filter", "51": "Header Filter", "52": "Content Filter",
    "53": "Consent Filter", "54": "Regulation Error", "99": "General Error",
}  # fmt: skip


class Record(msgspec.Struct, frozen=True):
    """A part, and the latest that the network said of it."""

    message: Message
    segment: Segment
    last: Receipt | None = None

    @property
    def inbound(self) -> bool:
        return self.message.direction == "in"

    @property
    def text(self) -> str:
        return self.segment.text if self.message.total > 1 else self.message.text

    @property
    def state(self) -> str:
        """The part's own, or the message's where that has ended without it."""
        return self.segment.state if self.segment.state in FINAL else self.message.state

    @property
    def status(self) -> str:
        return WORDS.get(self.state, UNKNOWN)

    @property
    def closed_at(self) -> int:
        """When it was over (µs); 0: it is not."""
        if self.state not in FINAL:
            return 0
        return self.last.at if self.last else self.message.updated_at

    @property
    def latency(self) -> int:
        """How long that took (ms)."""
        return max(self.closed_at - self.message.created_at, 0) // MILLISECOND

    @property
    def code(self) -> str:
        """The vendor's code for what came of it."""
        if self.state == "delivered":
            return DELIVERED
        return code(self.last.error if self.last else self.message.error or self.message.reason)


async def of(engine: Engine, messages: Sequence[Message]) -> list[Record]:
    """Every part of these messages, in their order."""
    found = await parted.parts(engine, messages)
    sent = [m for m in messages if m.direction == "out"]
    said = {kept.segment: kept.receipt for kept in await receipts.of_messages(engine, sent)} if sent else {}
    return [Record(m, segment, said.get(segment.id)) for m in messages for segment in found[m.id]]
