"""Counting is done per commit, and never forgets or grows."""

from tests.store.house import event
from textwire.meters import tally
from textwire.meters.histogram import Histogram
from textwire.meters.tally import Tally


def test_events_are_counted_by_type_and_carrier() -> None:
    counts = Tally()
    for _ in range(3):
        counts.observe([event(kind="message.sent", data='{"attempt":1,"carrier":"a","reason":""}')] * 2)
    counts.observe(
        [event(kind="message.sent", data='{"carrier":"b"}'), event(), event(kind="number.assigned")]
    )
    assert counts.events == {
        ("message.sent", "a"): 6, ("message.sent", "b"): 1, ("message.accepted", ""): 1, ("number.assigned", ""): 1,
    }  # fmt: skip
    assert counts.events[("message.sent", "a")] == 6
    assert counts.ambiguous == 0


def test_segments_in_doubt_are_counted_singly() -> None:
    counts = Tally()
    counts.observe([event(kind="message.ambiguous", data='{"carrier":"a","segments":3}')] * 2)
    counts.observe([event(kind="message.ambiguous", data='{"carrier":"a"}')])
    assert counts.ambiguous == 7


def test_whatever_events_say_memory_is_bounded() -> None:
    counts = Tally()
    for n in range(5 * tally.MOST_KINDS):
        counts.observe([event(kind="message.rejected", data=f'{{"carrier":"a","error":"{n}"}}')])
        assert len(counts._raw) <= tally.MOST_KINDS
    assert counts.events == {("message.rejected", "a"): 5 * tally.MOST_KINDS}


def test_a_histogram_counts_up_to_each_bound() -> None:
    some = Histogram((1, 5))
    for value in (0, 1, 1.5, 5, 6, 100):
        some.add(value)
    assert some.buckets() == [("1.0", 2), ("5.0", 4), ("+Inf", 6)]
    assert some.total == 113.5
