"""The inventory: the same seed sells the same numbers in the same order, each once, and all that fit a pattern."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from textwire.domain.number import Feature, Match, Offer, Wish
from textwire.simnet.inventory import Inventory, Stock
from textwire.simnet.inventory_shapes import shapes
from textwire.simnet.numbering import Series, countries

SMALL = [
    series for found in countries().values() for series in found if series.free <= 3
]  # whose numbers a test can list
FITS = {
    "begins": str.startswith,
    "ends": str.endswith,
    "contains": lambda digits, pattern: pattern in digits,
}
MATCHES = some.sampled_from(["begins", "contains", "ends"])


def everything(stock: Stock) -> list[Offer]:
    return [offer for place in range(stock.size) if (offer := stock.at(place)) is not None]


def first(stock: Stock, count: int, after: int = 0) -> list[Offer]:
    found: list[Offer] = []
    place = after
    while len(found) < count and place < stock.size:
        if (offer := stock.at(place)) is not None:
            found.append(offer)
        place += 1
    return found


def listed(series: Series) -> list[str]:
    return [f"{series.prefix}{n:0{series.free}d}" for n in range(10**series.free)]


@given(
    series=some.sampled_from(SMALL), pattern=some.from_regex(r"\A[0-9]{0,4}\Z"), match=MATCHES,
    seed=some.integers(0, 2**63 - 1),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_shapes_reach_every_number_that_fits_exactly_once(
    series: Series, pattern: str, match: Match, seed: int
) -> None:
    reached = [
        number
        for shape in shapes(series, pattern, match, seed)
        for place in range(shape.size)
        if (number := shape.at(place)) is not None
    ]
    assert len(set(reached)) == len(reached)
    assert sorted(reached) == [number for number in listed(series) if FITS[match](number, pattern)]


@given(
    series=some.sampled_from(SMALL), start=some.integers(0, 12), length=some.integers(1, 6), match=MATCHES,
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_a_pattern_that_lies_within_the_prefix_is_no_exception(
    series: Series, start: int, length: int, match: Match
) -> None:
    pattern = listed(series)[7][start : start + length]
    reached = [shape.at(n) for shape in shapes(series, pattern, match, 1) for n in range(shape.size)]
    found = [number for number in reached if number is not None]
    assert sorted(found) == [number for number in listed(series) if FITS[match](number, pattern)]


@given(
    country=some.sampled_from(sorted(countries())), pattern=some.from_regex(r"\A[0-9]{0,3}\Z"), match=MATCHES,
    seed=some.integers(0, 999),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_the_same_seed_sells_the_same(country: str, pattern: str, match: Match, seed: int) -> None:
    wish = Wish(country, pattern=pattern, match=match)
    mine, yours = (first(Inventory(seed).search(wish), 30) for _ in range(2))
    assert mine == yours
    assert len({offer.number for offer in mine}) == len(mine)
    for offer in mine:
        assert Inventory(seed).offer(offer.number) == offer
        assert FITS[match](offer.number[1:], pattern)
        assert offer.country == country


def test_another_seed_has_another_order() -> None:
    wish = Wish("DE")
    assert first(Inventory(1).search(wish), 20) != first(Inventory(2).search(wish), 20)


def test_pages_of_any_size_show_the_same_numbers() -> None:
    stock = Inventory(5).search(Wish("LI", type="toll-free"))
    whole = everything(stock)
    assert len(whole) == 100
    for size in (1, 7, 33):
        pages = [stock.at(place) for start in range(0, stock.size, size) for place in
                 range(start, min(start + size, stock.size))]  # fmt: skip
        assert [offer for offer in pages if offer is not None] == whole


@pytest.mark.parametrize("features", [(), ("SMS",), ("VOICE",), ("SMS", "VOICE"), ("SMS", "VOICE", "MMS")])
def test_what_is_found_has_all_the_features(features: tuple[Feature, ...]) -> None:
    for country in ("US", "DE", "AU", "GB"):
        found = first(Inventory(3).search(Wish(country, features=frozenset(features))), 50)
        assert all(set(features) <= set(offer.features) for offer in found)
        assert bool(found) is not ("MMS" in features and country in ("DE", "GB"))


def test_features_filter_without_losing_any_number() -> None:
    stock = Inventory(9)
    whole = everything(stock.search(Wish("SH")))
    texting = everything(stock.search(Wish("SH", features=frozenset({"SMS"}))))
    assert texting == [offer for offer in whole if "SMS" in offer.features]
    assert 0 < len(texting) < len(whole)


def test_every_mobile_number_can_text() -> None:
    for country in countries():
        for offer in first(Inventory(0).search(Wish(country, type="mobile")), 10):
            assert "SMS" in offer.features
            assert offer.type == "mobile"


def test_a_search_of_millions_looks_at_few_places() -> None:
    """However rare a pattern is, what fits lies close together."""
    for pattern in ("0", "11", "777", "99999", "12121"):
        stock = Inventory(1).search(Wish("US", pattern=pattern, match="contains"))
        seen = [stock.at(place) for place in range(min(stock.size, 1000))]
        assert sum(offer is not None for offer in seen) > 0.3 * len(seen), pattern


def test_a_pattern_that_fits_nothing_and_an_unknown_country_have_no_places() -> None:
    for wish in (Wish("DE", pattern="1", match="begins"), Wish("ZZ"), Wish("DE", pattern="1" * 15)):
        stock = Inventory(1).search(wish)
        assert stock.size == 0
        assert everything(stock) == []
