"""Arrival: an inbound segment as a carrier hands it over (MO)."""

import msgspec


class Concat(msgspec.Struct, frozen=True):
    """Where a segment stands in a long message (3GPP TS 23.040 §9.2.3.24.1 and .8)."""

    reference: int
    total: int
    n: int  # from 1


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """One inbound segment. `sender` and `recipient` are E.164 (or a short code or name); `at` is in µs UTC.

    `text` is already decoded; `raw` holds the octets as hex where decoding had to mend something. `octets`: it is no
    text; then `text` is its data as hex, and `raw` that with the user data header before it. Such a segment stands alone.
    """

    carrier: str
    sender: str
    recipient: str
    text: str
    at: int
    concat: Concat | None = None
    raw: str = ""
    possible_duplicate: bool = False
    octets: bool = False
