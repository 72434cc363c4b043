"""What becomes of a message with its age: it is kept, loses its text, or goes. Pure."""

from typing import Final, Literal

from textwire.domain.compliance import Retention
from textwire.domain.message import FINAL
from textwire.store.keeping import Kept

DAY: Final = 86_400_000_000  # µs
READ: Final = DAY
"""How long an inbound text stays at least: webhooks have to be told, and somebody has to read it."""
SOON: Final = 10_000_000  # µs until another look at what must not be touched yet, where texts go at once
SETTLED: Final = 60_000_000
"""µs after which no message appears any more whose identifier was drawn before those that are there."""
LATER: Final = 3_600_000_000  # the same, elsewhere

Fate = Literal["keep", "redact", "delete"]


def fate(message: Kept, rule: Retention, now: int) -> Fate:
    """What is due. What is not final is never touched."""
    if message.state not in FINAL:
        return "keep"
    if now >= _end(message, rule):
        return "delete"
    return "redact" if now >= _silence(message, rule) else "keep"


def again(message: Kept, rule: Retention, now: int) -> int:
    """When to look again at a message that was kept."""
    return max(_silence(message, rule), now + (SOON if rule.redact == "final" else LATER))


def _end(message: Kept, rule: Retention) -> int:
    return message.at + rule.messages_days * DAY


def _silence(message: Kept, rule: Retention) -> int:
    """When its text goes, if it is final by then."""
    if rule.redact == "final":
        return message.at if message.direction == "out" else message.at + READ
    return message.at + rule.bodies_days * DAY


def reaches(rule: Retention, now: int) -> tuple[int, int]:
    """Up to which birth (µs) messages are looked at: for their texts, and wholly."""
    whole = now - rule.messages_days * DAY
    texts = now - (SETTLED if rule.redact == "final" else rule.bodies_days * DAY)
    return max(texts, whole), whole
