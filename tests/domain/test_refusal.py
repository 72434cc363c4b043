"""Refusals: a stable code, its kind, and words for a person."""

import re
from typing import get_args

import pytest

from textwire.domain.refusal import CODES, Kind, Refusal


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_kind_and_a_sentence(code: str) -> None:
    refusal = Refusal(code)
    assert refusal.code == str(refusal) == code
    assert refusal.kind in get_args(Kind)
    assert re.fullmatch(r"[A-Z].*\.", refusal.detail)
    assert refusal.field == ""


def test_codes_are_words_that_can_stand_in_any_wire() -> None:
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", code) for code in CODES)


def test_a_detail_and_a_field_say_what_is_wrong_here() -> None:
    refusal = Refusal("invalid_field", "Must be at least 1.", field="limit")
    assert (refusal.detail, refusal.field, refusal.kind) == ("Must be at least 1.", "limit", "invalid")
    assert repr(refusal) == "Refusal('invalid_field', 'Must be at least 1.', field='limit')"


def test_a_code_that_does_not_exist_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        Refusal("no_such_code")
