from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.simnet.delivery import MAX_TEXT
from textwire.simnet.exchange import Texted, Unusable
from textwire.simnet.network import Network

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

ECHOING = "+4917000009"
ALSO_ECHOING = "+4918000009"
OFF = "+4917000002"
GONE = "+4917000001"


# Handsets set by hand


def test_a_handset_that_is_off_gets_its_texts_when_it_is_on_again() -> None:
    network = Network()
    network.set_phone(PHONE, state="off", now=START)
    taken(network, submission())
    assert passed(network, START + HOUR) == []
    assert shown(network) == []
    network.set_phone(PHONE, state="on", now=START + HOUR)
    (report,) = reports(passed(network, START + 2 * HOUR))
    assert report.state == "delivered"
    assert START + HOUR + 80 * MS <= report.at <= START + HOUR + 120 * MS
    assert len(shown(network)) == 1
    assert passed(network, START + 80 * HOUR) == []


def test_what_a_handset_missed_expires_with_its_validity() -> None:
    network = Network()
    network.set_phone(PHONE, state="off", now=START)
    taken(network, submission(valid_until=START + HOUR))
    (report,) = reports(passed(network, START + 80 * HOUR))
    assert (report.state, report.error, report.at) == ("expired", "absent_subscriber", START + HOUR)
    network.set_phone(PHONE, state="on", now=START + 80 * HOUR)
    assert passed(network, START + 90 * HOUR) == []
    assert shown(network) == []


def test_a_handset_going_on_and_off_loses_nothing_and_repeats_nothing() -> None:
    network = Network()
    network.set_phone(PHONE, state="off", now=START)
    taken(network, submission())
    for n in range(1, 6):
        passed(network, START + n * HOUR)
        network.set_phone(PHONE, state="on", now=START + n * HOUR)
        network.set_phone(PHONE, state="off", now=START + n * HOUR)
    assert network.pending == 2  # on its way, and the end of its validity: once
    effects = reports(passed(network, START + 100 * HOUR))
    assert [(report.state, report.at) for report in effects] == [("expired", START + 72 * HOUR)]
    assert network.pending == 0


def test_a_text_released_at_the_end_of_its_validity_is_reported_once() -> None:
    network = Network()
    network.set_phone(PHONE, state="off", now=START)
    taken(network, submission(valid_until=START + HOUR))
    passed(network, START + HOUR - MS)
    network.set_phone(PHONE, state="on", now=START + HOUR - MS)
    assert [report.state for report in reports(passed(network, START + 2 * HOUR))] == ["delivered"]


def test_a_text_that_meets_an_off_handset_again_after_its_validity_expires_then() -> None:
    network = Network()
    network.set_phone(PHONE, state="off", now=START)
    taken(network, submission(valid_until=START + HOUR))
    passed(network, START + HOUR - MS)
    network.set_phone(PHONE, state="on", now=START + HOUR - MS)
    network.set_phone(PHONE, state="off", now=START + HOUR - MS)
    (report,) = reports(passed(network, START + 2 * HOUR))
    assert (report.state, report.error) == ("expired", "absent_subscriber")
    assert report.at > START + HOUR


@pytest.mark.parametrize(("state", "error"), [("full", "memory_full"), ("gone", "unknown_subscriber")])
def test_a_handset_that_cannot_take_a_text_reports_undelivered(state: Any, error: str) -> None:
    network = Network()
    network.set_phone(PHONE, state=state, now=START)
    taken(network, submission())
    (report,) = reports(passed(network, START + SECOND))
    assert (report.state, report.error) == ("undelivered", error)
    assert shown(network) == []


def test_what_was_held_meets_the_new_state_of_its_handset() -> None:
    network = Network()
    taken(network, submission(OFF))
    passed(network, START + SECOND)
    network.set_phone(OFF, state="full", now=START + SECOND)
    assert [r.error for r in reports(passed(network, START + HOUR))] == ["memory_full"]


def test_a_handset_set_by_hand_forgets_its_manner() -> None:
    network = Network()
    for number in (OFF, GONE, ECHOING):
        network.set_phone(number, state="on", now=START)
        taken(network, submission(number))
    effects = passed(network, START + 80 * HOUR)
    assert [report.state for report in reports(effects)] == ["delivered"] * 3
    assert texts(effects) == []


def test_the_view_of_a_handset_shows_its_state_and_messages() -> None:
    network = Network()
    assert network.phone(OFF).state == "off"
    assert network.phone(ECHOING).answer == "echo: {text}"
    view = network.set_phone(PHONE, state="answering", answer="no", now=START)
    assert (view.number, view.state, view.answer) == (PHONE, "answering", "no")
    taken(network, submission())
    passed(network, START + SECOND)
    assert [message.text for message in network.phone(PHONE).messages] == ["hello", "no"]


def test_a_setting_that_makes_no_sense_releases_nothing() -> None:
    network = Network()
    network.set_phone(PHONE, state="off", now=START)
    taken(network, submission())
    passed(network, START + SECOND)
    with pytest.raises(Unusable):
        network.set_phone(PHONE, state="on", answer="hm", now=START + SECOND)
    assert network.phone(PHONE).state == "off"
    assert passed(network, START + HOUR) == []


# Answers


def test_an_answering_handset_waits_for_the_whole_text_and_answers_once() -> None:
    network = Network()
    for n, part in ((1, "Hello "), (2, "World")):
        taken(network, submission(ECHOING, part, key=n, concat=(3, 2, n)))
    (text,) = texts(passed(network, START + HOUR))
    assert [segment.text for segment in text.segments] == ["echo: Hello World"]


def test_an_answer_longer_than_a_segment_leaves_in_several() -> None:
    network = Network()
    taken(network, submission(ECHOING, "x" * 160))
    (text,) = texts(passed(network, START + HOUR))
    assert "".join(segment.text for segment in text.segments) == "echo: " + "x" * 160
    assert len(text.segments) == 2


def test_an_answer_is_never_longer_than_a_text_may_be() -> None:
    network = Network()
    network.set_phone(PHONE, state="answering", answer="{text}" * 100, now=START)
    taken(network, submission(text="é€" * 80))
    (text,) = texts(passed(network, START + HOUR))
    assert sum(len(segment.text) for segment in text.segments) == MAX_TEXT


def test_an_answer_takes_its_time_and_carries_the_reference_of_what_it_answers() -> None:
    network = Network()
    ref = taken(network, submission(ECHOING)).ref
    report, text = passed(network, START + HOUR)
    assert isinstance(text, Texted)
    assert report.at + 80 * MS <= text.at <= report.at + 120 * MS
    assert text.ref == f"{ref}-answer"


def test_two_answering_handsets_stop_after_one_answer() -> None:
    network = Network()
    network.text(ECHOING, ALSO_ECHOING, "hi", START, owned=False)
    passed(network, START + 100 * HOUR)
    assert shown(network, ALSO_ECHOING) == [("in", ECHOING, "hi"), ("out", ECHOING, "echo: hi")]
    assert shown(network, ECHOING) == [("out", ALSO_ECHOING, "hi"), ("in", ALSO_ECHOING, "echo: hi")]
    assert network.pending == 0


def test_an_answer_for_a_number_that_nobody_owns_goes_to_its_handset_and_is_not_answered() -> None:
    network = Network()
    taken(network, submission(ECHOING, sender=ALSO_ECHOING))
    (text,) = texts(passed(network, START + SECOND))
    network.redirect(text, START + SECOND)
    assert passed(network, START + HOUR) == []
    assert shown(network, ALSO_ECHOING) == [("in", ECHOING, "echo: hello")]


# The people


def test_a_person_texts_a_number_that_somebody_owns() -> None:
    network = Network()
    sent = network.text(PHONE, OURS, "y", START, owned=True)
    assert (sent.direction, sent.other, sent.text, sent.at) == ("out", OURS, "y", START)
    assert network.messages(PHONE) == (sent,)
    (text,) = texts(passed(network, START + SECOND))
    assert (text.sender, text.recipient, text.ref) == (PHONE, OURS, "")
    assert [(segment.text, segment.concat) for segment in text.segments] == [("y", None)]
    assert START + 80 * MS <= text.at <= START + 120 * MS


def test_a_long_text_of_a_person_leaves_in_numbered_segments() -> None:
    network = Network()
    words = " ".join(f"word{n}" for n in range(60))
    for _ in range(2):
        network.text(PHONE, OURS, words, START, owned=True)
    first, second = texts(passed(network, START + SECOND))
    for text in (first, second):
        assert "".join(segment.text for segment in text.segments) == words
        concats = [segment.concat for segment in text.segments]
        assert None not in concats
        total = len(text.segments)
        assert [concat[1:] for concat in concats if concat] == [(total, n) for n in range(1, total + 1)]
    assert (
        len({segment.concat[0] for text in (first, second) for segment in text.segments if segment.concat})
        == 2
    )


def test_the_longest_text_in_the_widest_alphabet_fits_into_255_segments() -> None:
    network = Network()
    network.text(PHONE, OURS, "👍🏽" * (MAX_TEXT // 2), START, owned=True)
    (text,) = texts(passed(network, START + SECOND))
    assert "".join(segment.text for segment in text.segments) == "👍🏽" * (MAX_TEXT // 2)
    assert len(text.segments) <= 255


def test_a_person_texts_another_handset() -> None:
    network = Network()
    network.text(PHONE, FRIEND, "x" * 500, START, owned=False)
    assert passed(network, START + SECOND) == []
    assert shown(network) == [("out", FRIEND, "x" * 500)]
    assert START + 80 * MS <= network.messages(FRIEND)[0].at <= START + 120 * MS
    assert shown(network, FRIEND) == [("in", PHONE, "x" * 500)]


def test_a_text_between_people_waits_for_a_handset_that_is_off() -> None:
    network = Network()
    network.text(PHONE, OFF, "wake up", START, owned=False)
    passed(network, START + HOUR)
    assert shown(network, OFF) == []
    network.set_phone(OFF, state="on", now=START + HOUR)
    assert passed(network, START + 80 * HOUR) == []
    assert shown(network, OFF) == [("in", PHONE, "wake up")]


def test_a_person_gets_the_echo_of_an_answering_handset() -> None:
    network = Network()
    network.text(PHONE, ECHOING, "hi", START, owned=False)
    assert passed(network, START + HOUR) == []
    assert shown(network) == [("out", ECHOING, "hi"), ("in", ECHOING, "echo: hi")]


@given(st.lists(st.integers(1, 40), min_size=1), st.sampled_from("\u0301\U0001e000"))
def test_texts_of_huge_clusters_fit_too(sizes: list[int], mark: str) -> None:
    clusters = "".join("漢" + mark * size for size in sizes)
    text = (clusters * MAX_TEXT)[:MAX_TEXT]
    network = Network()
    network.text(PHONE, OURS, text, START, owned=True)
    (left,) = texts(passed(network, START + SECOND))
    assert "".join(segment.text for segment in left.segments) == text
    assert len(left.segments) <= 255


@pytest.mark.parametrize(
    ("text", "kept"),
    [("a\ud800b", "a\ufffdb"), ("é\ud83d\ude00", "é😀"), ("a\0b", "a\ufffdb"), ("é\0", "é\ufffd")],
)
def test_what_cannot_be_stored_is_replaced(text: str, kept: str) -> None:
    network = Network()
    assert network.text(PHONE, OURS, text, START, owned=True).text == kept
    taken(network, submission(ECHOING, text))
    effects = texts(passed(network, START + HOUR))
    assert [effect.segments[0].text for effect in effects] == [kept, f"echo: {kept}"]


@pytest.mark.parametrize("text", ["", "x" * (MAX_TEXT + 1)])
def test_a_person_cannot_send_nothing_or_a_book(text: str) -> None:
    network = Network()
    with pytest.raises(Unusable) as caught:
        network.text(PHONE, OURS, text, START, owned=True)
    assert caught.value.field == "text"
    assert shown(network) == []
    assert network.pending == 0


@pytest.mark.parametrize("number", [OFF, GONE])
def test_a_handset_that_is_off_or_unknown_cannot_send(number: str) -> None:
    network = Network()
    with pytest.raises(Unusable) as caught:
        network.text(number, OURS, "hi", START, owned=True)
    assert caught.value.field == "state"
    assert shown(network, number) == []


def test_the_listener_hears_every_message_of_a_conversation() -> None:
    heard: list[str] = []
    network = Network(on_message=heard.append)
    network.text(PHONE, ECHOING, "hi", START, owned=False)
    assert heard == [PHONE]
    passed(network, START + HOUR)
    assert heard == [PHONE, ECHOING, ECHOING, PHONE]
