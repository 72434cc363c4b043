"""Arrival: an inbound segment as a carrier hands it over (MO)."""

import msgspec


class Concat(msgspec.Struct, frozen=True):
    """Where a segment stands in a long message (3GPP TS 23.040 §9.2.3.24.1 and .8)."""

    reference: int
    total: int
    n: int  # from 1


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One inbound segment. `sender` and `recipient` are E.164 (or a short code or name); `at` is in µs UTC.

    `text` is already decoded; `raw` holds the octets as hex where decoding had to mend something.
    """

    carrier: str
    sender: str
    recipient: str
    text: str
    at: int
    concat: Concat | None = None
    raw: str = ""
    possible_duplicate: bool = False
