from hypothesis import given
from hypothesis import strategies as st

from textwire.simnet.timeline import Timeline


def test_an_empty_timeline_has_nothing_due() -> None:
    timeline: Timeline[str] = Timeline()
    assert timeline.due() is None
    assert list(timeline.take(10, 10)) == []


def test_what_is_later_than_now_stays() -> None:
    timeline: Timeline[str] = Timeline()
    timeline.push(5, "now")
    timeline.push(6, "later")
    assert list(timeline.take(5, 10)) == [(5, "now")]
    assert timeline.due() == 6
    assert len(timeline) == 1


def test_no_more_than_the_limit_is_taken() -> None:
    timeline: Timeline[int] = Timeline()
    for n in range(5):
        timeline.push(n, n)
    assert [thing for _, thing in timeline.take(10, 3)] == [0, 1, 2]
    assert timeline.due() == 3
    assert list(timeline.take(10, 0)) == []


def test_what_is_pushed_while_taking_has_its_turn() -> None:
    timeline: Timeline[str] = Timeline()
    timeline.push(1, "first")
    timeline.push(3, "last")
    seen = []
    for at, thing in timeline.take(5, 10):
        seen.append((at, thing))
        if thing == "first":
            timeline.push(2, "between")
    assert seen == [(1, "first"), (2, "between"), (3, "last")]


def test_things_that_cannot_be_compared_may_share_a_time() -> None:
    timeline: Timeline[object] = Timeline()
    things = [object(), {}, "text"]
    for thing in things:
        timeline.push(7, thing)
    assert [thing for _, thing in timeline.take(7, 10)] == things


@given(st.lists(st.integers(0, 20)))
def test_things_come_by_time_and_then_in_the_order_they_were_pushed(times: list[int]) -> None:
    taking: Timeline[int] = Timeline()
    draining: Timeline[int] = Timeline()
    for index, at in enumerate(times):
        taking.push(at, index)
        draining.push(at, index)
    expected = sorted((at, index) for index, at in enumerate(times))
    assert list(taking.take(20, len(times))) == expected
    assert draining.drain() == expected
    assert len(draining) == 0
