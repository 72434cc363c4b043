import json

import msgspec

from tests.facades.api.values import AT, SECOND, event, message
from textwire.domain.message import Segment
from textwire.domain.receipt import Receipt
from textwire.facades.api import views
from textwire.facades.api.messages.story import story
from textwire.store.conversions import Conversion
from textwire.store.receipts import Kept


def test_a_detail_has_lists_where_the_message_has_counts() -> None:
    long = message(total=2, state="delivered", attempts=1, sequence=3, raw="00ff")
    segments = [
        Segment(long.id + n, long.id, n + 1, f"part {n}", "delivered", "simulated", f"r{n}") for n in (0, 1)
    ]
    receipt = Receipt(carrier="simulated", ref="r1", state="delivered", at=AT, raw="id:r1")
    events = [
        event("message.accepted", 1, state="submitting", at=AT),
        event("message.sent", 2, '{"attempt":1,"carrier":"simulated","reason":"","error":""}', state="sent"),
        event("message.delivered", 3, '{"reason":"","error":"","carrier":"simulated"}', segment=long.id + 1),
    ]
    found = json.loads(msgspec.json.encode(story(long, segments, [Kept(5, long.id + 1, receipt)], events)))
    assert [s["text"] for s in found["segments"]] == ["part 0", "part 1"]
    assert [s["n"] for s in found["segments"]] == [1, 2]
    assert found["segments"][1]["carrier_ref"] == "r1"
    assert found["attempts"] == [
        {
            "n": 1, "outcome": "sent", "at": views.stamp(AT + SECOND), "carrier": "simulated", "reason": None,
            "error": None,
        }
    ]  # fmt: skip
    assert found["receipts"] == [
        {
            "segment": 2, "state": "delivered", "at": views.stamp(AT), "carrier": "simulated", "error": None,
            "raw": "id:r1",
        }
    ]  # fmt: skip
    assert [e["type"] for e in found["timeline"]] == ["message.accepted", "message.sent", "message.delivered"]
    assert [e["segment"] for e in found["timeline"]] == [None, None, 2]
    assert found["timeline"][1]["data"]["attempt"] == 1
    assert (found["raw"], found["price"], found["state"]) == ("00ff", "0.14", "delivered")


def test_the_text_of_a_short_message_stands_in_its_only_segment() -> None:
    one = message()
    [segment] = story(one, [Segment(one.id, one.id, 1, "", "sent", "", "")], [], []).segments
    assert (segment.text, segment.carrier, segment.carrier_ref) == ("hello", None, None)


def test_an_attempt_whose_answer_is_out_says_so() -> None:
    data = '{"attempt":1,"carrier":"simulated","reason":"throttled","error":"58"}'
    events = [event("message.deferred", 2, data, state="queued")]
    first, second = story(message(attempts=2), [], [], events).attempts
    assert (first.outcome, first.reason, first.error) == ("deferred", "throttled", "58")
    assert (second.n, second.outcome, second.at) == (2, "submitting", None)


def test_a_message_that_never_left_has_no_attempts() -> None:
    assert story(message(state="scheduled", attempts=0), [], [], []).attempts == []


def test_what_the_sender_says_came_of_it_is_shown() -> None:
    assert story(message(), [], [], []).conversion is None
    shown = story(message(), [], [], [], Conversion(1, 1, AT)).conversion
    assert shown is not None
    assert (shown.delivered, shown.at) == (True, views.stamp(AT))
