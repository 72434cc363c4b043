"""The rule of loops: pure, over what is known of a pair."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.store.exchanges import MINUTE, Exchange
from textwire.switch import loops
from textwire.switch.judge import Taken

from .test_judge import ACCOUNT, DID, NOW, PHONE, code, draft, facts, item, judge

PAIR = (ACCOUNT, DID, PHONE)


@pytest.mark.parametrize(
    ("came", "went", "stopped"),
    [
        (0, 0, False), (0, 500, False), (1, 0, False), (9, 9, False), (1, 17, False), (18, 0, False),
        (10, 9, True), (1, 18, True), (19, 0, True), (500, 500, True),
    ],
)  # fmt: skip
def test_a_pair_may_say_20_texts_a_minute_if_both_speak(came: int, went: int, stopped: bool) -> None:
    assert (loops.refusal(Exchange(came, went, NOW), NOW, 20) is not None) is stopped


def test_who_was_never_answered_is_not_in_an_exchange() -> None:
    assert loops.refusal(None, NOW, 20) is None


def test_nobody_is_stopped_where_the_server_was_told_so() -> None:
    assert loops.refusal(Exchange(500, 500, NOW), NOW, 0) is None


@given(st.integers(-MINUTE, 2 * MINUTE))
def test_a_refusal_says_when_the_oldest_text_is_a_minute_old(age: int) -> None:
    refusal = loops.refusal(Exchange(19, 19, NOW - age), NOW, 20)
    assert refusal is not None
    assert refusal.after >= 1
    assert refusal.after == 1 or (refusal.after - 1) * 1_000_000 < MINUTE - age <= refusal.after * 1_000_000


def test_an_earlier_text_of_the_same_transaction_counts() -> None:
    known = facts(exchanges={PAIR: Exchange(10, 7, NOW)})
    assert [code(judge(item(), known)) for _ in range(4)] == ["taken", "taken", "loop", "loop"]
    assert set(known.stopped) == {PAIR}


def test_a_request_that_is_refused_as_a_whole_has_sent_nothing() -> None:
    known = facts(exchanges={PAIR: Exchange(10, 7, NOW)})
    assert code(judge(item(draft(), draft(), draft()), known)) == "loop"
    assert known.exchanges[PAIR].went == 7
    assert code(judge(item(draft(), draft(), draft(), whole=False), known)) == "taken"
    assert known.exchanges[PAIR].went == 9


def test_a_text_that_was_only_pretended_has_not_gone_out() -> None:
    known = facts(exchanges={PAIR: Exchange(10, 7, NOW)})
    assert judge(item(pretend=True), known) == Taken()
    assert known.exchanges[PAIR].went == 7


def test_a_default_number_is_stopped_like_a_named_one() -> None:
    known = facts(exchanges={PAIR: Exchange(10, 10, NOW)})
    assert code(judge(item(draft(sender="")), known)) == "loop"


def test_what_the_house_says_itself_goes_out() -> None:
    known = facts(exchanges={PAIR: Exchange(10, 10, NOW)})
    assert code(judge(item(draft(rights="system")), known)) == "taken"
    assert known.stopped == {}
