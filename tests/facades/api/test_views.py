import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.facades.api.values import AT, OURS, PHONE, SECOND, event, message
from textwire.facades.api import views


def test_a_message_says_everything_in_the_words_of_the_wire() -> None:
    assert json.loads(msgspec.json.encode(views.message(message()))) == {
        "id": "123456789012345678",
        "direction": "out",
        "state": "submitting",
        "from": OURS,
        "to": PHONE,
        "text": "hello",
        "encoding": "gsm7",
        "segments": 1,
        "price": "0.07",
        "ref": None,
        "batch": None,
        "class": None,
        "on_ambiguous": "resend",
        "flash": False,
        "reason": None,
        "error": None,
        "attempts": 1,
        "possible_duplicate": False,
        "incomplete": False,
        "sequence": 1,
        "send_at": None,
        "held_until": None,
        "valid_until": "2023-11-14T23:13:20.123Z",
        "created_at": "2023-11-14T22:13:20.123Z",
        "updated_at": "2023-11-14T22:13:20.123Z",
    }


def test_what_was_given_is_told() -> None:
    view = views.message(
        message(
            correlator="order 7", batch=5, klass="otp", flash=1, reason="receipt", error="absent", send_at=AT,
            possible_duplicate=1, incomplete=1, total=3, updated_at=AT + SECOND,
        )
    )  # fmt: skip
    assert (view.ref, view.batch, view.klass, view.flash) == ("order 7", "5", "otp", True)
    assert (view.reason, view.error, view.send_at) == ("receipt", "absent", "2023-11-14T22:13:20.123Z")
    assert (view.possible_duplicate, view.incomplete) == (True, True)
    assert (view.segments, view.price) == (3, "0.21")
    assert view.updated_at == "2023-11-14T22:13:21.123Z"


def test_an_inbound_message_has_no_validity_and_costs_nothing() -> None:
    view = views.message(message(direction="in", state="received", encoding="", valid_until=0, price=0))
    assert (view.encoding, view.valid_until, view.price) == (None, None, "0.00")


@pytest.mark.parametrize(
    ("amount", "text"),
    [(0, "0.00"), (7_000_000, "0.07"), (10_000_000_000, "100.00"), (1, "0.00000001"), (-7_500_000, "-0.075")],
)
def test_money_is_an_exact_decimal_number(amount: int, text: str) -> None:
    assert views.euros(amount) == text


@given(st.integers(-(2**63), 2**63 - 1))
def test_no_amount_is_rounded(amount: int) -> None:
    assert Decimal(views.euros(amount)) * views.EUR == amount


@given(st.integers(0, 253_402_300_799_999_999))
def test_a_stamp_is_the_time_rounded_down_to_milliseconds(us: int) -> None:
    epoch = datetime.fromtimestamp(0, UTC)
    assert datetime.fromisoformat(views.stamp(us)) - epoch == timedelta(milliseconds=us // 1000)


def test_a_message_as_of_an_event_has_the_state_of_then() -> None:
    now = message(state="delivered", sequence=3, updated_at=AT + 9 * SECOND)
    then = views.as_of(now, event(data='{"attempt":1,"carrier":"x","reason":"r","error":"e","more":[1]}'))
    assert (then.state, then.sequence, then.reason, then.error) == ("sent", 2, "r", "e")
    assert then.updated_at == views.stamp(AT + SECOND)
    assert then.id == str(now.id)
