"""When quiet hours end: pure reckoning with clocks on walls, which now and then are put forward or back."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from textwire.domain.compliance import QuietHours
from textwire.domain.refusal import Refusal

DAY: Final = 24 * 60  # minutes
LONGEST: Final = 12 * 60
"""Minutes that quiet hours may last: in a country of eleven zones a message must get out at some time of the day."""
ROUNDS: Final = 200  # more than any set of zones takes to agree

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)


class Night(msgspec.Struct, frozen=True):
    """Quiet hours in minutes after midnight; they may cross midnight."""

    start: int
    end: int
    exempt: frozenset[str]

    def covers(self, minute: int) -> bool:
        """Whether a wall clock that shows this minute shows night."""
        return (minute - self.start) % DAY < (self.end - self.start) % DAY


def night(hours: QuietHours) -> Night:
    """The night that an account has settled. Refuses one without end, and one that is too long."""
    start, end = _minute(hours.start), _minute(hours.end)
    if not 0 < (end - start) % DAY <= LONGEST:
        raise Refusal("invalid_field", f"Quiet hours last up to {LONGEST // 60} hours.", "to")
    return Night(start, end, frozenset(hours.exempt))


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def opens(wanted: Night, zones: Iterable[ZoneInfo], at: int) -> int:
    """The first time from `at` on (µs UTC) at which it is night in none of the zones.

    Everything before the end of a night that it is now is night somewhere, so going to the latest of these ends
    again and again leaves nothing out.
    """
    zones = tuple(zones)
    for _ in range(ROUNDS):
        ends = [end for zone in zones if (end := _end(wanted, zone, at))]
        if not ends:
            return at
        at = max(ends)
    raise AssertionError("it is always night somewhere in these zones")


def _end(wanted: Night, zone: ZoneInfo, at: int) -> int:
    """When the night ends in a zone where it is night; 0 where it is day."""
    local = (_EPOCH + timedelta(microseconds=at)).astimezone(zone)
    if not wanted.covers(local.hour * 60 + local.minute):
        return 0
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    for later in (0, 1, 2):
        end = day + timedelta(days=later, minutes=wanted.end)  # on the wall, whatever happens in between
        for end_at in _instants(end):
            if end_at > at:
                return end_at
    raise AssertionError("a night ends within two days")


def _instants(wall: datetime) -> tuple[int, ...]:
    """When a wall clock shows this: once, twice when it is put back, or as it jumps over it."""
    first, second = (_microseconds(wall.replace(fold=fold)) for fold in (0, 1))
    return (first, second) if first <= second else (_jump(wall, second, first),)


def _jump(wall: datetime, before: int, after: int) -> int:
    """The time between these two at which the clock on this wall is put forward, to the second."""
    old = wall.replace(fold=0).utcoffset()
    while after - before > 1_000_000:
        middle = (before + after) // 2_000_000 * 1_000_000
        if (_EPOCH + timedelta(microseconds=middle)).astimezone(wall.tzinfo).utcoffset() == old:
            before = middle
        else:
            after = middle
    return after


def _microseconds(moment: datetime) -> int:
    return (moment.astimezone(UTC) - _EPOCH) // _MICROSECOND
