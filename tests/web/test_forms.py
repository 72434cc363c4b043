"""Form fields and query strings."""

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textwire.web.decode import BadBody
from textwire.web.forms import MAX_FIELDS, decode_form, percent_decoded

READ = [
    (b"", {}),
    (b"a=1&b=2", {"a": "1", "b": "2"}),
    (b"a=x+y&b=x%20y&c=x%2By", {"a": "x y", "b": "x y", "c": "x+y"}),
    (b"a=1&a=2", {"a": "2"}),
    (b"a&b=&=c", {"a": "", "b": "", "": "c"}),
    (b"&&a=1&", {"a": "1"}),
    (b"a=b=c", {"a": "b=c"}),
    (b"a=%zz%4", {"a": "%zz%4"}),
    (b"a;b=1", {"a;b": "1"}),
    ("t=%C3%A9%F0%9F%98%80&ü=ß".encode(), {"t": "é😀", "ü": "ß"}),
]


@pytest.mark.parametrize(("body", "fields"), READ)
def test_forms_are_read(body: bytes, fields: dict[str, str]) -> None:
    assert decode_form(body) == fields


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"a=1&text=%ff", "text"),
        (b"text=\xff", "text"),
        (b"text=%ED%A0%80", "text"),
        (b"text=a%00b", "text"),
        (b"text=a\0b", "text"),
        (b"%00=1", ""),
        (b"%ff=1", ""),
    ],
)
def test_fields_that_are_not_text_are_refused_by_name(body: bytes, field: str) -> None:
    with pytest.raises(BadBody) as caught:
        decode_form(body)
    assert caught.value.field == field


def test_the_number_of_fields_is_bounded() -> None:
    most = b"&".join(b"f%d=1" % number for number in range(MAX_FIELDS))
    assert len(decode_form(most)) == MAX_FIELDS
    with pytest.raises(BadBody, match="100 fields"):
        decode_form(most + b"&")


@settings(deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1), st.text("aé+ %&=😀")
    )
)
def test_what_an_encoder_writes_is_read_back(fields: dict[str, str]) -> None:
    assert decode_form(urlencode(fields).encode()) == fields
    assert decode_form(urlencode(fields, quote_via=quote).encode()) == fields


def test_percent_decoding_leaves_a_plus_alone() -> None:
    assert percent_decoded(b"+1%2B%20:@") == "+1+ :@"
