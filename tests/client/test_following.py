"""Where a live reader is: nothing in here opens a socket."""

import json

import pytest

from textwire_client.errors import BadAnswer, ConnectionFailed, EventsMissed
from textwire_client.following import Following, order
from textwire_client.place import Place

PLACE = Place("https://sms.example", "k")


def following(after: str | None = None, patience: float = 10.0) -> Following:
    return Following(after, [], [], patience)


def hello(position: str, gap: bool = False) -> str:
    return json.dumps({"type": "hello", "position": position, "gap": gap})


def event(identifier: str) -> str:
    return json.dumps(
        {"id": identifier, "type": "x", "timestamp": "2030-01-01T00:00:00.000Z", "sequence": 1, "data": {}}
    )


def test_ids_are_in_the_order_of_events() -> None:
    ids = ["evt_7", "evt_7.1", "evt_7.2", "evt_7.10", "evt_8", "evt_10"]
    assert sorted(set(ids), key=order) == ids


def test_who_has_had_nothing_comes_back_to_where_it_was_greeted() -> None:
    place = following()
    assert place.url(PLACE) == "wss://sms.example/api/live"
    assert place.take(hello("evt_41")) is None
    assert place.url(PLACE).endswith("?after=evt_41")


def test_an_event_is_told_once() -> None:
    place = following("evt_41")
    place.take(hello("evt_41"))
    assert [place.take(event(one)) is not None for one in ("evt_42", "evt_42", "evt_41", "evt_43")] == [
        True, False, False, True,
    ]  # fmt: skip
    assert place.after == "evt_43"


def test_a_gap_is_told_and_then_it_goes_on() -> None:
    place = following("evt_41")
    place.take(hello("evt_20000", gap=True))
    with pytest.raises(EventsMissed):
        place.tell()
    place.tell()
    assert place.take(event("evt_20001")) is not None


def test_a_store_from_a_backup_is_followed_from_its_own_place() -> None:
    place = following("evt_900")
    place.take(hello("evt_10", gap=True))
    with pytest.raises(EventsMissed):
        place.tell()
    assert place.take(event("evt_11")) is not None


def test_wishes_are_told_again_at_every_connection() -> None:
    place = Following(None, ["message.sent", "message.failed"], ["+44"], 1.0)
    assert place.url(PLACE).endswith("?events=message.sent%2Cmessage.failed&numbers=%2B44")


def test_a_silent_server_is_tried_again_ever_less_often_and_not_for_ever() -> None:
    place, now, pauses = following(), 100.0, []
    while now <= 110.0:
        pauses.append(place.failed("refused", now))
        now += pauses[-1]
    assert 0 < pauses[0] <= 0.1 < pauses[-1] <= 5.0
    with pytest.raises(ConnectionFailed, match="refused"):
        place.failed("refused", now)


def test_a_server_that_answers_again_has_all_its_time_again() -> None:
    place = following()
    place.failed("refused", 0.0)
    place.take(hello("evt_1"))
    place.failed("refused", 1000.0)
    place.failed("refused", 1009.0)


def test_what_is_no_event_is_told_as_such() -> None:
    with pytest.raises(BadAnswer):
        following().take("[]")
    with pytest.raises(BadAnswer):
        following("evt_1").take(event("nonsense"))
