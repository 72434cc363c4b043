"""How many requests a second: so many at once, then one by one, each account for itself."""

import pytest

from textwire.access.pace import MOST_REMEMBERED, Pace

SECOND = 1_000_000


class Times:
    def __init__(self) -> None:
        self.now, self.simulated = 10**15, True

    def pace(self) -> Pace:
        return Pace(lambda: self.now, lambda: self.simulated)


@pytest.mark.parametrize("rate", [1, 2, 7, 30, 10_000])
def test_so_many_pass_at_once_and_the_next_after_its_share(rate: int) -> None:
    times = Times()
    pace = times.pace()
    assert [pace.wait(1, rate) for _ in range(rate)] == [0] * rate
    wait = pace.wait(1, rate)
    assert 0 < wait <= 1000 // rate + 1
    times.now += wait * 1000
    assert pace.wait(1, rate) == 0


def test_over_a_minute_no_more_pass_than_a_minute_may_hold() -> None:
    times = Times()
    pace = times.pace()
    passed = 0
    for _ in range(60_000):
        passed += pace.wait(1, 30) == 0
        times.now += 1000
    assert 60 * 30 <= passed <= 61 * 30


def test_whoever_waits_spends_nothing() -> None:
    times = Times()
    pace = times.pace()
    assert pace.wait(1, 1) == 0
    assert {pace.wait(1, 1) for _ in range(100)} == {1000}


def test_accounts_do_not_wait_for_each_other() -> None:
    pace = Times().pace()
    assert [pace.wait(account, 1) for account in (1, 2, 1)] == [0, 0, 1000]


def test_nothing_said_is_thirty_once_a_real_carrier_is_armed() -> None:
    times = Times()
    pace = times.pace()
    assert {pace.wait(1, 0) for _ in range(100)} == {0}
    times.simulated = False
    assert [pace.wait(1, 0) for _ in range(31)] == [0] * 30 + [34]


def test_the_oldest_are_forgotten_when_there_are_too_many() -> None:
    pace = Times().pace()
    assert {pace.wait(account, 1) for account in range(MOST_REMEMBERED + 1)} == {0}
    assert (pace.wait(0, 1), pace.wait(MOST_REMEMBERED, 1)) == (0, 1000)
