"""Which events are told, and from where the next socket goes on: stepped by hand, without sockets."""

import math
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from tests.client.talk.test_book import OTHER, OWN, PERSON, message
from textwire_client import (
    BadAnswer,
    ConnectionFailed,
    ConversationsChange,
    Event,
    MessagesChange,
    SubscriptionChange,
)
from textwire_client.place import Place
from textwire_client.talk.book import Book
from textwire_client.talk.channel import Channel
from textwire_client.talk.listeners import Listeners, Told

PLACE = Place("http://127.0.0.1:1", "k")


@pytest.fixture
def channel() -> Channel:
    return Channel(Listeners(awaits=False), Book())


def event(n: int, *, number: str = OWN, type: str = "message.sent", data: Any = None) -> Event:
    about = msgspec.to_builtins(message(n, number=number)) if data is None else data
    return Event(id=f"evt_{n}", type=type, timestamp=datetime(2030, 1, 1, tzinfo=UTC), data=about)


def told(channel: Channel, *events: Event) -> list[str]:
    return [
        one.what.event.id
        for event in events
        for one in channel.take(event)
        if isinstance(one.what, MessagesChange)
    ]


def after(channel: Channel) -> str | None:
    return channel.begin()[1].after


def test_a_number_is_told_of_from_the_position_on_at_which_it_joined(channel: Channel) -> None:
    channel.add((OWN,), "evt_5", math.inf)
    assert after(channel) == "evt_5"
    assert told(channel, event(4), event(5), event(6), event(7, number=OTHER)) == ["evt_6"]


def test_nothing_comes_twice_when_the_socket_goes_back_for_a_number_that_joins(channel: Channel) -> None:
    channel.add((OWN,), "evt_5", math.inf)
    after(channel)
    assert told(channel, event(6), event(9)) == ["evt_6", "evt_9"]
    channel.add((OTHER,), "evt_7", math.inf)  # asked for before 8 and 9 came
    channel.leave("evt_9")
    assert after(channel) == "evt_7"
    again = (event(8, number=OTHER), event(9), event(10))
    assert told(channel, *again) == ["evt_8", "evt_10"]


def test_the_socket_goes_on_where_it_was_when_a_number_leaves(channel: Channel) -> None:
    channel.add((OWN, OTHER), "evt_5", math.inf)
    after(channel)
    told(channel, event(8))
    channel.drop([OWN])
    channel.leave("evt_8")
    assert after(channel) == "evt_8"
    assert told(channel, event(9), event(10, number=OTHER)) == ["evt_10"]


def test_who_comes_back_after_all_have_left_does_not_hear_of_the_time_between(channel: Channel) -> None:
    channel.add((OWN,), "evt_5", math.inf)
    after(channel)
    channel.drop([OWN])
    channel.leave("evt_5")
    channel.add((OWN,), "evt_90", math.inf)
    assert after(channel) == "evt_90"
    assert told(channel, event(80), event(91)) == ["evt_91"]


def test_a_number_that_joins_twice_is_there_once(channel: Channel) -> None:
    channel.add((OWN, OWN), "evt_5", math.inf)
    channel.add((OWN,), "evt_9", math.inf)
    assert channel.subscriptions().numbers == (OWN,)
    assert told(channel, event(6)) == ["evt_6"]


def test_pieces_of_one_commit_are_events_of_their_own(channel: Channel) -> None:
    channel.add((OWN,), "evt_5", math.inf)
    pieces = [msgspec.structs.replace(event(6), id=f"evt_6{piece}") for piece in ("", ".1", ".2")]
    assert told(channel, *pieces, *pieces) == ["evt_6", "evt_6.1", "evt_6.2"]


def test_an_event_of_a_message_that_is_gone_is_told_once_with_what_is_known(channel: Channel) -> None:
    channel.add((OWN,), "evt_5", math.inf)
    assert told(channel, event(6)) == ["evt_6"]
    gone = event(7, type="message.deleted", data={"id": "6", "state": "sent", "deleted": True})
    [one] = channel.take(gone)
    assert (one.what.destination, one.what.message_id) == ((PERSON,), "6")
    assert channel.take(gone) == []
    [unknown] = channel.take(event(8, data={"id": "1", "state": "sent", "deleted": True}))
    assert (unknown.what.destination, unknown.what.message_id) == ((), "1")


@pytest.mark.parametrize("data", [None, [], 7, {"deleted": True}, {"id": 7, "deleted": True}])
def test_an_event_that_says_nothing_of_its_message_is_told_all_the_same(channel: Channel, data: Any) -> None:
    channel.add((OWN,), "evt_5", math.inf)
    found = msgspec.structs.replace(event(6), type="message.deleted", data=data)
    assert [one.what.destination for one in channel.take(found)] == [()]


def test_an_event_about_a_message_that_is_none_is_an_answer_of_somebody_elses(channel: Channel) -> None:
    channel.add((OWN,), "evt_5", math.inf)
    with pytest.raises(BadAnswer):
        channel.take(event(6, data={"id": "6"}))


def test_a_new_conversation_is_told_after_its_message(channel: Channel) -> None:
    channel.add((OWN,), "evt_5", math.inf)
    _, begun = channel.take(event(6))
    assert begun == Told("conversations:change", ConversationsChange(destination=(PERSON,), message_id="6"))
    assert len(channel.take(event(7))) == 1


def test_every_change_of_what_is_subscribed_to_is_owed_to_somebody(channel: Channel) -> None:
    channel.add((OWN,), "evt_5", math.inf)
    channel.drop([OWN])
    channel.add((OWN,), "evt_5", math.inf)
    error = ConnectionFailed("gone", sent=False)
    channel.lost(error)
    told = [one.what for one in channel.owed()]
    assert told[:3] == [SubscriptionChange()] * 3
    assert (told[3].error, told[4]) == (error, SubscriptionChange(reason="gone"))
    assert not channel.owes
    assert channel.subscriptions().subscribed == ()
    assert told[3].message == "gone"


def test_the_socket_asks_for_messages_of_the_numbers_alone(channel: Channel) -> None:
    channel.add((OWN,), "evt_5", math.inf)
    url = channel.begin()[1].url(PLACE)
    assert "numbers=%2B16139998877" in url
    assert "message.received" in url
    assert "number." not in url
