"""The numbering plan holds numbers that are possible everywhere, and valid and of their type nearly everywhere."""

import itertools
import random

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType as Kind

from textwire.domain.number import NumberType
from textwire.simnet import numbering
from textwire.simnet.numbering import Series, countries, series_of

KINDS: dict[NumberType, set[int]] = {
    "mobile": {Kind.MOBILE, Kind.FIXED_LINE_OR_MOBILE},
    "landline": {Kind.FIXED_LINE, Kind.FIXED_LINE_OR_MOBILE},
    "toll-free": {Kind.TOLL_FREE},
}
# What the table itself says is possible only.
POSSIBLE_ONLY = {"447700900", "21252881", "59069100"}
FOREMOST = (
    "US CA GB DE FR ES IT NL SE AT CH BE PL PT IE FI NO DK CZ GR HU RO SK BG HR AU NZ JP KR SG HK MX BR CL AR CO ZA "
    "IN IL TR MY TH ID PH VN UA"
)
MAIN = FOREMOST.split()
ALL = [series for found in countries().values() for series in found]


def samples(series: Series, count: int) -> list[str]:
    dice = random.Random(series.prefix)
    return ["+" + series.prefix + "".join(dice.choices("0123456789", k=series.free)) for _ in range(count)]


def test_every_country_has_numbers() -> None:
    assert set(countries()) == set(phonenumbers.SUPPORTED_REGIONS)
    for country, found in countries().items():
        assert found, country
        assert {series.code for series in found} == {str(phonenumbers.country_code_for_region(country))}


def test_every_number_is_possible() -> None:
    for series in ALL:
        for number in samples(series, 5):
            assert phonenumbers.is_possible_number(phonenumbers.parse(number)), number


@pytest.mark.parametrize("country", sorted(countries()))
def test_numbers_are_valid_and_of_their_type(country: str) -> None:
    for series in countries()[country]:
        if series.prefix in POSSIBLE_ONLY:
            continue
        for number in samples(series, 25 if country in MAIN else 8):
            parsed = phonenumbers.parse(number)
            assert phonenumbers.is_valid_number(parsed), number
            assert phonenumbers.number_type(parsed) in KINDS[series.type], number
            if series.type != "toll-free":  # those of North America belong to no country
                assert phonenumbers.region_code_for_number(parsed) == country, number


def test_the_main_countries_have_mobile_and_landline_numbers() -> None:
    for country in MAIN:
        assert {"mobile", "landline"} <= {series.type for series in countries()[country]}, country


def test_no_range_lies_within_another() -> None:
    prefixes = sorted(series.prefix for series in ALL)
    assert len(set(prefixes)) == len(prefixes)
    for one, following in itertools.pairwise(prefixes):
        assert not following.startswith(one), (one, following)


def test_a_number_is_found_in_its_range_and_no_other_number_is() -> None:
    for series in ALL:
        [number] = samples(series, 1)
        assert series_of(number) == series
        assert series_of(number[:-1]) is None
        assert series_of(number + "0") is None
    for nothing in ("", "+", "+1", "+10000000000", "15551234", "sipgate", "+999123456789"):
        assert series_of(nothing) is None, nothing


@pytest.mark.parametrize(
    ("number", "country", "kind"),
    [
        ("+16139998877", "CA", "landline"),
        ("+447700900001", "GB", "mobile"),
        ("+4915799912345", "DE", "mobile"),
    ],
)
def test_the_demo_accounts_numbers_fit_in(number: str, country: str, kind: str) -> None:
    series = series_of(number)
    assert series is not None
    assert (series.country, series.type) == (country, kind)


def test_every_range_has_a_price_and_the_plan_millions_of_numbers() -> None:
    for series in ALL:
        assert series.monthly > 0
        assert series.setup >= series.monthly
    assert sum(10**series.free for series in ALL) > 1_000_000_000
    assert set(numbering.NEAR.split()) | set(numbering.FAR.split()) <= set(countries())
