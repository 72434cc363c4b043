"""Prices by the longest prefix."""

import pytest

from textwire.switch.prices import DEFAULT, Prices

TABLE = {"49": 9, "4915": 15, "1": 1}


@pytest.mark.parametrize(
    ("recipient", "price"),
    [
        ("+4915799912345", 15),
        ("+4930123456", 9),
        ("+16139998877", 1),
        ("+447700900001", DEFAULT),
        ("4915", 15),
        ("49", 9),
    ],
)
def test_the_longest_prefix_counts(recipient: str, price: int) -> None:
    assert Prices(TABLE).of(recipient) == price


def test_the_default_is_a_row_like_any_other() -> None:
    assert Prices({"": 5}).of("+447700900001") == 5
    assert Prices({}).of("12345") == DEFAULT
