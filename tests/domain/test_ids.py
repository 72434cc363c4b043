"""Identifiers: one after the other, whatever the clock does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.domain.ids import COUNTER_BITS, COUNTERS, EPOCH_MS, MAX_INT, NODE_BITS, Ids

NOW = 1_800_000_000_000_000  # µs, in 2027
counts = st.integers(1, 255)
moments = st.integers(NOW - 10**10, NOW + 10**10)


def ms_of(identifier: int) -> int:
    return (identifier >> (NODE_BITS + COUNTER_BITS)) + EPOCH_MS


@given(st.lists(st.tuples(moments, counts), min_size=1, max_size=200))
def test_identifiers_rise_and_never_overlap_even_when_the_clock_goes_back(takes) -> None:
    ids, last = Ids(node=7), -1
    for now, count in takes:
        first = ids.take(now, count)
        assert first > last
        last = first + count - 1


@given(st.integers(0, 255), moments, counts)
def test_an_identifier_tells_its_millisecond_and_its_node(node: int, now: int, count: int) -> None:
    first = Ids(node).take(now, count)
    for identifier in (first, first + count - 1):
        assert ms_of(identifier) == now // 1000
        assert (identifier >> COUNTER_BITS) & 0xFF == node
        assert 0 < identifier <= MAX_INT


def test_two_nodes_in_the_same_millisecond_never_meet() -> None:
    one, other = Ids(0), Ids(1)
    taken = [ids.take(NOW, 255) + n for ids in (one, other) for _ in range(100) for n in range(255)]
    assert len(set(taken)) == len(taken)


def test_two_lanes_of_a_node_never_meet() -> None:
    """Two threads of a process draw identifiers at the same time."""
    one, other = Ids(5, lane=0), Ids(5, lane=1)
    taken = [ids.take(NOW, 255) + n for _ in range(100) for ids in (one, other) for n in range(255)]
    assert len(set(taken)) == len(taken)
    assert {(i >> COUNTER_BITS) & 0xFF for i in taken} == {5}
    with pytest.raises(ValueError, match="lane"):
        Ids(0, lane=2)


def test_a_used_up_millisecond_borrows_from_the_next_and_is_caught_up_with() -> None:
    ids = Ids()
    taken = [ids.take(NOW) for _ in range(COUNTERS + 2)]
    assert [ms_of(taken[i]) - NOW // 1000 for i in (0, COUNTERS - 1, COUNTERS, COUNTERS + 1)] == [0, 0, 1, 1]
    assert taken == sorted(set(taken))
    assert ms_of(ids.take(NOW + 1000)) == NOW // 1000 + 1
    assert ms_of(ids.take(NOW + 2000)) == NOW // 1000 + 2


def test_a_run_that_does_not_fit_any_more_starts_in_the_next_millisecond_whole() -> None:
    ids = Ids()
    ids.take(NOW, 255)
    for _ in range((COUNTERS - 255) // 255):
        ids.take(NOW, 255)
    first = ids.take(NOW, 255)
    assert ms_of(first) == ms_of(first + 254) == NOW // 1000 + 1


@pytest.mark.parametrize("now", [0, -(10**15), EPOCH_MS * 1000])
def test_a_clock_before_our_epoch_still_gives_identifiers_above_zero(now: int) -> None:
    ids = Ids()
    first, second = ids.take(now), ids.take(now)
    assert 0 < first < second, "0 stands for no message"


@pytest.mark.parametrize("node", [-1, 256])
def test_a_node_must_fit_its_bits(node: int) -> None:
    with pytest.raises(ValueError, match="node"):
        Ids(node)
