"""How long one waits for another code."""

from typing import Any

from textwire.store.codes import Code
from textwire.verify.limits import DAY, MINUTE, Limits, wait

NOW = 10 * DAY
LIMITS = Limits()


def code(at: int, state: Any = "live") -> Code:
    return Code(1, 1, 1, "sender", "+1", "", state, 0, 0, at, at + 1)


def test_the_limits_are_those_that_were_promised() -> None:
    assert (LIMITS.life, LIMITS.tries, LIMITS.burst) == (10 * MINUTE, 5, 10 * MINUTE)
    assert (LIMITS.of_number_in_burst, LIMITS.of_number_in_day, LIMITS.of_account_in_day) == (5, 5, 10)
    assert LIMITS.dead_in_day == 20


def test_who_has_asked_for_little_need_not_wait() -> None:
    assert wait(LIMITS, [], [], NOW) == 0
    assert wait(LIMITS, [NOW - n for n in range(4)], [code(NOW - n) for n in range(9)], NOW) == 0


def test_a_number_gets_five_codes_a_day() -> None:
    times = [NOW - n * MINUTE for n in (1, 2, 3, 4, 700)]
    assert wait(LIMITS, times, [], NOW) == DAY - 700 * MINUTE
    assert wait(LIMITS, times, [], NOW + DAY - 700 * MINUTE) == 0


def test_a_number_gets_so_many_codes_within_minutes() -> None:
    limits = Limits(of_number_in_burst=2)
    assert wait(limits, [NOW - MINUTE, NOW - 4 * MINUTE], [], NOW) == 6 * MINUTE
    assert wait(limits, [NOW - MINUTE, NOW - 10 * MINUTE], [], NOW) == 0


def test_an_account_gets_ten_codes_a_day() -> None:
    asked = [code(NOW - n * MINUTE) for n in range(10)]
    assert wait(LIMITS, [], asked, NOW) == DAY - 9 * MINUTE


def test_an_account_whose_codes_were_tried_to_death_gets_no_more() -> None:
    limits = Limits(of_account_in_day=1000)
    dead = [code(NOW - n, "dead") for n in range(20)]
    assert wait(limits, [], dead[:19] + [code(NOW - n, "used") for n in range(20)], NOW) == 0
    assert wait(limits, [], dead, NOW) == DAY - 19
