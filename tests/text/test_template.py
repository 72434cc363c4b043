import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.text.template import LONGEST, BadTemplate, MissingValue, Overlong, fill, variables


def test_names_are_found_once_each_in_order() -> None:
    assert variables("{{b}} and {{ a }}, {{b}}") == ("b", "a")


@pytest.mark.parametrize(
    ("text", "at"),
    [("{{}}", 0), ("a {{1+1}}", 2), ("{{a}} }}", 6), ("{{a.b}}", 0), ("ü{{", 1), ("{{a|upper}}", 0)],
)
def test_anything_but_a_name_between_braces_is_refused_with_its_place(text: str, at: int) -> None:
    with pytest.raises(BadTemplate) as refused:
        variables(text)
    assert refused.value.at == at


def test_a_text_is_filled_with_the_values_of_its_names() -> None:
    assert (
        fill("{{ who }} owes {{sum}}, {{who}}!", {"who": "Ann", "sum": 7, "more": "x"}) == "Ann owes 7, Ann!"
    )


def test_a_value_is_never_read_as_a_text_with_variables() -> None:
    assert fill("{{a}}{{b}}", {"a": "{{b}}", "b": "{{a}}"}) == "{{b}}{{a}}"


def test_the_first_name_without_a_value_is_told() -> None:
    with pytest.raises(MissingValue) as refused:
        fill("{{a}} {{b}} {{c}}", {"a": 1})
    assert refused.value.name == "b"


def test_a_text_that_values_blow_up_is_refused_before_it_is_made() -> None:
    with pytest.raises(Overlong):
        fill("{{a}}" * 2000, {"a": "x" * 1000})
    assert len(fill("{{a}}", {"a": "x" * LONGEST})) == LONGEST
    with pytest.raises(Overlong):
        fill("{{a}}", {"a": "x" * (LONGEST + 1)})


@given(st.text(max_size=200).filter(lambda text: "{{" not in text and "}}" not in text))
def test_a_text_without_variables_stays_as_it_is(text: str) -> None:
    assert variables(text) == ()
    assert fill(text, {}) == text
