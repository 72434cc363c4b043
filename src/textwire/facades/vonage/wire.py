"""How Vonage's wire spells things: identifiers, money, numbers and times."""

import re
from datetime import UTC, datetime
from typing import Final

from textwire.domain.ids import MAX_INT

# Of every handset of the simulated network: MCC 001 is for test networks (ITU-T E.212, annex A).
NETWORK: Final = "00101"
SECOND: Final = 1_000_000  # µs
_ID: Final = re.compile("[0-9A-Fa-f]{1,16}", re.ASCII)


def message_id(segment: int) -> str:
    """The identifier of a part: 16 capital hexadecimal digits."""
    return f"{segment:016X}"


def part_of(written: str) -> int:
    """The part that an identifier names; 0: it is none that we could have given."""
    part = int(written, 16) if _ID.fullmatch(written) else 0
    return part if part <= MAX_INT else 0


def euros(amount: int) -> str:
    """Money, from 10⁻⁸ EUR: a string with eight decimals."""
    sign, whole = "-" if amount < 0 else "", abs(amount)
    return f"{sign}{whole // 10**8}.{whole % 10**8:08d}"


def digits(address: str) -> str:
    """A number without its plus; a name or a short code as it is."""
    return address.removeprefix("+")


def stamp(at: int) -> str:
    """`YYYY-MM-DD HH:MM:SS` in UTC, from µs."""
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%d %H:%M:%S")


def minute(at: int) -> str:
    """`YYMMDDHHMM` in UTC, from µs."""
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%y%m%d%H%M")
