"""Patience: wrong credentials are put up with only so often, and nobody else is locked out for them."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.access import patience
from textwire.access.patience import KEYS, PASSWORDS, SECOND, Budget, Patience, network_of
from textwire.domain.refusal import Refusal

JO, BO = "password:jo@example.test", "password:bo@example.test"
HERE, NEXT_DOOR, ELSEWHERE = "192.0.2.7", "192.0.2.8", "198.51.100.9"


class Time:
    now = 1_800_000_000 * SECOND

    def __call__(self) -> int:
        return self.now

    def after(self, seconds: float) -> None:
        self.now += int(seconds * SECOND)


def wait(kept: Patience, who: str, address: str) -> int:
    """In how many seconds a try is heard, 0: now."""
    try:
        kept.admit(who, address)
    except Refusal as refusal:
        told = refusal
    else:
        return 0
    assert (told.code, told.kind) == ("too_many_failures", "limit")
    assert told.after > 0
    return told.after


def fail(kept: Patience, times: int, who: str = JO, address: str = HERE) -> None:
    for _ in range(times):
        kept.failed(who, address)


def test_the_first_five_are_free_and_then_the_wait_doubles() -> None:
    time = Time()
    kept = Patience(time)
    fail(kept, 4)
    assert wait(kept, JO, HERE) == 0
    waits = []
    for _ in range(11):
        kept.failed(JO, HERE)
        waits.append(wait(kept, JO, HERE))
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900]
    time.after(900)
    assert wait(kept, JO, HERE) == 0


def test_a_wait_ends_however_often_it_is_asked() -> None:
    time = Time()
    kept = Patience(time)
    fail(kept, 8)
    for _ in range(100):
        assert wait(kept, JO, HERE) > 0
    time.after(8)
    assert wait(kept, JO, HERE) == 0


def test_other_accounts_and_other_addresses_do_not_wait() -> None:
    kept = Patience(Time())
    fail(kept, 15)
    assert wait(kept, JO, HERE) > 0
    assert wait(kept, BO, HERE) == 0
    assert wait(kept, JO, NEXT_DOOR) == 0
    assert wait(kept, JO, ELSEWHERE) == 0


def test_after_twenty_of_an_account_the_networks_that_failed_wait_and_no_others() -> None:
    time = Time()
    kept = Patience(time)
    for n in range(20):
        fail(kept, 1, address=f"192.0.2.{n}")
    time.after(100)
    assert wait(kept, JO, "192.0.2.200") == 800
    assert wait(kept, JO, ELSEWHERE) == 0
    time.after(800)
    assert wait(kept, JO, "192.0.2.200") == 0


@pytest.mark.parametrize("guesses", [1000])
def test_the_right_password_gets_in_from_elsewhere_during_a_thousand_guesses(guesses: int) -> None:
    time = Time()
    kept = Patience(time)
    heard = 0
    for _ in range(guesses):
        if not wait(kept, JO, HERE):
            kept.failed(JO, HERE)
            heard += 1
        assert wait(kept, JO, ELSEWHERE) == 0
        time.after(0.9)
    assert heard <= 2 * 15 + 5


def test_a_network_that_tries_everybody_waits_for_everybody() -> None:
    kept = Patience(Time())
    for n in range(PASSWORDS.network):
        kept.failed(f"password:{n}@example.test", HERE)
    assert wait(kept, JO, NEXT_DOOR) > 0
    assert wait(kept, JO, ELSEWHERE) == 0


def test_a_right_one_forgets_what_was_wrong_before() -> None:
    kept = Patience(Time())
    fail(kept, 5)
    kept.passed(JO, HERE)
    assert wait(kept, JO, HERE) == 0


def test_a_try_that_was_right_counts_against_nobody() -> None:
    kept = Patience(Time())
    for _ in range(1000):
        kept.failed(JO, HERE)
        kept.undo(JO, HERE)
    fail(kept, 20, address=ELSEWHERE)
    assert wait(kept, JO, HERE) == 0
    assert wait(kept, JO, ELSEWHERE) > 0


def test_failures_are_forgotten_when_their_window_is_over() -> None:
    time = Time()
    kept = Patience(time)
    fail(kept, 4)
    time.after(PASSWORDS.window)
    fail(kept, 4)
    assert wait(kept, JO, HERE) == 0


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "MOST_REMEMBERED", 30)
    kept = Patience(Time())
    for n in range(100):
        kept.failed(f"password:{n}", f"198.51.{n}.1")
    assert len(kept._tallies) == 30


def test_keys_are_put_up_with_for_long() -> None:
    kept = Patience(Time(), KEYS)
    fail(kept, 299, who="")
    assert wait(kept, "", HERE) == 0
    fail(kept, 1, who="")
    assert wait(kept, "", HERE) == 1
    fail(kept, 1000, who="")
    assert wait(kept, "", HERE) == 60
    assert wait(kept, "", NEXT_DOOR) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8:1:2ff::1", "2001:db8:1:200::/56"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_a_network_is_what_one_customer_has(address: str, network: str) -> None:
    assert network_of(address) == network


@given(st.lists(st.tuples(st.sampled_from([JO, BO]), st.integers(0, 3), st.integers(0, 1000)), max_size=60))
def test_no_sequence_of_failures_waits_longer_than_the_window(tries: list[tuple[str, int, int]]) -> None:
    time = Time()
    kept = Patience(time, Budget())
    for n, (who, place, seconds) in zip(count(), tries, strict=False):
        address = f"198.51.{place}.{n % 3}"
        if not wait(kept, who, address):
            kept.failed(who, address)
        assert wait(kept, who, address) <= 900
        time.after(seconds)
    time.after(900)
    assert wait(kept, JO, "198.51.0.0") == 0
