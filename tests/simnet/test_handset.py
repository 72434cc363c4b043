from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from textwire.simnet.handset import MAX_MESSAGES, MAX_PARTS, Handset, Shown

OTHER = "+49170"


def message(number: int) -> Shown:
    return Shown(id=number, direction="in", other=OTHER, text="x", at=number)


def test_a_handset_shows_its_latest_messages() -> None:
    handset = Handset()
    for number in range(MAX_MESSAGES + 5):
        handset.show(message(number))
    assert [shown.id for shown in handset.messages] == list(range(5, MAX_MESSAGES + 5))
    assert handset.size == MAX_MESSAGES


def test_parts_make_a_whole_in_any_order() -> None:
    parts = [("a", 1), ("b", 2), ("c", 3)]
    for order in permutations(parts):
        handset = Handset()
        got = [handset.assemble(OTHER, text, (7, 3, number)) for text, number in order]
        assert got == [None, None, "abc"]
        assert handset.size == 0


def test_a_part_that_comes_twice_counts_once() -> None:
    handset = Handset()
    assert handset.assemble(OTHER, "a", (7, 2, 1)) is None
    assert handset.assemble(OTHER, "A", (7, 2, 1)) is None
    assert handset.size == 1
    assert handset.assemble(OTHER, "b", (7, 2, 2)) == "Ab"


def test_parts_of_different_texts_do_not_mix() -> None:
    handset = Handset()
    assert handset.assemble(OTHER, "a", (7, 2, 1)) is None
    assert handset.assemble("+49171", "x", (7, 2, 2)) is None
    assert handset.assemble(OTHER, "y", (8, 2, 2)) is None
    assert handset.assemble(OTHER, "z", (7, 3, 2)) is None
    assert handset.assemble(OTHER, "b", (7, 2, 2)) == "ab"


def test_a_reference_can_be_used_again() -> None:
    handset = Handset()
    for text in ("one", "two"):
        assert handset.assemble(OTHER, text, (7, 2, 1)) is None
        assert handset.assemble(OTHER, "!", (7, 2, 2)) == f"{text}!"


def test_a_part_whose_numbers_make_no_sense_is_shown_as_it_is() -> None:
    handset = Handset()
    for concat in ((1, 1, 1), (1, 0, 0), (1, 2, 3), (1, 2, 0)):
        assert handset.assemble(OTHER, "odd", concat) == "odd"
    assert handset.size == 0


def test_the_text_begun_first_is_forgotten_when_parts_pile_up() -> None:
    handset = Handset()
    for reference in range(MAX_PARTS + 1):
        handset.assemble(OTHER, "a", (reference, 2, 1))
    assert handset.size == MAX_PARTS
    assert handset.assemble(OTHER, "b", (1, 2, 2)) == "ab"
    assert handset.assemble(OTHER, "b", (0, 2, 2)) is None


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(2, 255), st.integers(1, 255)), max_size=300))
def test_a_handset_counts_what_it_keeps(concats: list[tuple[int, int, int]]) -> None:
    handset = Handset()
    for concat in concats:
        handset.assemble(OTHER, "p", concat)
    kept = sum(len(parts) for parts in (handset._parts or {}).values())
    assert handset.size == kept <= MAX_PARTS
