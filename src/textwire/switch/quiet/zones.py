"""In which time zones a number may be: those of its area where that is known, else all of its country's.

The ranges come from libphonenumber (its `timezone` data, one entry per range of numbers), the clocks from the IANA
time zone database. Where people carry numbers across zones, this page knows better and is more careful.
"""

from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

CACHE: Final = 8192
NOWHERE: Final = "Etc/UTC"
"""For numbers that belong to no place, as satellite phones do."""

# Prefix → zones, in the place of what the library says.
CAREFUL: Final[dict[str, tuple[str, ...]]] = {
    # Mobile numbers of Australia name no state (ACMA, Numbering Plan 2015, schedule 4); the library says Sydney.
    "614": (
        "Australia/Perth", "Australia/Darwin", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney",
        "Australia/Lord_Howe",
    ),
    # The Canaries have Spain's mobile numbers; the library says Madrid.
    "346": ("Europe/Madrid", "Atlantic/Canary"),
    "347": ("Europe/Madrid", "Atlantic/Canary"),
}  # fmt: skip
# What North America's numbering plan may mean where an area code is not known: the states and Canada. The islands
# have area codes of their own (NANPA), and so has what lies beyond the date line.
NORTH_AMERICA: Final = (
    "America/St_Johns", "America/Halifax", "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix",
    "America/Los_Angeles", "America/Anchorage", "America/Adak", "Pacific/Honolulu",
)  # fmt: skip
_MANY: Final = 15  # zones of one North American number: its area code is not known


@lru_cache(maxsize=CACHE)
def zones_of(number: str) -> tuple[ZoneInfo, ...]:
    """The zones of an E.164 number, at least one."""
    return tuple(map(ZoneInfo, _names(number)))


def _names(number: str) -> tuple[str, ...]:
    digits = number[1:]
    for length in range(3, 0, -1):
        if (known := CAREFUL.get(digits[:length])) is not None:
            return known
    # 90 ms and some MB, which nobody needs whose accounts know no quiet hours.
    import phonenumbers
    from phonenumbers import timezone

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return (NOWHERE,)
    # By range, not by whether the number is valid: numbers set aside for examples, as simulated phones have, never are.
    found = tuple(timezone.time_zones_for_geographical_number(parsed))
    if parsed.country_code == 1 and len(found) > _MANY:
        return NORTH_AMERICA
    return (NOWHERE,) if timezone.UNKNOWN_TIMEZONE in found else found
