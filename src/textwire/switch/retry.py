"""When to try again, and how long to wait for what may never come. All spans are µs on the message clock."""

SECOND = 1_000_000
HOUR = 3600 * SECOND

VALIDITY = 72 * HOUR  # default
VALIDITY_RANGE = (SECOND, 7 * 24 * HOUR)
FURTHEST = 366 * 24 * HOUR  # how far ahead a message may be scheduled
PAST = 60 * SECOND  # a time to send that lies so little in the past means now
NO_RECEIPT = HOUR  # after validity, a receipt is not coming any more
FLIGHT = 120 * SECOND  # the longest a carrier may keep us waiting for its answer
HOLD = 600 * SECOND  # how long an unanswered submit waits for evidence
HOLD_BY_CLASS = {"otp": 15 * SECOND}  # a late code is worthless, a second copy harmless
UNKNOWN_ATTEMPTS = 5  # for codes that no table knows

_BACKOFF = tuple(s * SECOND for s in (5, 15, 60, 300, 900, 1800))


def backoff(attempts: int) -> int:
    """How long to wait after the attempt with this number (from 1)."""
    return _BACKOFF[min(attempts, len(_BACKOFF)) - 1]


def hold(klass: str) -> int:
    """How long an unanswered message of this class waits before its policy decides."""
    return HOLD_BY_CLASS.get(klass, HOLD)
