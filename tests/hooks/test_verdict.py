"""Verdicts: every kind of answer, attempt by attempt."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.hooks.answer import Failed, Reply
from textwire.hooks.verdict import SECOND, Verdict, judge

from .world import Words, reply

EXACT = Words()
EXACT.jitter = 0.0
KEPT = Words()  # a dialect that never disables
KEPT.jitter, KEPT.disables = 0.0, False
QUIET = Words()
QUIET.jitter, QUIET.silence = 0.0, (5.0, 5.0)
SWALLOWED = Failed("timeout", sent=True)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_2xx_is_success(status: int) -> None:
    assert judge(reply(status), 1, EXACT, "") == Verdict(state="delivered", status=status)


@pytest.mark.parametrize("status", [301, 302, 307, 308, 400, 401, 404, 429, 500, 503, 599, 199])
def test_anything_else_is_tried_again_and_counts_against_the_endpoint(status: int) -> None:
    assert judge(reply(status), 1, EXACT, "") == Verdict(
        state="pending", wait=5 * SECOND, status=status, blames=True
    )


REASONS = [
    "dns",
    "refused",
    "timeout",
    "tls",
    "closed",
    "bad_response",
    "blocked_address",
    "bad_url",
    "bad_header",
]


@pytest.mark.parametrize("reason", REASONS)
def test_no_answer_is_tried_again_with_its_reason(reason: str) -> None:
    assert judge(Failed(reason), 2, EXACT, "") == Verdict(
        state="pending", wait=300 * SECOND, error=reason, blames=True
    )


@pytest.mark.parametrize("reason", ["busy", "dialect", "internal"])
def test_what_is_our_own_fault_counts_against_nobody(reason: str) -> None:
    assert judge(Failed(reason), 1, EXACT, "") == Verdict(state="pending", wait=5 * SECOND, error=reason)


def test_a_success_whose_body_broke_off_is_tried_again() -> None:
    verdict = judge(Failed("closed", sent=True, status=200), 1, EXACT, "")
    assert (verdict.state, verdict.status, verdict.error) == ("pending", 200, "closed")


def test_the_schedule_is_walked_to_its_end() -> None:
    verdicts = [judge(reply(500), attempt, EXACT, "") for attempt in range(1, 5)]
    assert [v.wait // SECOND for v in verdicts] == [5, 300, 1800, 0]
    assert [v.state for v in verdicts] == ["pending"] * 3 + ["failed"]
    assert all(v.blames for v in verdicts)


def test_410_ends_it_where_the_dialect_disables_and_is_a_failure_elsewhere() -> None:
    assert judge(reply(410), 1, EXACT, "") == Verdict(state="failed", status=410, blames=True, gone=True)
    assert judge(reply(410), 1, KEPT, "").state == "pending"


@pytest.mark.parametrize(
    ("status", "asked", "waits"),
    [
        (429, 60.0, 60), (503, 60.0, 60), (429, 3600.0, 3600), (503, 86400.0, 3600), (429, 1.0, 5), (429, None, 5),
        (500, 60.0, 5), (404, 60.0, 5),
    ],
)  # fmt: skip
def test_retry_after_is_honoured_up_to_an_hour_by_those_who_may_ask(
    status: int, asked: float | None, waits: int
) -> None:
    assert judge(reply(status, asked), 1, EXACT, "").wait == waits * SECOND


def test_retry_after_adds_no_attempt() -> None:
    assert judge(reply(503, 60.0), 4, EXACT, "").state == "failed"


def test_a_swallowed_request_has_a_schedule_of_its_own_and_counts_against_nobody() -> None:
    verdicts = [judge(SWALLOWED, attempt, QUIET, "") for attempt in (1, 2, 3)]
    assert [(v.state, v.wait // SECOND, v.blames) for v in verdicts] == [
        ("pending", 5, False),
        ("pending", 5, False),
        ("failed", 0, False),
    ]
    assert judge(SWALLOWED, 1, EXACT, "").blames


@pytest.mark.parametrize(
    "answer",
    [Failed("timeout"), Failed("timeout", sent=True, status=200), Failed("closed", sent=True), reply(500)],
)
def test_only_what_was_swallowed_whole_is_silence(answer: Reply | Failed) -> None:
    verdict = judge(answer, 3, QUIET, "")
    assert (verdict.state, verdict.wait, verdict.blames) == ("pending", 1800 * SECOND, True)


@given(st.text(max_size=40), st.integers(1, 3), st.floats(0, 1))
def test_jitter_stays_within_its_share_and_is_the_same_for_the_same_chance(
    chance: str, attempt: int, jitter: float
) -> None:
    words = Words()
    words.jitter = jitter
    wait, base = judge(reply(500), attempt, words, chance).wait, words.waits[attempt - 1] * SECOND
    assert base * (1 - jitter) - 1 <= wait <= base * (1 + jitter) + 1
    assert judge(reply(500), attempt, words, chance).wait == wait


def test_jitter_differs_from_delivery_to_delivery() -> None:
    assert len({judge(reply(500), 1, Words(), str(n)).wait for n in range(20)}) > 10
