import pytest

from textwire.simnet.exchange import LOST, Busy, Refused, Report, Unusable
from textwire.simnet.network import SLICE, Network
from textwire.simnet.weather import Loss, Span, Throttle, Weather

from .driving import (
    FRIEND,
    HOUR,
    MS,
    OURS,
    PHONE,
    SECOND,
    START,
    passed,
    reports,
    shown,
    submission,
    taken,
    texts,
)

REFUSED = "+491700003"
RECEIPT_FIRST = "+491700006"


def test_a_quiet_network_has_nothing_due() -> None:
    network = Network()
    assert network.due() is None
    assert network.advance(START) == []
    assert network.pending == 0


def test_a_text_is_taken_at_once_shown_and_reported_together() -> None:
    network = Network()
    answer = taken(network, submission())
    assert answer.respond_at == START
    due = network.due()
    assert due is not None
    assert network.advance(due - 1) == []
    assert shown(network) == []
    assert network.advance(due) == [Report(ref=answer.ref, state="delivered", error="", at=due)]
    assert shown(network) == [("in", OURS, "hello")]
    assert network.messages(PHONE)[0].at == due
    assert network.pending == 0


def test_segments_of_a_long_text_report_one_by_one_and_show_as_one() -> None:
    network = Network()
    refs = {
        taken(network, submission(text=text, key=n, concat=(77, 3, n))).ref
        for n, text in ((2, "two "), (1, "one "), (3, "three"))
    }
    effects = passed(network, START + SECOND)
    assert {report.ref for report in reports(effects)} == refs
    assert len(refs) == 3
    assert shown(network) == [("in", OURS, "one two three")]


def test_the_reference_tells_segment_and_attempt_apart_and_survives_a_restart() -> None:
    refs = [
        taken(Network(seed=n), submission(key=key, attempt=a)).ref
        for n, key, a in ((1, 1, 1), (2, 1, 1), (3, 1, 2), (4, 17, 1), (5, 2**63 - 1, 1))
    ]
    assert refs[0] == refs[1]
    assert len(set(refs)) == 4


def test_a_text_to_an_owned_number_comes_back_with_its_segment_and_reference() -> None:
    network = Network()
    answer = taken(network, submission("+447700900001", "part", sender="ACME", concat=(9, 2, 1), owned=True))
    effects = passed(network, START + SECOND)
    (text,) = texts(effects)
    assert (text.sender, text.recipient, text.ref) == ("ACME", "+447700900001", answer.ref)
    assert [(segment.text, segment.concat) for segment in text.segments] == [("part", (9, 2, 1))]
    assert [(report.state, report.at) for report in reports(effects)] == [("delivered", text.at)]


def test_a_leap_of_the_clock_keeps_the_times_at_which_things_happened() -> None:
    network = Network()
    taken(network, submission())
    taken(network, submission("+491700002", valid_until=START + HOUR), START + MS)
    effects = reports(network.advance(START + 24 * HOUR))
    assert [report.state for report in effects] == ["delivered", "expired"]
    assert effects[0].at < START + 121 * MS
    assert effects[1].at == START + HOUR


def test_one_advance_does_a_slice_of_the_work_and_leaves_the_rest_due() -> None:
    network = Network()
    for key in range(SLICE + 10):
        taken(network, submission(f"+49170{key % 50}555", key=key))
    now = START + HOUR
    assert len(network.advance(now)) == SLICE
    due = network.due()
    assert due is not None
    assert due < now
    assert len(network.advance(now, limit=4)) == 4
    assert len(network.advance(now)) == 6


# Bounds


def test_a_crowded_network_puts_off_and_recovers() -> None:
    network = Network(max_pending=2)
    for key in (1, 2):
        taken(network, submission(key=key))
    crowded = Busy(after_us=SECOND, respond_at=START, code="network_full")
    assert network.submit(submission(key=3), START) == crowded
    assert network.adopt("old", submission(key=4), START) is False
    with pytest.raises(Unusable):
        network.text(PHONE, FRIEND, "hi", START, owned=False)
    passed(network, START + SECOND)
    taken(network, submission(key=3))


# Weather


def test_latency_delays_the_answer_and_what_comes_after_it() -> None:
    network = Network()
    network.set_weather(Weather(latency=Span(300, 300)))
    assert taken(network, submission()).respond_at == START + 300 * MS
    (report,) = reports(passed(network, START + SECOND))
    assert START + 380 * MS <= report.at <= START + 420 * MS
    refused = network.submit(submission(REFUSED), START)
    assert refused == Refused("barred", START + 300 * MS)


def test_a_receipt_delay_comes_after_the_text() -> None:
    network = Network()
    network.set_weather(Weather(receipt_delay=Span(2000, 2000), delivery=Span(100, 100)))
    taken(network, submission())
    assert passed(network, START + 2099 * MS) == []
    assert len(shown(network)) == 1
    assert [effect.at for effect in passed(network, START + 2100 * MS)] == [START + 2100 * MS]


def test_a_receipt_before_its_answer_ignores_the_receipt_delay() -> None:
    network = Network()
    network.set_weather(Weather(receipt_delay=Span(2000, 2000), latency=Span(70, 70)))
    answer = taken(network, submission(RECEIPT_FIRST))
    (report,) = reports(passed(network, START + SECOND))
    assert report.at == network.messages(RECEIPT_FIRST)[0].at < answer.respond_at


def test_lost_receipts_never_come_but_the_text_does() -> None:
    network = Network()
    network.set_weather(Weather(loss=(Loss("receipt", 1),)))
    taken(network, submission())
    assert passed(network, START + 80 * HOUR) == []
    assert len(shown(network)) == 1


def test_after_a_lost_response_nobody_knows_whether_the_text_arrived() -> None:
    network = Network()
    network.set_weather(Weather(loss=(Loss("response", 1),)))
    answers = {network.submit(submission(key=key), START) for key in range(200)}
    assert answers == {LOST}
    effects = passed(network, START + SECOND)
    assert 70 < len(effects) < 130
    assert len(shown(network)) == len(effects)


def test_the_response_that_gets_lost_may_be_a_refusal() -> None:
    network = Network()
    network.set_weather(Weather(loss=(Loss("response", 1),)))
    assert {network.submit(submission(REFUSED, key=key), START) for key in range(20)} == {LOST}
    assert network.pending == 0


def test_weather_throttles_every_number_even_an_owned_one() -> None:
    network = Network()
    network.set_weather(Weather(throttle=Throttle(per_second=1)))
    taken(network, submission())
    answer = network.submit(submission(owned=True), START + 100 * MS)
    assert answer == Busy(after_us=900 * MS, respond_at=START + 100 * MS, code="throttled")
    taken(network, submission(owned=True), START + SECOND)


def test_weather_reads_back_as_set() -> None:
    network = Network(seed=5)
    assert network.weather == Weather(seed=5)
    storm = Weather(latency=Span(1, 2), seed=6)
    network.set_weather(storm)
    assert network.weather == storm


def test_weather_that_makes_no_sense_is_refused_and_changes_nothing() -> None:
    network = Network(seed=5)
    with pytest.raises(Unusable, match=r"latency\.min_ms"):
        network.set_weather(Weather(latency=Span(-1, 2)))
    assert network.weather == Weather(seed=5)
    with pytest.raises(Unusable, match="seed"):
        Network(seed=-1)


# Restart and reset


def test_an_adopted_segment_still_gets_its_receipt() -> None:
    network = Network()
    assert network.adopt("sim-of-yesterday", submission(), START) is True
    (report,) = reports(passed(network, START + SECOND))
    assert (report.ref, report.state) == ("sim-of-yesterday", "delivered")


def test_a_segment_adopted_after_its_validity_is_delivered_or_expires_by_its_handset() -> None:
    network = Network()
    late = START + 100 * HOUR
    network.adopt("a", submission(), late)
    network.adopt("b", submission("+491700002"), late)
    network.adopt("c", submission("+491700004"), late)  # was throttled in its time
    states = {report.ref: report.state for report in reports(passed(network, late + SECOND))}
    assert states == {"a": "delivered", "b": "expired", "c": "delivered"}


def test_adopting_twice_brings_the_same_references_again() -> None:
    network = Network()
    network.adopt("sim-1", submission(owned=True), START)
    network.adopt("sim-2", submission("+491700009"), START)
    first = sorted(text.ref for text in texts(passed(network, START + SECOND)))
    network.adopt("sim-1", submission(owned=True), START + HOUR)
    network.adopt("sim-2", submission("+491700009"), START + HOUR)
    second = sorted(text.ref for text in texts(passed(network, START + 2 * HOUR)))
    assert first == second == ["sim-1", "sim-2-answer"]


def test_a_reset_forgets_handsets_settings_and_weather() -> None:
    network = Network(seed=3)
    taken(network, submission())
    passed(network, START + SECOND)
    network.set_phone(PHONE, state="full", now=START)
    network.set_weather(Weather(latency=Span(5, 5)))
    network.reset(START + HOUR)
    assert network.phone(PHONE) == Network().phone(PHONE)
    assert network.weather == Weather(seed=3)


def test_a_reset_leaves_no_segment_hanging() -> None:
    network = Network()
    network.set_phone(FRIEND, state="off", now=START)
    held = taken(network, submission(FRIEND, key=1))
    slow = taken(network, submission("+491700005", key=2))
    passed(network, START + SECOND)
    flying = taken(network, submission(key=3), START + SECOND)
    taken(network, submission(key=4, receipt=False), START + SECOND)
    network.text(PHONE, FRIEND, "never mind", START + SECOND, owned=False)
    network.text(PHONE, OURS, "already gone", START + SECOND, owned=True)
    network.reset(START + 2 * SECOND)
    network.set_phone(FRIEND, state="on", now=START + 2 * SECOND)
    effects = passed(network, START + 80 * HOUR)
    assert {(report.ref, report.state, report.error) for report in reports(effects)} == {
        (held.ref, "undelivered", "network_reset"),
        (flying.ref, "undelivered", "network_reset"),
        (slow.ref, "delivered", ""),
    }
    assert [text.segments[0].text for text in texts(effects)] == ["already gone"]
    assert len(effects) == 4
    assert shown(network) == shown(network, FRIEND) == []
    assert network.pending == 0
