"""What passes between the simulated network and whoever drives it: submissions and answers in, effects out."""

from typing import Literal, TypeAlias

import msgspec

BARRED = "barred"
THROTTLED = "throttled"
NETWORK_FULL = "network_full"
UNKNOWN_SUBSCRIBER = "unknown_subscriber"
ABSENT_SUBSCRIBER = "absent_subscriber"
MEMORY_FULL = "memory_full"
NETWORK_RESET = "network_reset"

Concat: TypeAlias = tuple[int, int, int]
"""(reference, total, number from 1) of a segment of a longer text: 3GPP TS 23.040 §9.2.3.24.1."""

ReportState: TypeAlias = Literal["delivered", "undelivered", "expired", "rejected"]


class Unusable(ValueError):
    """A setting or a text that the simulated network cannot use; `field` names which."""

    def __init__(self, field: str, detail: str) -> None:
        super().__init__(f"{field}: {detail}")
        self.field = field
        self.detail = detail


class Submission(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One segment on its way to the network. `key` and `attempt` (from 1) together make its reference.

    `owned`: an account of this server owns the recipient, so that the text comes back to it and no handset is
    involved. `valid_until` is in microseconds UTC.
    """

    key: int
    attempt: int
    sender: str
    recipient: str
    text: str
    valid_until: int
    concat: Concat | None = None
    receipt: bool = True
    owned: bool = False


class Taken(msgspec.Struct, frozen=True, gc=False):
    """Yes: the network will report on `ref`. The answer reaches the caller at `respond_at`."""

    ref: str
    respond_at: int


class Busy(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Not now: try again `after_us` after the answer, which reaches the caller at `respond_at`."""

    after_us: int
    respond_at: int
    code: str


class Refused(msgspec.Struct, frozen=True, gc=False):
    """Never. The answer reaches the caller at `respond_at`."""

    code: str
    respond_at: int


class Lost(msgspec.Struct, frozen=True):
    """No answer will ever come, and nobody knows whether the network has the segment."""


LOST = Lost()

Answer: TypeAlias = Taken | Busy | Refused | Lost


class Report(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What became of a segment; `error` is one of the words above, empty when it was delivered."""

    ref: str
    state: ReportState
    error: str
    at: int


class MoSegment(msgspec.Struct, frozen=True, gc=False):
    """One segment of a text that leaves the network; of what is no text, `data` and its user data `header` as hex."""

    text: str
    concat: Concat | None = None
    data: str = ""
    header: str = ""


class Texted(msgspec.Struct, frozen=True, kw_only=True):
    """A text for a number that somebody owns.

    `ref` is the reference of the submission that it stems from (with an ending of its own for a handset's answer),
    so that what an adopted segment brings twice can be told; empty for what a person wrote.
    """

    sender: str
    recipient: str
    segments: tuple[MoSegment, ...]
    at: int
    ref: str = ""


Effect: TypeAlias = Report | Texted
