"""Receipt: what a network says became of a segment (DLR)."""

from typing import Literal

import msgspec

# "sent" stands for the intermediate words of networks (ENROUTE, ACCEPTD): kept, but it moves nothing.
ReceiptState = Literal["delivered", "undelivered", "expired", "rejected", "sent"]


class Receipt(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One receipt. `ref` is the carrier's own identifier, normalised by the carrier; `at` is in µs UTC."""

    carrier: str
    ref: str
    state: ReceiptState
    at: int
    error: str = ""
    raw: str = ""
