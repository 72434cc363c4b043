"""What an attempt means: delivered, again at which time, or given up; and whether its endpoint is to blame."""

from random import Random

import msgspec

from textwire.hooks.answer import Failed, Reply
from textwire.hooks.dialect import Schedule
from textwire.store.deliveries import State

SECOND = 1_000_000
LONGEST_RETRY_AFTER = 3600  # seconds that an endpoint may ask us to wait
BUSY = frozenset({429, 503})  # answers whose Retry-After is honoured (reliability H4)
GONE = 410
# Not the endpoint's fault: no turn or socket of ours, an event that could not be worded, a fault of our own.
OURS = frozenset({"busy", "dialect", "internal"})


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`wait` is in µs until the next attempt, if there is one; `blames`: the endpoint has failed."""

    state: State
    wait: int = 0
    status: int = 0
    error: str = ""
    blames: bool = False
    gone: bool = False


def judge(answer: Reply | Failed, attempts: int, dialect: Schedule, chance: str) -> Verdict:
    """The verdict on the attempt with the number `attempts` (from 1); `chance` seeds its jitter.

    2xx is success, 410 ends it at once where the dialect disables, everything else, redirects too, is tried again
    by the dialect's schedule.
    """
    status = answer.status or 0
    if isinstance(answer, Reply):
        if 200 <= status < 300:
            return Verdict(state="delivered", status=status)
        if status == GONE and dialect.disables:
            return Verdict(state="failed", status=status, blames=True, gone=True)
        least = (answer.retry_after or 0.0) if status in BUSY else 0.0
        return _again(dialect.waits, attempts, dialect, chance, least=least, status=status, blames=True)
    if dialect.silence is not None and answer.reason == "timeout" and answer.sent and not status:
        return _again(dialect.silence, attempts, dialect, chance, error=answer.reason, blames=False)
    blames = answer.reason not in OURS
    return _again(dialect.waits, attempts, dialect, chance, status=status, error=answer.reason, blames=blames)


def _again(
    waits: tuple[float, ...], attempts: int, dialect: Schedule, chance: str, *, blames: bool, least: float = 0.0,
    status: int = 0, error: str = "",
) -> Verdict:  # fmt: skip
    if attempts > len(waits):
        return Verdict(state="failed", status=status, error=error, blames=blames)
    jitter = dialect.jitter * Random(chance).uniform(-1.0, 1.0)  # noqa: S311 - spreads retries, keeps no secret
    seconds = max(waits[attempts - 1] * (1.0 + jitter), min(least, LONGEST_RETRY_AFTER))
    return Verdict(state="pending", wait=int(seconds * SECOND), status=status, error=error, blames=blames)
