"""How many codes there may be, how long one lives and how often it may be tried (reliability SN3)."""

import msgspec

from textwire.store.codes import Code

SECOND = 1_000_000  # µs
MINUTE = 60 * SECOND
DAY = 86_400 * SECOND
KEEP = 2 * DAY  # codes that count for nothing any more


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """All of the real clock. A number has its limits whoever asks, an account whichever number it asks for.

    Five tries of five codes a day: 25 of 1,000,000 guesses.
    """

    life: int = 10 * MINUTE
    tries: int = 5
    burst: int = 10 * MINUTE
    of_number_in_burst: int = 5
    of_number_in_day: int = 5
    of_account_in_day: int = 10
    dead_in_day: int = 20  # codes of an account that were tried to death: from then on it gets no new one


def wait(limits: Limits, number: list[int], account: list[Code], now: int) -> int:
    """For how many µs no code may be texted: `number` and `account` are what was asked for in the last day.

    Both are latest first; 0 means that one may be texted now.
    """
    times = [code.sent_at for code in account]
    dead = [code.sent_at for code in account if code.state == "dead"]
    return max(
        _until(number, limits.of_number_in_burst, limits.burst, now),
        _until(number, limits.of_number_in_day, DAY, now),
        _until(times, limits.of_account_in_day, DAY, now),
        _until(dead, limits.dead_in_day, DAY, now),
    )


def _until(times: list[int], most: int, span: int, now: int) -> int:
    """How long until fewer than `most` of `times` lie within the last `span`."""
    if len(times) < most:
        return 0
    return max(times[most - 1] + span - now, 0)
