"""What a message is: its values, its states and the one table by which states move.

The drawing of this table is docs/states.md; the names are repeated as a CHECK in the schema.
"""

from typing import Final, Literal

import msgspec

from .refusal import Refusal

State = Literal[
    "scheduled", "queued", "submitting", "sent", "ambiguous", "quarantined",
    "delivered", "rejected", "failed", "undelivered", "expired", "canceled", "received",
]  # fmt: skip
Direction = Literal["out", "in"]
OnAmbiguous = Literal["resend", "hold", "fail"]
# assigned: the number is assigned to the principal; owned: the account owns or has proved it, or it is a name
# that may be used; extension: the same, of names the one that every extension has; system: our own answers;
# "": inbound.
Rights = Literal["assigned", "owned", "extension", "system", ""]
EXTENSION_NAME: Final = "sipgate"  # a text's sender until its extension has chosen a number

TRANSITIONS: dict[str, frozenset[str]] = {
    "": frozenset({"scheduled", "queued", "submitting", "received"}),  # birth
    "scheduled": frozenset({"queued", "canceled", "expired", "failed"}),
    "queued": frozenset({"submitting", "rejected", "failed", "expired", "canceled"}),
    "submitting": frozenset({"sent", "queued", "rejected", "failed", "expired", "ambiguous", "quarantined"}),
    "ambiguous": frozenset({"sent", "delivered", "undelivered", "rejected", "expired", "failed", "queued"}),
    "quarantined": frozenset({"queued", "failed"}),  # by hand
    "sent": frozenset({"delivered", "undelivered", "expired", "rejected"}),
    # A final state only rises, in the order of RISE.
    "expired": frozenset({"undelivered", "failed", "rejected", "delivered"}),
    "undelivered": frozenset({"failed", "rejected", "delivered"}),
    "failed": frozenset({"rejected", "delivered"}),
    "rejected": frozenset({"delivered"}),
    "delivered": frozenset(),
    "canceled": frozenset(),
    "received": frozenset(),
}
STATES = frozenset(TRANSITIONS) - {""}
RISE = ("expired", "undelivered", "failed", "rejected", "delivered")
FINAL = frozenset({*RISE, "canceled", "received"})

# How far along a segment is; a message is as far as its least advanced segment.
# One that is quarantined holds the whole message back until somebody decides.
_PROGRESS = {"quarantined": 0, "queued": 1, "submitting": 2, "ambiguous": 3, "sent": 4}


def may_move(old: str, new: str) -> bool:
    """Whether the table allows `old` → `new`; staying is never a move."""
    return new in TRANSITIONS[old]


def move(old: str, new: State) -> State:
    """`new`, if the table allows the step; a broken invariant stops the transaction otherwise."""
    if new not in TRANSITIONS[old]:
        raise AssertionError(f"no transition {old or '(birth)'} → {new}")
    return new


def reach(old: str, new: State) -> State:
    """`new`, in one step or by way of `sent`: a part may be told of while another is still to be submitted."""
    return move(old if may_move(old, new) else move(old, "sent"), new)


def fold(segments: list[State]) -> State:
    """The state of a message from those of its segments.

    `sent` when all are sent, `delivered` when all are delivered, and the worst final state once every
    segment is final.
    """
    if len(segments) == 1:
        return segments[0]
    underway = [s for s in segments if s in _PROGRESS]
    if underway:
        return min(underway, key=_PROGRESS.__getitem__)
    return min(segments, key=RISE.index)


class Message(msgspec.Struct, frozen=True, gc=False):
    """One message as it is kept. Times are microseconds UTC on the message clock, money is 10⁻⁸ EUR.

    The order of the fields is the order of the columns.
    """

    id: int
    account: int
    principal: int
    direction: Direction
    state: State
    sender: str
    recipient: str
    text: str
    encoding: str
    total: int  # segments; segment n has the identifier id + n − 1
    reference: int  # concatenation reference, 0 for a single segment
    carrier: str
    price: int  # per segment
    correlator: str
    batch: int  # identifier of the first message of the request, 0 when it had one recipient
    klass: str
    on_ambiguous: OnAmbiguous
    flash: int
    send_at: int  # 0: at once
    valid_until: int
    attempts: int
    possible_duplicate: int
    reason: str
    error: str
    sequence: int  # number of its latest event
    created_at: int
    updated_at: int
    raw: str  # hex of the original octets where the text had to be mended
    incomplete: int
    rights: Rights  # by which rule the sender was allowed, so that it can be judged again before it leaves
    ref: str = ""  # what the carrier calls it, if it is a single segment


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where a message stands: what answers and receipts need of it, without its text. Columns in order."""

    id: int
    account: int
    state: State
    carrier: str
    total: int
    klass: str
    valid_until: int
    attempts: int
    possible_duplicate: int
    reason: str
    error: str
    sequence: int
    ref: str


class Segment(msgspec.Struct, frozen=True, gc=False):
    """One piece of a message; `text` is empty when the message has one segment and is the whole text.

    That only segment is the message itself: what is said here of it is kept there.
    """

    id: int
    message: int
    n: int
    text: str
    state: State
    carrier: str
    ref: str


class Telling(msgspec.Struct, frozen=True, gc=False):
    """How whoever sent a message wants to hear of it, beside what the account has set. Columns in order.

    `url`: where its receipts go ("": as set), `receipts`: 0 if there shall be none; `entity` and `content` are what
    regulators of some countries know sender and text by. `form`: in which words it is told, where the API that it
    was sent by knows several; `name`: what that API calls the message, where it is not its identifier; `workflow`,
    `item` and `items`: what it calls the messages of which each goes out when the one before it has failed, and the
    place of this one, from 1, among them. `protocol` and `shown` are for networks that take them: the protocol
    identifier (3GPP TS 23.040 §9.2.3.9) and the message class but for 0 (TS 23.038 §4).
    """

    url: str = ""
    receipts: int = 1
    entity: str = ""
    content: str = ""
    form: str = ""
    name: str = ""
    protocol: int = 0
    shown: int = 0
    workflow: str = ""
    item: int = 0
    items: int = 0


class Draft(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A message about to be born: everything `accept` knows before the writer's transaction judges it.

    `sender` "" means the principal's default number, which only the transaction knows.
    """

    id: int
    sender: str
    recipient: str
    text: str
    encoding: str
    parts: tuple[str, ...]
    reference: int
    price: int
    birth: State
    carrier: str
    send_at: int
    due_at: int
    valid_until: int
    correlator: str = ""
    batch: int = 0
    klass: str = ""
    on_ambiguous: OnAmbiguous = "resend"
    flash: int = 0
    rights: Rights = "owned"
    reason: str = ""  # why it waits until `send_at` though nobody asked for that
    telling: Telling | None = None

    @property
    def total(self) -> int:
        return len(self.parts)

    @property
    def cost(self) -> int:
        """What accepting it takes from the balance, in 10⁻⁸ EUR."""
        return self.price * len(self.parts)


def cancelable(state: str) -> None:
    """Refuses unless no intent to submit exists yet."""
    if not may_move(state, "canceled"):
        raise Refusal(
            "not_cancelable", f"The message is {state}; only scheduled or queued ones can be canceled."
        )
