"""Parts of long inbound messages: loss, repetition, disorder, and senders who cut where one must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.text.reassembly import Assembled, Key, Part, Reassembly, assemble, join
from textwire.text.udh import Concatenation

SECOND = 1_000_000
TURKISH = bytes.fromhex("03250101")


def key(**changes) -> Key:
    return Key(**{"sender": "+1", "recipient": "+2", "reference": 7, "total": 3, **changes})


def part(n: int, text: str | bytes = "", *, total: int = 3, **more) -> Part:
    payload = text if isinstance(text, bytes) else (text or f"<{n}>").encode()
    return Part(n=n, total=total, payload=payload, **more)


def ucs2(n: int, payload: bytes, total: int = 2) -> Part:
    return Part(n=n, total=total, payload=payload, data_coding=8)


# ---- assemble and join


@given(st.permutations([1, 2, 3, 1, 2, 3]))
def test_parts_are_assembled_in_any_order_with_repetitions(order):
    whole = assemble(part(n) for n in order)
    assert whole == Assembled(text="<1><2><3>", parts=(part(1), part(2), part(3)))


@pytest.mark.parametrize("numbers", [[], [1], [1, 2], [2, 3, 2], [1, 3, 4], [0, 1, 2], [4, 5, 6]])
def test_a_message_with_a_part_missing_is_none_yet(numbers):
    assert assemble(part(n) for n in numbers) is None


def test_of_parts_with_one_number_the_first_counts():
    assert assemble([part(1, "a"), part(2, "b"), part(1, "x"), part(3, "c")]).text == "abc"


def test_a_message_of_one_part_is_whole():
    assert assemble([part(1, "a", total=1)]).text == "a"


@pytest.mark.parametrize("at", range(7))
def test_an_escape_cut_by_a_foreign_sender_is_read_across_the_cut(at):
    octets = b"ab\x1be\x1b<c"
    assert join([part(1, octets[:at]), part(2, octets[at:])] if at else [part(1, octets)]) == "ab€[c"


@pytest.mark.parametrize("at", range(1, 8))
def test_a_surrogate_pair_cut_by_a_foreign_sender_is_read_across_the_cut(at):
    octets = "я😀a".encode("utf-16-be")
    assert assemble([ucs2(2, octets[at:]), ucs2(1, octets[:at])]).text == "я😀a"


def test_an_octet_lost_from_one_part_does_not_skew_the_next():
    first, second = "яя".encode("utf-16-be")[:-1], "ыы".encode("utf-16-be")
    assert join([ucs2(1, first), ucs2(2, second)]) == "я\ufffdыы"
    assert join([ucs2(1, second), ucs2(2, first)]) == "ыыя\ufffd"


def test_parts_in_different_alphabets_are_each_read_in_theirs():
    parts = [
        part(1, b"a\x00"),
        Part(n=2, total=4, payload="я".encode("utf-16-be"), data_coding=8),
        part(3, b"\x07", header=TURKISH),
        part(4, b"\xe9", data_coding=3),
    ]
    assert join(parts) == "a@яıé"


def test_an_escape_is_not_read_across_a_change_of_tables():
    assert join([part(1, b"a\x1b"), part(2, b"e", header=TURKISH)]) == "a\ufffde"


def test_the_place_in_the_header_is_not_part_of_the_reading():
    first, second = bytes.fromhex("050003070201"), bytes.fromhex("050003070202")
    assert join([part(1, b"\x1b", header=first), part(2, b"e", header=second)]) == "€"


def test_parts_that_are_text_already_are_joined_as_text():
    parts = [Part(n=1, total=2, payload="я\ud83d"), Part(n=2, total=2, payload="\ude00a")]
    assert assemble(reversed(parts)).text == "я😀a"
    assert join([*parts, part(3, b"\x00")]) == "я😀a@"
    assert join([Part(n=1, total=1, payload="\ud83d")]) == "\ufffd"


@given(
    st.lists(
        st.builds(
            Part,
            n=st.integers(-1, 5),
            total=st.integers(0, 4),
            payload=st.one_of(st.binary(max_size=10), st.text(st.characters(codec=None), max_size=5)),
            data_coding=st.integers(0, 255),
            header=st.binary(max_size=8),
        )
    )
)
def test_any_parts_join_to_text_that_can_be_stored(parts):
    join(parts).encode("utf-8")
    whole = assemble(parts)
    assert whole is None or [each.n for each in whole.parts] == list(range(1, len(whole.parts) + 1))


# ---- Reassembly


@given(st.permutations([1, 2, 3]))
def test_the_last_part_to_come_completes_the_message(order):
    memory = Reassembly()
    *earlier, last = order
    assert [memory.add(key(), part(n), 0) for n in earlier] == [None, None]
    assert memory.add(key(), part(last), 0) == (part(1), part(2), part(3))
    assert len(memory) == 0


@given(st.lists(st.integers(1, 3), max_size=30))
def test_repetitions_complete_a_message_once(numbers):
    memory = Reassembly()
    complete = [whole for n in numbers if (whole := memory.add(key(), part(n), 0))]
    assert len(complete) == (set(numbers) == {1, 2, 3})


@pytest.mark.parametrize(
    "change",
    [{"sender": "+3"}, {"recipient": "+3"}, {"reference": 8}, {"concatenation": Concatenation.SIXTEEN}],
    ids=lambda change: next(iter(change)),
)
def test_parts_of_another_message_do_not_count(change):
    memory = Reassembly()
    memory.add(key(), part(1), 0)
    memory.add(key(), part(2), 0)
    assert memory.add(key(**change), part(3), 0) is None
    assert len(memory) == 2
    assert memory.add(key(), part(3), 0)


def test_another_total_is_another_message():
    memory = Reassembly()
    memory.add(key(), part(1), 0)
    assert memory.add(key(total=2), part(2, total=2), 0) is None
    assert len(memory) == 2


def test_a_message_of_one_part_is_complete_at_once():
    assert Reassembly().add(key(total=1), part(1, total=1), 0) == (part(1, total=1),)


@pytest.mark.parametrize("wrong", [part(0), part(4), part(1, total=2)], ids=["zero", "beyond", "total"])
def test_a_part_that_cannot_belong_is_refused(wrong):
    with pytest.raises(ValueError, match="part"):
        Reassembly().add(key(), wrong, 0)


def test_what_stays_incomplete_is_handed_over_after_its_time():
    memory = Reassembly(lifetime=10 * SECOND)
    memory.add(key(), part(3), 0)
    memory.add(key(), part(1), 9 * SECOND)
    memory.add(key(reference=8), part(1), 5 * SECOND)
    assert memory.expire(10 * SECOND - 1) == []
    assert memory.expire(10 * SECOND) == [(part(1), part(3))]
    assert memory.expire(10 * SECOND) == []
    assert memory.expire(15 * SECOND) == [(part(1),)]
    assert len(memory) == 0


def test_a_part_that_comes_too_late_begins_anew():
    memory = Reassembly(lifetime=10 * SECOND)
    memory.add(key(), part(1), 0)
    memory.add(key(), part(2), 0)
    assert memory.add(key(), part(3), 11 * SECOND) is None
    assert memory.expire(11 * SECOND) == [(part(1), part(2))]
    assert memory.expire(21 * SECOND) == [(part(3),)]


def test_an_echo_of_a_complete_message_is_ignored():
    memory = Reassembly(echo=10 * SECOND)
    for n in (1, 2, 3):
        memory.add(key(), part(n), 0)
    assert memory.add(key(), part(2), 9 * SECOND) is None
    assert len(memory) == 0


def test_after_the_echo_the_same_reference_is_a_new_message():
    memory = Reassembly(echo=10 * SECOND)
    for now in (0, 10 * SECOND):
        complete = [memory.add(key(), part(n), now) for n in (1, 2, 3)]
        assert complete == [None, None, (part(1), part(2), part(3))]


def test_a_reference_used_again_at_once_for_another_text_is_a_new_message():
    memory = Reassembly()
    for n in (1, 2, 3):
        memory.add(key(), part(n), 0)
    assert memory.add(key(), part(1, "other"), 1) is None
    assert memory.add(key(), part(2), 1) is None  # the same words as before, but now of the new message
    assert memory.add(key(), part(3, "end"), 1) == (part(1, "other"), part(2), part(3, "end"))


def test_a_part_that_contradicts_another_gives_up_the_older_message():
    memory = Reassembly()
    memory.add(key(), part(1), 0)
    memory.add(key(), part(2), 0)
    assert memory.add(key(), part(1, "new"), 1) is None
    assert memory.expire(1) == [(part(1), part(2))]
    memory.add(key(), part(2), 1)
    assert memory.add(key(), part(3), 1) == (part(1, "new"), part(2), part(3))


def test_memory_is_bounded_and_the_oldest_goes_first():
    memory = Reassembly(capacity=2)
    for reference in range(4):
        memory.add(key(reference=reference), part(1, str(reference)), reference)
    assert len(memory) == 2
    assert memory.expire(4) == [(part(1, "0"),), (part(1, "1"),)]
    memory.add(key(reference=3), part(2), 4)
    assert memory.add(key(reference=3), part(3), 4)


def test_what_nobody_collects_is_bounded_too():
    memory = Reassembly(capacity=2)
    for reference in range(9):
        memory.add(key(reference=reference), part(1, str(reference)), 0)
    assert memory.expire(0) == [(part(1, "5"),), (part(1, "6"),)]


def test_the_memory_of_complete_messages_is_bounded():
    memory = Reassembly(capacity=2)
    for reference in range(3):
        memory.add(key(reference=reference, total=1), part(1, total=1), 0)
    assert memory.add(key(reference=2, total=1), part(1, total=1), 0) is None
    assert memory.add(key(reference=0, total=1), part(1, total=1), 0)
