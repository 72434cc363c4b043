"""No secret, no text and no whole phone number gets into a log entry, whoever puts it there."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.cli.plain import document
from textwire.cli.scrub import CHARACTERS, HIDDEN, ITEMS, clean, scrub

CANARY = "canary-7f3a"


class Holder(msgspec.Struct):
    password: str


class Loud(Exception):
    """Says what it should not."""


@pytest.mark.parametrize(
    "key",
    [
        "text", "texts", "Text", "body", "raw_body", "password", "passwd", "secret", "client_secret", "token",
        "access_token", "tokens", "authorization", "Authorization", "proxy-authorization", "credentials",
        "cookie", "api_key", "apikey", "key", "content",
    ],
)  # fmt: skip
def test_what_private_names_hold_is_hidden(key: str) -> None:
    for value in (CANARY, 12345678, [CANARY], {"a": CANARY}, CANARY.encode()):
        assert scrub({key: value}) == {key: HIDDEN}
        assert scrub({"outer": {"inner": [{key: value}]}}) == {"outer": {"inner": [{key: HIDDEN}]}}


@pytest.mark.parametrize("key", ["context", "monkey", "keyboard", "topic", "carrier", "ref", "event"])
def test_other_names_show_what_they_hold(key: str) -> None:
    assert scrub({key: "simulated"}) == {key: "simulated"}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("+447700900123", "+********0123"),
        ("to +447700900123.", "to +********0123."),
        ("447700900123", "********0123"),
        ("+44 7700 900-123", "+********0123"),
        ("+1 (613) 999-8877", "+*******8877"),
        ("tel:+16139998877;x=1", "tel:+*******8877;x=1"),
        ("+447700900123,+447700900124", "+********0123,+********0124"),
        ("/outbound/+16139998877/requests", "/outbound/+*******8877/requests"),
        ("16139998877 and 1613999887700", "*******8877 and *********7700"),
    ],
)
def test_of_phone_numbers_the_last_four_digits_stay(written: str, kept: str) -> None:
    assert clean(written) == kept


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-21T10:49:15.967Z",
        "382482590847729664",  # an identifier of ours
        "SM1-054ed3b2c1a09f8e",
        "12345678-1234-4234-9234-123456789012",
        "http://127.0.0.1:36789",
        "0.123456789",
        "schema 12, 4096 pages",
        "app.py:120 serve",
    ],
)
def test_what_is_no_phone_number_stays_whole(written: str) -> None:
    assert clean(written) == written


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("key tw_HNVHOIIjx50PKyF9Wm8 refused", "key *** refused"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("basic ZGVtbzpwYXNz", "basic ***"),
        ("jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "jwt ***"),
        ("postgresql://house:s3cret@db/x", "postgresql://house:***@db/x"),
    ],
)
def test_secrets_are_known_by_their_looks(written: str, kept: str) -> None:
    assert clean(written) == kept


@pytest.mark.parametrize("key", ["number", "to", "from", "sender", "recipients", "handset_number", "msisdn"])
def test_names_of_numbers_mask_integers_and_names_too(key: str) -> None:
    assert scrub({key: 16139998877}) == {key: "*******8877"}
    assert scrub({key: ["+16139998877"]}) == {key: ["+*******8877"]}


def test_the_number_of_an_event_is_none() -> None:
    assert scrub({"event_number": 12345678}) == {"event_number": 12345678}


@pytest.mark.parametrize("value", [Loud(CANARY), Holder(CANARY), object(), lambda: CANARY])
def test_of_objects_only_the_kind_is_told(value: Any) -> None:
    said = str(scrub({"what": value}))
    assert CANARY not in said
    assert type(value).__name__ in said


def test_entries_are_bounded_in_every_direction() -> None:
    deep: Any = "bottom"
    for _ in range(100):
        deep = [deep]
    said = scrub({"long": "x" * 10**6, "wide": list(range(10**5)), "deep": deep, "bytes": b"\x00" * 10**6})
    assert len(said["long"]) == CHARACTERS
    assert len(said["wide"]) == ITEMS
    assert said["bytes"] == "<1000000 bytes>"
    assert len(json.dumps(said)) < 4 * CHARACTERS
    assert len(scrub({str(n): n for n in range(1000)})) == ITEMS


JSON_LIKE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=8), JSON_LIKE, max_size=5))
def test_whatever_is_logged_becomes_one_line_of_json(entry: dict[str, Any]) -> None:
    written = document(scrub(entry))
    assert len(written.splitlines()) == 1
    assert isinstance(json.loads(written), dict)
