from typing import Any

import pytest

from textwire.simnet.exchange import Answer, Busy, Effect, Refused, Report, Taken
from textwire.simnet.manners import MANNERS, PLAIN, manner_of
from textwire.simnet.network import Network

from .driving import HOUR, MS, OURS, SECOND, START, passed, reports, shown, submission, texts

NUMBER = "+49170555"
SOON = START + 130 * MS


def sent(ending: str, **changes: Any) -> tuple[Network, Answer, list[Effect]]:
    """One text to a number with this ending: the answer, and all that came of it in 80 hours."""
    network = Network()
    answer = network.submit(submission(NUMBER + ending, **changes), START)
    return network, answer, passed(network, START + 80 * HOUR)


def outcome(effects: list[Effect]) -> list[tuple[str, str]]:
    return [(report.state, report.error) for report in reports(effects)]


# "Numbers with manners": ending, answer, (state, error) of the reports, and what the handset shows
MANNERED = [
    ("0001", Taken, [("undelivered", "unknown_subscriber")], 0),
    ("0002", Taken, [("expired", "absent_subscriber")], 0),
    ("0003", Refused, [], 0),
    ("0004", Busy, [], 0),
    ("0005", Taken, [("delivered", "")], 1),
    ("0006", Taken, [("delivered", "")], 1),
    ("0007", Taken, [("delivered", ""), ("delivered", "")], 1),
    ("0008", Taken, [], 1),
    ("0009", Taken, [("delivered", "")], 2),
    ("0000", Taken, [("delivered", "")], 1),
    ("0010", Taken, [("delivered", "")], 1),
    ("1234", Taken, [("delivered", "")], 1),
]


@pytest.mark.parametrize(("ending", "kind", "states", "messages"), MANNERED)
def test_a_number_behaves_by_its_ending(
    ending: str, kind: type[Answer], states: list[tuple[str, str]], messages: int
) -> None:
    network, answer, effects = sent(ending)
    assert isinstance(answer, kind)
    assert outcome(effects) == states
    assert len(shown(network, NUMBER + ending)) == messages


def test_every_manner_is_in_the_table_of_this_test() -> None:
    assert set(MANNERS) <= {row[0] for row in MANNERED}


@pytest.mark.parametrize("ending", [row[0] for row in MANNERED])
def test_manners_mean_nothing_for_a_number_that_somebody_owns(ending: str) -> None:
    network, answer, effects = sent(ending, owned=True)
    assert answer == Taken("sim-ff-1", START)
    assert outcome(effects) == [("delivered", "")]
    assert all(effect.at <= SOON for effect in effects)
    assert [text.recipient for text in texts(effects)] == [NUMBER + ending]
    assert shown(network, NUMBER + ending) == []


def test_any_other_number_reports_after_about_100_ms() -> None:
    _, _, effects = sent("5555")
    assert START + 80 * MS <= effects[0].at <= START + 120 * MS


def test_0002_expires_exactly_when_validity_ends() -> None:
    _, _, effects = sent("0002", valid_until=START + 5 * HOUR)
    assert [effect.at for effect in effects] == [START + 5 * HOUR]


def test_0003_is_refused_by_the_carrier() -> None:
    _, answer, _ = sent("0003")
    assert answer == Refused("barred", START)


def test_0004_is_throttled_at_first_and_then_delivered() -> None:
    network = Network()
    first = network.submit(submission(NUMBER + "0004", attempt=1), START)
    assert first == Busy(after_us=SECOND, respond_at=START, code="throttled")
    second = network.submit(submission(NUMBER + "0004", attempt=2), START + SECOND)
    assert second == Taken("sim-ff-2", START + SECOND)
    assert outcome(passed(network, START + HOUR)) == [("delivered", "")]


def test_0005_shows_the_text_at_once_and_reports_half_a_minute_later() -> None:
    network = Network()
    network.submit(submission(NUMBER + "0005"), START)
    assert passed(network, START + 29 * SECOND) == []
    assert len(shown(network, NUMBER + "0005")) == 1
    (report,) = reports(passed(network, START + HOUR))
    assert START + 30 * SECOND <= report.at <= START + 31 * SECOND


def test_0006_reports_before_its_submission_is_answered() -> None:
    _, answer, effects = sent("0006")
    assert isinstance(answer, Taken)
    assert START < effects[0].at < answer.respond_at < START + 250 * MS


def test_0007_says_the_same_twice() -> None:
    _, _, effects = sent("0007")
    first, second = effects
    assert isinstance(first, Report)
    assert isinstance(second, Report)
    assert (first.ref, first.state, first.error) == (second.ref, second.state, second.error)
    assert first.at < second.at < first.at + SECOND


def test_0009_answers_every_text_with_an_echo() -> None:
    network, _, effects = sent("0009", text="hi there")
    (text,) = texts(effects)
    assert (text.sender, text.recipient) == (NUMBER + "0009", OURS)
    assert [segment.text for segment in text.segments] == ["echo: hi there"]
    assert shown(network, NUMBER + "0009") == [("in", OURS, "hi there"), ("out", OURS, "echo: hi there")]


@pytest.mark.parametrize("sender", ["ACME", "+", "", "+49 170", "١٢٣٤"])
def test_0009_does_not_answer_a_name(sender: str) -> None:
    _, _, effects = sent("0009", sender=sender)
    assert outcome(effects) == [("delivered", "")]
    assert texts(effects) == []


def test_0009_answers_a_short_code() -> None:
    _, _, effects = sent("0009", sender="12345")
    assert [text.recipient for text in texts(effects)] == ["12345"]


def test_without_a_wish_for_receipts_none_comes_but_the_text_does() -> None:
    for ending, messages in (("5555", 1), ("0007", 1), ("0001", 0), ("0002", 0)):
        network, _, effects = sent(ending, receipt=False)
        assert effects == []
        assert len(shown(network, NUMBER + ending)) == messages


def test_a_number_shorter_than_an_ending_has_no_manners() -> None:
    assert manner_of("001") is PLAIN
    assert manner_of("") is PLAIN
