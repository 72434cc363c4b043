"""Searching what can be bought."""

import pytest

from tests.facades.api.house import House

PATH = "/api/numbers/available"


async def test_a_search_shows_numbers_with_their_price(house: House) -> None:
    found = await house.alice.get(f"{PATH}?country=DE&type=mobile&features=SMS&pattern=4915791&limit=3")
    assert len(found["items"]) == 3
    assert found["next"]
    for one in found["items"]:
        assert one["number"].startswith("+4915791")
        assert (one["country"], one["type"]) == ("DE", "mobile")
        assert "SMS" in one["features"]
        assert (one["monthly_price"], one["setup_price"]) == ("1.00", "1.00")


async def test_pages_are_stable_and_show_no_number_twice(house: House) -> None:
    whole = [one["number"] for one in (await house.alice.get(f"{PATH}?country=us&limit=60"))["items"]]
    seen, cursor = [], ""
    for _ in range(6):
        page = await house.bob.get(f"{PATH}?country=US&limit=10{cursor}")
        seen += [one["number"] for one in page["items"]]
        cursor = f"&cursor={page['next']}"
    assert seen == whole
    assert len(set(seen)) == 60


@pytest.mark.parametrize(
    ("query", "fits"),
    [
        ("pattern=%2B44740", lambda digits: digits.startswith("44740")),
        ("pattern=44740", lambda digits: digits.startswith("44740")),
        ("pattern=777&match=contains", lambda digits: "777" in digits),
        ("pattern=4242&match=ends", lambda digits: digits.endswith("4242")),
    ],
)
async def test_a_pattern_is_found_where_it_was_asked_for(house: House, query: str, fits: object) -> None:
    found = (await house.alice.get(f"{PATH}?country=GB&{query}"))["items"]
    assert len(found) == 25
    assert all(fits(one["number"][1:]) for one in found)  # type: ignore[operator]


@pytest.mark.parametrize("features", ["SMS,VOICE", "voice, sms", "VOICE,SMS,SMS"])
async def test_features_may_be_named_in_any_order_and_case(house: House, features: str) -> None:
    found = (await house.alice.get(f"{PATH}?country=FR&features={features.replace(' ', '%20')}"))["items"]
    assert found
    assert all({"SMS", "VOICE"} <= set(one["features"]) for one in found)


async def test_what_fits_nothing_is_an_empty_page(house: House) -> None:
    for query in ("country=GB&features=MMS", "country=DE&pattern=1", "country=AC&type=toll-free"):
        assert await house.alice.get(f"{PATH}?{query}") == {"items": [], "next": None}


async def test_owned_numbers_are_not_offered_to_anybody(house: House) -> None:
    for pattern in ("16139998877", "447700900001", "4915799912345"):
        country = {"1": "CA", "4": "GB"}[pattern[0]] if pattern[:2] != "49" else "DE"
        found = await house.bob.get(f"{PATH}?country={country}&pattern={pattern}")
        assert found["items"] == []


BAD = {
    "no country": ("", "missing_field", "country"),
    "an empty country": ("country=", "invalid_field", "country"),
    "a long country": ("country=DEU", "invalid_field", "country"),
    "a number for a country": ("country=49", "invalid_field", "country"),
    "an unknown country": ("country=ZZ", "invalid_field", "country"),
    "an unknown type": ("country=DE&type=pager", "invalid_field", "type"),
    "an unknown feature": ("country=DE&features=SMS,FAX", "invalid_field", "features"),
    "a comma too many": ("country=DE&features=SMS,", "invalid_field", "features"),
    "letters in a pattern": ("country=DE&pattern=12a", "invalid_field", "pattern"),
    "a wildcard": ("country=DE&pattern=12%25", "invalid_field", "pattern"),
    "an empty pattern": ("country=DE&pattern=", "invalid_field", "pattern"),
    "a pattern that is too long": ("country=DE&pattern=1234567890123456", "invalid_field", "pattern"),
    "other digits": ("country=DE&pattern=%D9%A1", "invalid_field", "pattern"),
    "an unknown match": ("country=DE&match=regex", "invalid_field", "match"),
    "a limit of nothing": ("country=DE&limit=0", "invalid_field", "limit"),
    "a limit too high": ("country=DE&limit=101", "invalid_field", "limit"),
    "a cursor of nobody": ("country=DE&cursor=xyz", "invalid_field", "cursor"),
    "an unknown parameter": ("country=DE&size=10", "unknown_field", "size"),
}


@pytest.mark.parametrize("name", BAD)
async def test_a_bad_search_names_its_parameter(house: House, name: str) -> None:
    query, code, field = BAD[name]
    assert (await house.alice.ask("GET", f"{PATH}?{query}")).problem == (400, code, [field])


async def test_a_cursor_beyond_the_end_is_the_end(house: House) -> None:
    # The cursor of a large country, used for a small one.
    page = await house.alice.get(f"{PATH}?country=LI&type=toll-free&limit=99")
    last = await house.alice.get(f"{PATH}?country=LI&type=toll-free&limit=99&cursor={page['next']}")
    assert (len(page["items"]), len(last["items"]), last["next"]) == (99, 1, None)
    far = (await house.alice.get(f"{PATH}?country=US&limit=100"))["next"]
    assert (await house.alice.get(f"{PATH}?country=LI&type=toll-free&cursor={far}"))["next"] is None
