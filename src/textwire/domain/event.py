"""Event: what happened, written in the transaction in which it happened."""

import msgspec

from .message import Message

# Each type has a bit, so that a reader's wishes are one integer. Never reorder: the bits are stored.
TYPES = (
    "message.accepted", "message.sent", "message.delivered", "message.undelivered", "message.failed",
    "message.rejected", "message.expired", "message.canceled", "message.received", "message.ambiguous",
    "message.deferred", "number.assigned", "number.unassigned", "hook.disabled", "optout.added",
    "optout.removed", "subscription.canceled", "number.bought", "number.released", "number.renewed",
    "number.overdue", "number.suspended", "message.deleted", "loop.stopped",
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


def identifier(event: Event) -> str:
    """What those who are told of an event know it by: the same to everybody, and on every retry."""
    return f"evt_{event.number}.{event.segment}" if event.segment else f"evt_{event.number}"


# Of events without a message: the member of their data that names a number of ours.
_NUMBER_IN_DATA = {
    "number.assigned": "number", "number.unassigned": "number", "optout.added": "via", "optout.removed": "via",
    "message.deleted": "number", "loop.stopped": "number",
}  # fmt: skip


def own_number(event: Event, message: Message | None) -> str:
    """The number of the account that an event is about; "" if it is about none."""
    if message is not None:
        return message.recipient if message.direction == "in" else message.sender
    member = _NUMBER_IN_DATA.get(event.type)
    if member is None:
        return ""
    number = msgspec.json.decode(event.data).get(member, "")
    return number if isinstance(number, str) else ""
