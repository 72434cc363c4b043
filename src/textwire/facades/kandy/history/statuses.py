"""What became of a message, in Kandy's words: one table from our states."""

# The browser SDK knows these four and makes Pending, Delivered, Failed and Unknown of them; any other word is lost.

from typing import Final

ON_ITS_WAY: Final = "DeliveredToNetwork"
ARRIVED: Final = "DeliveredToTerminal"
IMPOSSIBLE: Final = "DeliveryImpossible"
UNKNOWN: Final = "Unknown"

STATUSES: Final = {
    "scheduled": ON_ITS_WAY,
    "queued": ON_ITS_WAY,
    "submitting": ON_ITS_WAY,
    "sent": ON_ITS_WAY,
    "quarantined": ON_ITS_WAY,
    "ambiguous": UNKNOWN,
    "received": ARRIVED,
    "delivered": ARRIVED,
    "rejected": IMPOSSIBLE,
    "failed": IMPOSSIBLE,
    "undelivered": IMPOSSIBLE,
    "expired": IMPOSSIBLE,
    "canceled": IMPOSSIBLE,
}
