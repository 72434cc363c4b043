import json
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.calls import body_of, scope_of
from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal
from textwire.facades.api import pages
from textwire.web.decode import BadBody
from textwire.web.request import Request


def request(query: str = "") -> Request:
    return Request(scope_of("GET", b"/api/x?" + query.encode()), body_of())


def cut(rows: list[int], query: str = "") -> dict[str, Any]:
    response = pages.page(rows, pages.wanted(request(query)), lambda row: (-row, ""), str)
    read: dict[str, Any] = json.loads(response.body)
    return read


def test_a_list_that_fits_has_no_next_page() -> None:
    assert cut([3, 2, 1]) == {"items": ["3", "2", "1"], "next": None}
    assert cut([3, 2, 1], "limit=3")["next"] is None


def test_an_empty_list_is_a_page_too() -> None:
    assert cut([]) == {"items": [], "next": None}


@given(st.sets(st.integers(1, MAX_INT), max_size=40), st.integers(1, 10))
def test_pages_together_are_the_list_each_row_once(rows: set[int], limit: int) -> None:
    ordered = sorted(rows, reverse=True)
    seen: list[str] = []
    query = f"limit={limit}"
    for _ in range(len(rows) + 1):
        found = cut(ordered, query)
        assert len(found["items"]) <= limit
        seen += found["items"]
        if found["next"] is None:
            break
        query = f"limit={limit}&cursor={found['next']}"
    assert seen == [str(row) for row in ordered]


def test_a_cursor_goes_on_although_its_row_and_newer_ones_changed() -> None:
    cursor = cut([5, 4, 3, 2], "limit=2")["next"]
    assert cut([9, 8, 3, 2], f"cursor={cursor}")["items"] == ["3", "2"]


def test_a_cursor_needs_no_escaping_in_a_url() -> None:
    for row in (1, 62, 63, 12345678901234567):
        cursor = cut([row, 0], "limit=1")["next"]
        assert quote(cursor, safe="") == cursor


def test_rows_of_one_time_are_told_apart_by_name() -> None:
    rows = [(-7, "+1"), (-7, "+2"), (-3, "+0")]
    first = json.loads(pages.page(rows, pages.wanted(request("limit=1")), lambda r: r, str).body)
    rest = pages.wanted(request(f"cursor={first['next']}"))
    assert json.loads(pages.page(rows, rest, lambda r: r, list).body)["items"] == [[-7, "+2"], [-3, "+0"]]


def test_the_first_page_starts_before_every_identifier() -> None:
    assert pages.of_ids(pages.wanted(request())) == MAX_INT


@pytest.mark.parametrize(
    "limit", ["0", "101", "-1", "x", "", "1e3", "٥", "+5", " 5", "05", "99999999999999999999"]
)
def test_a_limit_out_of_range_is_refused(limit: str) -> None:
    with pytest.raises(BadBody) as caught:
        pages.wanted(request("limit=" + quote(limit)))
    assert caught.value.field == "limit"


@pytest.mark.parametrize(
    "cursor", ["", "x", "!", "AAAA", "MTIz", "é", "a" * 5000, "OTk5OTk5OTk5OTk5OTk5OTk5OTo"]
)
def test_a_cursor_that_we_did_not_make_is_refused(cursor: str) -> None:
    with pytest.raises((Refusal, BadBody)) as caught:
        pages.wanted(request("cursor=" + quote(cursor)))
    assert caught.value.field == "cursor"


@given(st.text(max_size=60))
def test_no_cursor_does_more_than_be_refused(cursor: str) -> None:
    with suppress(Refusal):
        found = pages.wanted(request("cursor=" + quote(cursor.replace("\0", ""), errors="replace")))
        assert abs(found.after[0]) <= MAX_INT


def test_an_unknown_filter_is_refused_by_name() -> None:
    with pytest.raises(Refusal) as caught:
        pages.wanted(request("stat=sent"))
    assert caught.value.field == "stat"
