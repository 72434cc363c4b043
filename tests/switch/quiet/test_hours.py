"""Quiet hours: when a night ends, on all clocks of the world and through all their changes."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers.tzdata import TIMEZONE_DATA

from textwire.domain.compliance import QuietHours
from textwire.domain.refusal import Refusal
from textwire.switch.quiet.hours import DAY, LONGEST, Night, night, opens
from textwire.switch.quiet.zones import CAREFUL, NORTH_AMERICA, NOWHERE, zones_of

MINUTE = 60_000_000
NIGHT = Night(21 * 60, 8 * 60, frozenset())

# Every set of zones that a number may have.
SETS = sorted(
    {*TIMEZONE_DATA.values(), *CAREFUL.values(), NORTH_AMERICA} - {("Etc/Unknown",), TIMEZONE_DATA["1"]}
)


def us(text: str, zone: str = "UTC", fold: int = 0) -> int:
    """µs UTC of a wall clock's time."""
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold)
    return int(moment.astimezone(UTC).timestamp()) * 1_000_000


def quiet(wanted: Night, zones: tuple[str, ...], at: int) -> bool:
    """Whether it is night somewhere, told by clocks alone."""
    moment = datetime.fromtimestamp(at / 1_000_000, UTC)
    walls = [moment.astimezone(ZoneInfo(zone)) for zone in zones]
    return any(wanted.covers(wall.hour * 60 + wall.minute) for wall in walls)


def opened(wanted: Night, zone: str | tuple[str, ...], at: int) -> int:
    zones = (zone,) if isinstance(zone, str) else zone
    return opens(wanted, map(ZoneInfo, zones), at)


@pytest.mark.parametrize(
    ("at", "end"),
    [
        ("2027-01-15T20:59", "2027-01-15T20:59"),
        ("2027-01-15T21:00", "2027-01-16T08:00"),
        ("2027-01-15T23:59", "2027-01-16T08:00"),
        ("2027-01-16T00:00", "2027-01-16T08:00"),
        ("2027-01-16T07:59", "2027-01-16T08:00"),
        ("2027-01-16T08:00", "2027-01-16T08:00"),
        ("2027-12-31T22:00", "2028-01-01T08:00"),
    ],
)
def test_a_night_ends_in_the_morning_on_the_recipients_clock(at: str, end: str) -> None:
    for zone in ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "UTC"):
        assert opened(NIGHT, zone, us(at, zone)) == us(end, zone)


def test_hours_within_a_day_are_quiet_hours_too() -> None:
    noon = Night(12 * 60, 13 * 60 + 30, frozenset())
    assert opened(noon, "Europe/Berlin", us("2027-06-01T12:45", "Europe/Berlin")) == us(
        "2027-06-01T13:30", "Europe/Berlin"
    )
    assert opened(noon, "Europe/Berlin", us("2027-06-01T22:45", "Europe/Berlin")) == us(
        "2027-06-01T22:45", "Europe/Berlin"
    )


def test_clocks_that_are_put_forward_and_back_do_not_shift_the_morning() -> None:
    berlin = "Europe/Berlin"
    # 2027-03-28: 02:00 becomes 03:00; 2027-10-31: 03:00 becomes 02:00.
    assert opened(NIGHT, berlin, us("2027-03-27T22:00", berlin)) == us("2027-03-28T06:00")
    assert opened(NIGHT, berlin, us("2027-10-30T22:00", berlin)) == us("2027-10-31T07:00")


def test_a_night_that_would_end_in_the_hour_that_is_left_out_ends_as_it_is_left_out() -> None:
    short = Night(22 * 60, 2 * 60 + 30, frozenset())
    assert opened(short, "Europe/Berlin", us("2027-03-28T00:00", "Europe/Berlin")) == us("2027-03-28T01:00")


def test_an_hour_that_comes_twice_ends_twice() -> None:
    short = Night(22 * 60, 2 * 60 + 30, frozenset())
    berlin = "Europe/Berlin"
    assert opened(short, berlin, us("2027-10-31T01:00", berlin)) == us("2027-10-31T02:30", berlin)
    again = us("2027-10-31T02:10", berlin, fold=1)
    assert opened(short, berlin, again) == us("2027-10-31T02:30", berlin, fold=1)


def test_with_several_zones_it_is_night_as_long_as_it_is_in_one_of_them() -> None:
    coasts = ("America/New_York", "America/Los_Angeles")
    assert opened(NIGHT, coasts, us("2027-01-15T21:30", "America/New_York")) == us(
        "2027-01-16T08:00", "America/Los_Angeles"
    )
    assert opened(NIGHT, coasts, us("2027-01-16T08:30", "America/New_York")) == us(
        "2027-01-16T08:00", "America/Los_Angeles"
    )
    assert not quiet(NIGHT, coasts, us("2027-01-16T12:00", "America/New_York"))


@settings(max_examples=300, deadline=None)
@given(
    zones=st.sampled_from(SETS),
    start=st.integers(0, DAY - 1),
    length=st.integers(1, LONGEST),
    at=st.integers(us("2025-01-01T00:00") // MINUTE, us("2032-01-01T00:00") // MINUTE),
    rest=st.integers(0, MINUTE - 1),
)
def test_it_opens_at_the_first_minute_at_which_it_is_night_nowhere(
    zones: tuple[str, ...], start: int, length: int, at: int, rest: int
) -> None:
    wanted, now = Night(start, (start + length) % DAY, frozenset()), at * MINUTE + rest
    end = opened(wanted, zones, now)
    assert now <= end <= now + DAY * MINUTE + 60 * MINUTE
    assert not quiet(wanted, zones, end)
    assert (end == now) is (not quiet(wanted, zones, now))
    # No minute before is open; looked at every quarter of an hour, on which all clocks are changed.
    for earlier in range(now, end, 15 * MINUTE):
        assert quiet(wanted, zones, earlier)
    if end > now:
        assert quiet(wanted, zones, end - 1_000_000)


@pytest.mark.parametrize(
    ("start", "end"), [("21:00", "21:00"), ("08:00", "21:00"), ("00:00", "12:01"), ("22:00", "21:59")]
)
def test_nights_without_end_or_measure_are_refused(start: str, end: str) -> None:
    with pytest.raises(Refusal) as refused:
        night(QuietHours(start, end))
    assert (refused.value.code, refused.value.field) == ("invalid_field", "to")


def test_a_night_of_twelve_hours_is_none_too_long() -> None:
    assert night(QuietHours("20:00", "08:00", ("otp",))) == Night(20 * 60, 8 * 60, frozenset({"otp"}))


@pytest.mark.parametrize(
    ("number", "zones"),
    [
        ("+12125550123", {"America/New_York"}),
        ("+18085550123", {"Pacific/Honolulu"}),
        ("+16139998877", {"America/Toronto"}),
        ("+447700900123", {"Europe/London"}),
        ("+4915112345678", {"Europe/Berlin"}),
        ("+5511987654321", {"America/Sao_Paulo"}),
        ("+61412345678", {"Australia/Perth", "Australia/Sydney"}),
        ("+34612345678", {"Europe/Madrid", "Atlantic/Canary"}),
        ("+351912345678", {"Europe/Lisbon", "Atlantic/Azores"}),
        ("+12005550123", {"America/New_York", "Pacific/Honolulu"}),  # no such area: all of them
        ("+8613912345678", {"Asia/Shanghai"}),
        ("+919812345678", {"Asia/Calcutta"}),
        ("+88812345678", {NOWHERE}),
        ("+99999999", {NOWHERE}),
    ],
)
def test_zones_of_numbers(number: str, zones: set[str]) -> None:
    assert {zone.key for zone in zones_of(number)} >= zones


def test_every_zone_that_a_number_may_have_is_known_here() -> None:
    for names in SETS:
        assert all(ZoneInfo(name) for name in names)
