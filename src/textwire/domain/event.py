"""Event: what happened, written in the transaction in which it happened."""

import msgspec

# Each type has a bit, so that a reader's wishes are one integer. Never reorder: the bits are stored.
TYPES = (
    "message.accepted", "message.sent", "message.delivered", "message.undelivered", "message.failed",
    "message.rejected", "message.expired", "message.canceled", "message.received", "message.ambiguous",
    "message.deferred", "number.assigned", "number.unassigned", "hook.disabled", "optout.added",
    "optout.removed", "subscription.canceled",
)  # fmt: skip
BIT = {name: 1 << n for n, name in enumerate(TYPES)}
ALL = (1 << len(TYPES)) - 1


class Event(msgspec.Struct, frozen=True, gc=False):
    """One event; `number` orders all events of a server, in the order in which they were committed.

    `subject` is a message's identifier (0: none), `sequence` counts the events of that message from 1, `state`
    is the message's state after it, `data` a JSON object with what else there is to say, `hook` addresses one
    webhook (0: whoever asked for the type).
    """

    number: int
    account: int
    type: str
    subject: int
    sequence: int
    state: str
    at: int
    data: str = "{}"
    segment: int = 0
    hook: int = 0


def mask(types: list[str]) -> int:
    """The bits of several types; KeyError names an unknown one."""
    bits = 0
    for name in types:
        bits |= BIT[name]
    return bits
