"""Times on sipgate's wire: every form in which clients write `sendAt`, and moments as they are shown."""

import math
import re
from datetime import UTC, datetime
from typing import Any, Final

from textwire.domain.refusal import Refusal

SECOND: Final = 1_000_000  # µs
FURTHEST: Final = 31 * 86_400  # seconds; the vendor's readme says "up to one month"
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,20}(?:\.[0-9]{0,20})?")


def send_at(written: Any, now: int) -> int:
    """The time to send (µs, message clock), 0: now. Refusal send_at_out_of_range, invalid_field.

    Unix seconds as an integer, a number with a fraction or text; nothing, 0 and negative numbers mean now: two of
    the vendor's own examples send null and 0, a published recipe sends −1.
    """
    seconds = _seconds(written)
    if seconds <= 0 or seconds == now // SECOND:
        return 0
    if not now // SECOND < seconds <= now // SECOND + FURTHEST:
        raise Refusal("send_at_out_of_range", "sendAt must lie within the next 31 days.", "sendAt")
    return seconds * SECOND


def _seconds(written: Any) -> int:
    if written is None or written == "":
        return 0
    if isinstance(written, str) and _NUMBER.fullmatch(written):
        return int(written.partition(".")[0])
    if isinstance(written, int | float) and not isinstance(written, bool) and math.isfinite(written):
        return int(written)
    raise Refusal("invalid_field", "sendAt has to be Unix seconds.", "sendAt")


def moment(at: int) -> str:
    """A time as it is shown: UTC, seconds, `Z`."""
    return datetime.fromtimestamp(at // SECOND, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
