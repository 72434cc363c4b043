"""The state table walked row by row, and what a message is when its segments differ."""

import re
from importlib import resources
from itertools import product
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.domain import message
from textwire.domain.message import (
    FINAL,
    RISE,
    STATES,
    TRANSITIONS,
    Draft,
    cancelable,
    fold,
    may_move,
    move,
    reach,
)
from textwire.domain.refusal import Refusal

# The table as it was decided (decisions 8), in its own words and not in the program's.
DECIDED = """
(birth)     → scheduled | queued | submitting | received
scheduled   → queued | canceled | expired | failed
queued      → submitting | rejected | failed | expired | canceled
submitting  → sent | queued | rejected | failed | expired | ambiguous | quarantined
ambiguous   → sent | delivered | undelivered | rejected | expired | failed | queued
quarantined → queued | failed
sent        → delivered | undelivered | expired | rejected
expired     → undelivered | failed | rejected | delivered
undelivered → failed | rejected | delivered
failed      → rejected | delivered
rejected    → delivered
"""
ROWS = [line.split("→") for line in DECIDED.strip().splitlines()]
ALLOWED = {
    ("" if old.strip() == "(birth)" else old.strip(), new.strip())
    for old, news in ROWS
    for new in news.split("|")
}
UNDERWAY = ("queued", "submitting", "ambiguous", "sent")
segment_states = st.sampled_from((*UNDERWAY, *RISE))


@pytest.mark.parametrize(("old", "new"), list(product(["", *sorted(STATES)], sorted(STATES))))
def test_a_step_is_allowed_exactly_when_the_decided_table_has_it(old: str, new: str) -> None:
    allowed = (old, new) in ALLOWED
    assert may_move(old, new) is allowed
    if allowed:
        assert move(old, new) == new
    else:
        with pytest.raises(AssertionError, match=new):
            move(old, new)


def test_the_names_of_states_agree_in_type_table_and_schema() -> None:
    schema = (resources.files("textwire.store") / "migrations" / "0001_house.sql").read_text("utf-8")
    check = re.search(r"create table message .*?check \((state = .*?)\)", schema, re.DOTALL)
    assert check
    assert set(re.findall(r"'(\w+)'", check[1])) == STATES == set(get_args(message.State))


def test_every_state_can_be_reached_from_birth() -> None:
    reached, edge = {""}, {""}
    while edge:
        edge = {new for old in edge for new in TRANSITIONS[old]} - reached
        reached |= edge
    assert reached - {""} == STATES


def test_no_state_moves_to_itself() -> None:
    assert not [state for state in STATES if may_move(state, state)]


def test_a_final_state_only_rises_and_rising_ends() -> None:
    for low, high in product(range(len(RISE)), repeat=2):
        assert may_move(RISE[low], RISE[high]) is (low < high)
    assert {s for s in STATES if not TRANSITIONS[s]} == {"delivered", "canceled", "received"}
    assert {new for s in FINAL for new in TRANSITIONS[s]} <= FINAL


@given(st.lists(st.sampled_from(RISE), max_size=8))
def test_receipts_in_any_order_with_any_repetition_end_in_the_same_state(receipts: list[str]) -> None:
    def ends(words: list[str]) -> str:
        state = "sent"
        for word in words:
            state = move(state, word) if may_move(state, word) else state
        return state

    # "failed" is no word of receipts, and from "sent" there is no step to it.
    words = [w for w in receipts if w != "failed"]
    assert ends(words) == ends(words[::-1]) == ends(sorted(words) * 2)
    assert ends(words) == max(words, key=RISE.index, default="sent")


def test_a_message_of_one_segment_is_what_the_segment_is() -> None:
    for state in STATES:
        assert fold([state]) == state


@given(st.lists(segment_states, min_size=2, max_size=255))
def test_a_message_is_final_only_when_all_its_segments_are(segments: list[str]) -> None:
    assert (fold(segments) in FINAL) is (set(segments) <= set(RISE))


@given(st.lists(segment_states, min_size=2, max_size=10), st.randoms())
def test_folding_knows_no_order_and_answers_with_a_segments_state(segments: list[str], random) -> None:
    shuffled = segments.copy()
    random.shuffle(shuffled)
    assert fold(shuffled) == fold(segments)
    assert fold(segments) in segments


@given(st.lists(segment_states, min_size=2, max_size=10))
def test_a_message_is_as_far_as_its_least_advanced_segment(segments: list[str]) -> None:
    order = (*UNDERWAY, *RISE)
    assert fold(segments) == min(segments, key=order.index)


@pytest.mark.parametrize(
    ("segments", "state"),
    [
        (["sent", "sent"], "sent"),
        (["delivered", "sent"], "sent"),
        (["delivered", "queued"], "queued"),
        (["ambiguous", "submitting"], "submitting"),
        (["delivered", "delivered"], "delivered"),
        (["delivered", "rejected"], "rejected"),
        (["delivered", "undelivered", "expired"], "expired"),
        (["quarantined", "sent"], "quarantined"),
        (["quarantined", "delivered"], "quarantined"),
        (["quarantined", "queued"], "quarantined"),
    ],
)
def test_folding_by_example(segments: list[str], state: str) -> None:
    assert fold(segments) == state


@pytest.mark.parametrize("old", ["submitting", "ambiguous"])
@pytest.mark.parametrize("mine", ["sent", "queued", "rejected", "ambiguous"])
@pytest.mark.parametrize("other", ["sent", "delivered", "undelivered", "expired", "rejected", "queued"])
def test_a_message_can_follow_whatever_its_segments_became(old: str, mine: str, other: str) -> None:
    """`mine` is what an answer made of one segment, `other` what the network said of one sent before."""
    state = fold([mine, other])
    if state != old:
        assert reach(old, state) == state


def test_reaching_goes_by_way_of_sent_at_most() -> None:
    assert reach("submitting", "delivered") == "delivered"
    for old, new in [("queued", "delivered"), ("canceled", "delivered"), ("delivered", "sent")]:
        with pytest.raises(AssertionError):
            reach(old, new)


@pytest.mark.parametrize("state", sorted(STATES))
def test_only_what_has_no_intent_yet_can_be_canceled(state: str) -> None:
    if state in ("scheduled", "queued"):
        cancelable(state)
    else:
        with pytest.raises(Refusal, match="not_cancelable"):
            cancelable(state)


def draft(parts: tuple[str, ...], price: int) -> Draft:
    return Draft(
        id=1, sender="", recipient="+447700900123", text="", encoding="gsm7", parts=parts, reference=0,
        price=price, birth="queued", carrier="simulated", send_at=0, due_at=0, valid_until=1,
    )  # fmt: skip


@given(st.integers(1, 255), st.integers(0, 10**9))
def test_a_draft_costs_its_price_per_segment(total: int, price: int) -> None:
    new = draft(("x",) * total, price)
    assert (new.total, new.cost) == (total, total * price)


def test_values_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        draft(("x",), 1).price = 2  # type: ignore[misc]
    assert msgspec.structs.replace(draft(("x",), 1), price=2).cost == 2
