from contextlib import suppress
from typing import Annotated, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.web.calls import body_of, scope_of
from textwire.domain.ids import MAX_INT
from textwire.domain.refusal import Refusal
from textwire.facades.api import reading, views
from textwire.web.decode import BadBody
from textwire.web.problem import Refused
from textwire.web.request import Request

HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("written", "us"),
    [
        ("2023-11-14T22:13:20Z", 1_700_000_000_000_000),
        ("2023-11-14T23:13:20.5+01:00", 1_700_000_000_500_000),
        ("2023-11-14t22:13:20z", 1_700_000_000_000_000),
        (1_700_000_000, 1_700_000_000_000_000),
        (1_700_000_000.25, 1_700_000_000_250_000),
        (-5, -5_000_000),
    ],
)
def test_an_instant_is_rfc_3339_or_seconds(written: reading.Moment, us: int) -> None:
    assert reading.instant(written, "send_at") == us


@pytest.mark.parametrize("written", [0, 0.0, "1970-01-01T00:00:00Z"])
def test_1970_is_a_time_and_not_the_word_for_now(written: reading.Moment) -> None:
    assert reading.instant(written, "send_at") != 0


@pytest.mark.parametrize(
    "written",
    ["", "now", "2023-11-14T22:13:20", "2023-11-14", "20231114T221320Z", "1700000000", "2023-13-01T00:00:00Z",
     1e11, -1e300, 10**18],
)  # fmt: skip
def test_what_is_no_instant_is_refused_with_its_field(written: reading.Moment) -> None:
    with pytest.raises(Refusal) as caught:
        reading.instant(written, "send_at")
    assert (caught.value.code, caught.value.field) == ("invalid_field", "send_at")


@given(st.integers(0, 253_370_764_799_999))
def test_a_stamp_reads_back_as_the_instant_it_was_made_of(ms: int) -> None:
    assert reading.instant(views.stamp(ms * 1000), "at") == (ms * 1000 or 1)


@pytest.mark.parametrize(
    ("written", "us"),
    [("24h", 24 * HOUR), ("90s", 90_000_000), ("15m", HOUR // 4), ("3d", 72 * HOUR), ("250ms", 250_000),
     (60, 60_000_000), (0.5, 500_000), ("0s", 0)],
)  # fmt: skip
def test_a_span_is_seconds_or_a_number_with_its_unit(written: reading.Span, us: int) -> None:
    assert reading.span(written, "validity") == us


@pytest.mark.parametrize(
    "written",
    ["", "24", "h", "24 h", "-1h", "1h30m", "1.5h", "٢٤h", "24h\n", "9999999999999h", 1e11, float("inf")],
)
def test_what_is_no_span_is_refused_with_its_field(written: reading.Span) -> None:
    with pytest.raises(Refusal) as caught:
        reading.span(written, "validity")
    assert caught.value.field == "validity"


@given(st.one_of(st.text(), st.integers(), st.floats(allow_nan=False)))
def test_any_moment_and_span_is_read_or_refused(written: reading.Moment) -> None:
    for read in (reading.instant, reading.span):
        with suppress(Refusal):
            assert isinstance(read(written, "x"), int)


def test_an_identifier_is_its_decimal_number() -> None:
    assert reading.identifier(str(MAX_INT)) == MAX_INT


@pytest.mark.parametrize(
    "text", ["", "0", "01", "-1", "+1", "1.0", "x", "²", "١", "1\n", str(MAX_INT + 1), "9" * 5000]
)
def test_what_cannot_be_an_identifier_is_as_missing_as_any(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        reading.identifier(text)
    assert repr(caught.value) == repr(Refusal("not_found"))


@pytest.mark.parametrize("text", ["+447700900123", "447700900123", "+44 7700 900123", "00447700900123"])
def test_a_number_in_a_path_is_the_same_handset_however_it_is_written(text: str) -> None:
    assert reading.number(text, "number") == "+447700900123"


@pytest.mark.parametrize("text", ["", "hello", "+", "+٤٤٧٧٠٠", "+4477009001234567890", "+447700900123\n"])
def test_what_is_no_number_is_refused_with_its_field(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        reading.number(text, "to")
    assert (caught.value.code, caught.value.field) == ("invalid_address", "to")


def request(content_type: str | None) -> Request:
    headers = {} if content_type is None else {"content-type": content_type}
    return Request(scope_of("POST", b"/api/x?a=1&b=2", headers), body_of(b"{}"))


@pytest.mark.parametrize("content_type", [None, "application/json", "Application/JSON; charset=utf-8"])
async def test_json_is_read(content_type: str | None) -> None:
    assert await reading.form(request(content_type), dict) == {}


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
async def test_what_a_browsers_form_can_send_is_not(content_type: str) -> None:
    with pytest.raises(Refused) as caught:
        await reading.form(request(content_type), dict)
    assert caught.value.problem.status == 415


def test_a_parameter_that_would_filter_nothing_is_refused_by_name() -> None:
    assert reading.query(request(None), ("a", "b")) == {"a": "1", "b": "2"}
    with pytest.raises(Refusal) as caught:
        reading.query(request(None), ("a",))
    assert (caught.value.code, caught.value.field) == ("unknown_field", "b")


class Wanted(msgspec.Struct, frozen=True, kw_only=True, rename={"sender": "from"}):
    sender: Annotated[str, msgspec.Meta(max_length=5)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=9)] = 3
    wait: Annotated[float, msgspec.Meta(ge=0, le=30)] = 0.0
    flash: bool | None = None
    state: Literal["sent", "failed"] | None = None


def asked(query: str) -> Request:
    return Request(scope_of("GET", b"/api/x?" + query.encode()), body_of())


def test_parameters_are_read_as_the_types_they_are_declared_with() -> None:
    assert reading.parameters(asked(""), Wanted) == Wanted()
    assert reading.parameters(asked("from=%2B44&limit=9&wait=2.5&flash=true&state=sent"), Wanted) == Wanted(
        sender="+44", limit=9, wait=2.5, flash=True, state="sent"
    )
    assert reading.parameters(asked("from=null"), Wanted).sender == "null"


@pytest.mark.parametrize(
    ("query", "field"),
    [("limit=0", "limit"), ("limit=10", "limit"), ("limit=", "limit"), ("limit=x", "limit"), ("from=123456", "from"),
     ("wait=nan", "wait"), ("wait=1e400", "wait"), ("wait=inf", "wait"), ("flash=perhaps", "flash"),
     ("state=lost", "state"), ("limit=" + "9" * 5000, "limit"), ("limit=%D9%A3", "limit")],
)  # fmt: skip
def test_a_value_that_a_parameter_does_not_take_is_refused_with_its_name(query: str, field: str) -> None:
    with pytest.raises(BadBody) as caught:
        reading.parameters(asked(query), Wanted)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [("sender=1", "unknown_field", "sender"), ("x=1", "unknown_field", "x"), ("state=null", "invalid_field", "state"),
     ("from=%00", "invalid_field", "from"), ("from=%FF", "invalid_field", "from"), ("%00=1", "invalid_field", ""),
     ("%FF=1", "invalid_field", ""), ("&".join("limit=1" for _ in range(200)), "invalid_field", "")],
)  # fmt: skip
def test_a_parameter_that_says_nothing_or_cannot_be_read_is_refused(
    query: str, code: str, field: str
) -> None:
    with pytest.raises(Refusal) as caught:
        reading.parameters(asked(query), Wanted)
    assert (caught.value.code, caught.value.field) == (code, field)
