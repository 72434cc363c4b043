import pytest

from textwire.simnet import phones as module
from textwire.simnet.exchange import Unusable
from textwire.simnet.phones import ECHO, MAX_TEMPLATE, Phones

A, B, C = "+4917000010", "+4917000020", "+4917000030"
MANNERED_OFF = "+49170000002"


def test_a_handset_nobody_texted_is_on_and_empty() -> None:
    view = Phones().view(A)
    assert (view.number, view.state, view.answer, view.messages) == (A, "on", None, ())


def test_ids_follow_the_clock_and_always_rise() -> None:
    phones = Phones()
    first = phones.show(A, "in", B, "one", 1000)
    second = phones.show(B, "out", A, "two", 1000)
    third = phones.show(A, "in", B, "three", 5000)
    earlier = phones.show(A, "in", B, "four", 10)
    assert [m.id for m in (first, second, third, earlier)] == [1000, 1001, 5000, 5001]
    assert earlier.at == 10


def test_messages_after_an_id_are_those_above_it() -> None:
    phones = Phones()
    ids = [phones.show(A, "in", B, str(n), 100 + n).id for n in range(5)]
    assert [m.text for m in phones.messages(A, ids[2])] == ["3", "4"]
    assert [m.text for m in phones.messages(A)] == ["0", "1", "2", "3", "4"]
    assert phones.messages(A, ids[4]) == ()
    assert phones.messages(B) == ()


def test_the_listener_hears_the_number_of_each_message_shown() -> None:
    heard: list[str] = []
    phones = Phones(heard.append)
    phones.show(A, "out", B, "x", 1)
    phones.receive(B, A, "par", (1, 2, 1), 2)
    assert heard == [A]
    phones.receive(B, A, "ts", (1, 2, 2), 3)
    assert heard == [A, B]
    assert [m.text for m in phones.messages(B)] == ["parts"]


def test_a_setting_goes_before_the_manner_of_the_number() -> None:
    phones = Phones()
    assert phones.state_of(MANNERED_OFF) == "off"
    phones.configure(MANNERED_OFF, "on", None)
    assert phones.state_of(MANNERED_OFF) == "on"
    phones.clear()
    assert phones.state_of(MANNERED_OFF) == "off"


def test_an_answering_handset_answers_by_its_template() -> None:
    phones = Phones()
    phones.configure(A, "answering", "You said {text}, {text}! {other}")
    assert phones.answer_to(A, "hi {text}") == "You said hi {text}, hi {text}! {other}"
    assert phones.view(A).answer == "You said {text}, {text}! {other}"


@pytest.mark.parametrize("length", [1, MAX_TEMPLATE])
def test_a_template_has_at_least_a_character_and_at_most_a_thousand(length: int) -> None:
    phones = Phones()
    phones.configure(A, "answering", "x" * length)
    assert phones.answer_to(A, "hi") == "x" * length


def test_an_answering_handset_without_a_template_echoes() -> None:
    phones = Phones()
    phones.configure(A, "answering", None)
    assert phones.view(A).answer == ECHO
    assert phones.answer_to(A, "hi") == "echo: hi"


@pytest.mark.parametrize(
    ("state", "answer", "field"),
    [
        ("asleep", None, "state"),
        ("on", "hello", "answer"),
        ("answering", "", "answer"),
        ("answering", "x" * (MAX_TEMPLATE + 1), "answer"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused_and_changes_nothing(
    state: str, answer: str | None, field: str
) -> None:
    phones = Phones()
    with pytest.raises(Unusable) as caught:
        phones.configure(A, state, answer)  # type: ignore[arg-type]
    assert caught.value.field == field
    assert phones.state_of(A) == "on"


def test_the_least_recently_used_handset_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PHONES", 2)
    phones = Phones()
    phones.show(A, "in", C, "a", 1)
    phones.show(B, "in", C, "b", 2)
    phones.messages(A)  # looking is using
    phones.show(C, "in", A, "c", 3)
    assert [len(phones.messages(number)) for number in (C, B, A)] == [1, 0, 1]
    phones.show(C, "in", A, "d", 4)  # and so is being texted
    phones.show(B, "in", C, "e", 5)
    assert [len(phones.messages(number)) for number in (A, B, C)] == [0, 1, 2]


def test_looking_at_a_number_does_not_make_a_handset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PHONES", 1)
    phones = Phones()
    phones.show(A, "in", C, "a", 1)
    phones.view(B)
    phones.messages(C)
    phones.show(A, "in", C, "again", 2)
    assert len(phones.messages(A)) == 2


def test_messages_and_parts_over_all_handsets_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_KEPT", 5)
    phones = Phones()
    for n in range(3):
        phones.show(A, "in", C, str(n), n)
    for n in range(1, 3):
        phones.receive(B, C, "part", (1, 9, n), 10 + n)
    phones.receive(C, A, "one too many", (1, 9, 1), 20)
    assert phones.messages(A) == ()
    for text in ("x", "y", "one more than B's parts leave room for"):
        phones.show(C, "out", A, text, 21)
    assert len(phones.messages(C)) == 3
    assert phones._kept == 4


def test_the_count_of_what_is_kept_stays_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PHONES", 3)
    phones = Phones()
    for n in range(2000):
        number = f"+4917{n % 5}"
        if n % 3:
            phones.show(number, "in", A, "x", n)
        else:
            phones.receive(number, A, "p", (n % 7, 3, n % 4), n)
    assert phones._kept == sum(handset.size for handset in phones._phones.values()) > 0
    assert len(phones._phones) == 3
    phones.clear()
    assert phones._kept == 0


def test_settings_are_remembered_apart_from_traffic_and_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PHONES", 1)
    monkeypatch.setattr(module, "MAX_SETTINGS", 2)
    phones = Phones()
    phones.configure(A, "off", None)
    phones.configure(B, "full", None)
    for n in range(5):
        phones.show(f"+4918{n}", "in", A, "x", n)
    assert (phones.state_of(A), phones.state_of(B)) == ("off", "full")
    phones.configure(A, "answering", None)
    phones.configure(C, "off", None)
    assert [phones.state_of(number) for number in (A, B, C)] == ["answering", "on", "off"]
