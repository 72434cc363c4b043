"""From requests to drafts, without a store."""

from typing import Any

import pytest

from textwire.domain.ids import Ids
from textwire.domain.message import Draft
from textwire.domain.refusal import Refusal
from textwire.switch import retry
from textwire.switch.draft import Drafter, SendRequest
from textwire.switch.prices import Prices
from textwire.switch.routing import Routing

NOW = 1_800_000_000_000_000
PHONE = "+447700900123"


class Exit:
    name, window, receipts, simulated = "exit", 2, True, True


def drafter() -> tuple[Drafter, Routing]:
    routing = Routing([Exit()])  # type: ignore[list-item]
    return Drafter(Ids(), routing, Prices({"44": 5}), "1"), routing


def request(**wishes: Any) -> SendRequest:
    given = {
        "account": 1, "principal": 2, "rights": "owned", "sender": None, "recipients": (PHONE,), "text": "hi",
    }  # fmt: skip
    return SendRequest(**{**given, **wishes})


def drafts(**wishes: Any) -> tuple[Draft, ...]:
    return drafter()[0].drafts(request(**wishes), NOW, NOW)


def refusal(**wishes: Any) -> tuple[str, str]:
    with pytest.raises(Refusal) as refused:
        drafts(**wishes)
    return refused.value.code, refused.value.field


def test_a_plain_text() -> None:
    [one] = drafts()
    assert (one.sender, one.recipient, one.parts, one.encoding) == ("", PHONE, ("hi",), "gsm7")
    assert (one.price, one.cost, one.batch, one.reference) == (5, 5, 0, 0)
    assert (one.birth, one.due_at) == ("submitting", NOW + retry.FLIGHT)
    assert one.valid_until == NOW + retry.VALIDITY


def test_identifiers_leave_room_for_segments_and_a_batch_bears_the_first() -> None:
    two = drafts(recipients=(PHONE, "+447700900124"), text="x" * 400)
    assert [d.total for d in two] == [3, 3]
    assert two[1].id >= two[0].id + 3
    assert {d.batch for d in two} == {two[0].id}
    assert all(0 <= d.reference <= 255 for d in two)


@pytest.mark.parametrize(
    "spelled", ["+44 7700 900123", "tel:+447700900123", "sip:+447700900123@x.test", "0044 7700 900123"]
)
def test_recipients_in_any_spelling(spelled: str) -> None:
    assert drafts(recipients=(spelled,))[0].recipient == PHONE


@pytest.mark.parametrize("sender", [None, "", "default"])
def test_no_sender_is_left_to_the_transaction(sender: str | None) -> None:
    assert drafts(sender=sender)[0].sender == ""


def test_a_slot_is_taken_per_draft_and_the_rest_is_queued() -> None:
    maker, routing = drafter()
    three = maker.drafts(request(recipients=(PHONE,) * 3), NOW, NOW)
    assert [d.birth for d in three] == ["submitting", "submitting", "queued"]
    assert routing.windows["exit"].free == 0
    assert three[2].due_at == NOW


def test_a_refusal_has_taken_no_slot() -> None:
    maker, routing = drafter()
    for wishes in ({"text": ""}, {"recipients": (PHONE, "?")}, {"text": "x" * 100_000}, {"validity": 0}):
        with pytest.raises(Refusal):
            maker.drafts(request(**wishes), NOW, NOW)
    assert routing.windows["exit"].free == 2


def test_a_scheduled_text_takes_no_slot_and_its_validity_starts_when_it_leaves() -> None:
    later = NOW + retry.HOUR
    [one] = drafts(send_at=later, validity=retry.HOUR)
    assert (one.birth, one.due_at, one.valid_until) == ("scheduled", later, later + retry.HOUR)


@pytest.mark.parametrize(
    ("wishes", "code", "field"),
    [
        ({"text": ""}, "text_empty", "text"),
        ({"text": "x" * 153 * 256}, "text_too_long", "text"),
        ({"recipients": ()}, "missing_field", "recipient"),
        ({"recipients": ("nonsense",)}, "invalid_address", "recipient"),
        ({"recipients": (PHONE, "9" * 5000)}, "invalid_address", "recipient[1]"),
        ({"sender": "much too long a name"}, "invalid_address", "sender"),
        ({"sender": "VERІFY"}, "invalid_address", "sender"),
        ({"send_at": NOW - retry.HOUR}, "send_at_out_of_range", "send_at"),
        ({"send_at": NOW + 400 * 24 * retry.HOUR}, "send_at_out_of_range", "send_at"),
        ({"send_at": -1}, "send_at_out_of_range", "send_at"),
        ({"validity": 0}, "validity_out_of_range", "validity"),
        ({"validity": 2**62}, "validity_out_of_range", "validity"),
    ],
)
def test_bad_input_names_its_field(wishes: dict[str, Any], code: str, field: str) -> None:
    assert refusal(**wishes) == (code, field)


def test_our_own_answers_cost_nothing_and_take_no_slot() -> None:
    maker, routing = drafter()
    answer = maker.answer(7, "+16139998877", PHONE, "bye", NOW)
    assert (answer.cost, answer.rights, answer.birth) == (0, "system", "queued")
    assert routing.windows["exit"].free == 2


def test_backoff_grows_and_stays() -> None:
    waits = [retry.backoff(n) for n in range(1, 20)]
    assert waits == sorted(waits)
    assert waits[0] == 5 * retry.SECOND
    assert waits[-1] == 1800 * retry.SECOND
