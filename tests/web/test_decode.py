"""Bodies from anybody: what is read, what is refused, and which field is named."""

import contextlib
import json
import time
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textwire.web.decode import MAX_DEPTH, BadBody, convert, decode, skim


class Inner(msgspec.Struct, rename="camel"):
    some_name: int = 0


class Order(msgspec.Struct, forbid_unknown_fields=True):
    to: list[str] = []
    text: str = ""
    amount: float = 0
    count: int = 0
    extra: dict[str, int] = {}
    inner: Inner | None = None


class Required(msgspec.Struct):
    order: Order
    ref: str


def refusal(body: bytes, type: Any = Order) -> tuple[str, str]:
    with pytest.raises(BadBody) as caught:
        decode(body, type)
    assert str(caught.value) == caught.value.reason != ""
    return caught.value.reason, caught.value.field


def test_a_body_becomes_its_type() -> None:
    order = decode('{"to":["+1"],"text":"hé 😀","amount":1.5}'.encode(), Order)
    assert order == Order(to=["+1"], text="hé 😀", amount=1.5)


def test_escaped_pairs_of_surrogates_are_a_character() -> None:
    assert decode(rb'{"text":"\ud83d\ude00"}', Order).text == "😀"


def test_of_duplicate_keys_the_last_wins() -> None:
    assert decode(b'{"text":"a","to":[],"text":"b"}', Order).text == "b"


def test_numbers_as_text_are_read_only_where_the_wire_sends_them_so() -> None:
    assert decode(b'{"count":"7"}', Order, strict=False).count == 7
    assert refusal(b'{"count":"7"}')[1] == "count"


# (what it is, body, field that the refusal names)
POISON: list[tuple[str, bytes, str]] = [
    ("nothing", b"", ""),
    ("not JSON", b"to=1", ""),
    ("cut off", b'{"to":["a"', ""),
    ("more after the end", b'{"to":[]} {}', ""),
    ("another type", b"[]", ""),
    ("null", b"null", ""),
    ("a number for a text", b'{"to":["a",1]}', "to[1]"),
    ("a number for a text deep inside", b'{"inner":{"someName":"x"}}', "inner.someName"),
    ("an unknown field", b'{"to":[],"form":"x"}', "form"),
    ("a value under a free key", b'{"extra":{"k":"x"}}', "extra[...]"),
    ("half a surrogate pair", rb'{"to":["a","\ud800"]}', "to[1]"),
    ("half a pair and more text", rb'{"text":"\ud800 and more text"}', "text"),
    ("a pair in the wrong order", rb'{"text":"\udc00\ud800"}', "text"),
    ("half a pair as a key", rb'{"extra":{"\ud800xxxxxxxx":1}}', "extra"),
    ("an encoded surrogate", b'{"text":"\xed\xa0\x80"}', "text"),
    ("broken UTF-8", b'{"text":"\xff"}', "text"),
    ("Latin-1", '{"text":"é"}'.encode("latin-1"), "text"),
    ("an escaped NUL", rb'{"text":"a\u0000b"}', "text"),
    ("an escaped NUL as a key", rb'{"extra":{"\u0000":1}}', "extra"),
    ("a raw NUL", b'{"text":"a\0b"}', "text"),
    ("a NUL behind the end", b'{"text":"a"}\0', ""),
    ("a raw line end in a text", b'{"text":"a\nb"}', ""),
    ("UTF-16", '{"text":"a"}'.encode("utf-16"), ""),
    ("UTF-16 without a mark", '{"text":"a"}'.encode("utf-16-le"), ""),
    ("UTF-32", '{"text":"a"}'.encode("utf-32"), ""),
    ("a byte order mark", b'\xef\xbb\xbf{"text":"a"}', ""),
    ("NaN", b'{"amount":NaN}', "amount"),
    ("Infinity", b'{"amount":Infinity}', "amount"),
    ("-Infinity", b'{"amount":-Infinity}', "amount"),
    ("1e400", b'{"amount":1e400}', "amount"),
    ("1e400 for an integer", b'{"count":1e400}', "count"),
    ("5,000 digits", b'{"count":' + b"9" * 5000 + b"}", "count"),
    ("depth 33", b'{"to":' + b"[" * 32 + b"]" * 32 + b"}", ""),
    ("depth 100,000", b"[" * 100_000 + b"]" * 100_000, ""),
    ("depth 100,000 cut off", b'{"a":' * 100_000, ""),
    ("crossed brackets", b"[}" * 17, ""),
]


@pytest.mark.parametrize(("body", "field"), [row[1:] for row in POISON], ids=[row[0] for row in POISON])
def test_poison_is_refused_with_its_field(body: bytes, field: str) -> None:
    assert refusal(body)[1] == field


@pytest.mark.parametrize("body", [row[1] for row in POISON[10:]], ids=[row[0] for row in POISON[10:]])
def test_poison_is_refused_whatever_type_is_wanted(body: bytes) -> None:
    refusal(body, Any)


def test_a_missing_field_is_named_with_where_it_belongs() -> None:
    assert refusal(b'{"order":{}}', Required)[1] == "ref"
    assert refusal(b'{"order":{"x":1},"ref":""}', Required)[1] == "order.x"


def test_a_key_of_the_wrong_type_names_the_field_it_is_in() -> None:
    assert refusal(b'{"a":{"b":1}}', dict[str, dict[int, int]])[1] == "[...]"


def test_reason_and_field_stay_short_whatever_is_quoted() -> None:
    long = b"x" * 5000
    reason, field = refusal(b'{"' + long + b'":1}')
    assert len(reason) <= 200
    assert len(field) == 200


def test_brackets_and_nul_escapes_inside_texts_are_only_text() -> None:
    text = "[{" * 500 + '\\"' * 40 + "[[[[" * 100 + "\\u0000"
    assert decode(json.dumps({"text": text}).encode(), Order).text == text


def test_a_text_that_ends_in_a_backslash_does_not_open_the_next_one() -> None:
    order = Order(text="\\", to=["[" * 40, '\\"', "{" * 40])
    assert decode(msgspec.json.encode(order), Order) == order


def test_a_mark_in_front_is_named_as_the_fault() -> None:
    for coding in ("utf-8-sig", "utf-16", "utf-32"):
        assert "byte order mark" in refusal("{}".encode(coding))[0]


def test_nesting_up_to_the_bound_is_read() -> None:
    body = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH
    wide = b"[" + b",".join([b"[" * 31 + b"]" * 31] * 50) + b"]"
    assert decode(body, Any)
    assert len(decode(wide, list[Any])) == 50


def test_mixed_nesting_one_above_the_bound_is_refused_among_harmless_ones() -> None:
    deep = b'{"a":[' * 16 + b"[]" + b"]}" * 16
    assert "32" in refusal(b'[{"b":[]},' + deep + b"]", Any)[0]


@settings(deadline=None)
@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63)
        | st.text(st.characters(exclude_characters="\0", codec="utf-8")),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.text(st.characters(exclude_characters="\0", codec="utf-8")), inner)
        ),
        max_leaves=60,
    )
)
def test_any_tree_within_the_bound_comes_back(tree: object) -> None:
    assert decode(json.dumps(tree).encode(), Any) == tree
    assert decode(json.dumps(tree, ensure_ascii=False).encode(), Any) == tree


@settings(deadline=None)
@given(st.binary() | st.text('[]{}",:\\u0de1 ').map(str.encode))
def test_no_bytes_raise_anything_but_the_refusal(body: bytes) -> None:
    with contextlib.suppress(BadBody):
        decode(body, Any)


def test_a_large_body_of_brackets_is_judged_quickly() -> None:
    body = b"[" + b"[[]]," * 1_600_000 + b"[" * 40
    begun = time.perf_counter()
    refusal(body, Any)
    assert time.perf_counter() - begun < 2.0  # 8 MB; recursion or a Python loop over it takes longer


def test_a_large_broken_body_is_refused_without_a_search_for_the_field() -> None:
    filler = b'"' + b"x" * 70_000 + b'"'
    assert refusal(b'{"extra":{},"to":[' + filler + rb',"\u0000"]}')[1] == ""


def test_values_of_forms_are_converted_with_the_same_refusals() -> None:
    assert convert({"count": "7"}, Order, strict=False).count == 7
    with pytest.raises(BadBody) as caught:
        convert({"count": "x"}, Order, strict=False)
    assert caught.value.field == "count"


class Long(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    items: list[msgspec.Raw]


def test_a_long_body_is_skimmed_and_its_pieces_are_left_raw() -> None:
    found = skim(b'{"text": "x", "items": [{"a": [1]}, 2, "\xff"]}', Long)
    assert found.text == "x"
    assert [bytes(item) for item in found.items] == [b'{"a": [1]}', b"2", b'"\xff"']


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", ""),
        (b"\xef\xbb\xbf{}", ""),
        (b'{"text": "x", "items": [tru]}', ""),
        (b'{"text": "x", "items": [' + b"[" * 100_000 + b"]" * 100_000 + b"]}", ""),
        (b'{"text": "x", "items": 5}', "items"),
        (b'{"items": []}', "text"),
        (b'{"text": "x", "items": [], "more": 1}', "more"),
        (b'{"text": "a\\u0000b", "items": []}', "text"),
        (b'{"text": "\\ud800", "items": []}', "text"),
    ],
)
def test_what_cannot_be_skimmed_is_refused(body: bytes, field: str) -> None:
    with pytest.raises(BadBody) as caught:
        skim(body, Long)
    assert caught.value.field == field


def test_skimming_leaves_no_time_for_others_to_wait() -> None:
    body = json.dumps({"text": "x", "items": [{"to": "1", "values": {"a": "x" * 700}}] * 10_000}).encode()
    began = time.perf_counter()
    assert len(skim(body, Long).items) == 10_000
    assert time.perf_counter() - began < 0.5  # it takes 3 ms; a test machine may be busy
