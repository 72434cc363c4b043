"""The window: slots are reserved whole, given back once, and newcomers do not overtake a queue."""

import pytest

from textwire.switch.pacing import Window


def test_newcomers_take_slots_while_there_are_some() -> None:
    window = Window(3)
    assert window.reserve()
    assert not window.reserve(3)
    assert window.reserve(2)
    assert not window.reserve()
    window.release()
    assert window.reserve()


def test_newcomers_wait_behind_a_queue() -> None:
    window = Window(3)
    window.queue = True
    assert not window.reserve()
    assert window.take(2) == 2
    assert window.take(5) == 1
    assert window.take(5) == 0


def test_a_freed_slot_is_told_to_the_queue_only() -> None:
    told: list[int] = []
    window = Window(1)
    window.on_free = lambda: told.append(window.free)
    window.reserve()
    window.release()
    assert told == []
    window.take(1)
    window.queue = True
    window.release()
    assert told == [1]


def test_a_slot_released_twice_stops_the_house() -> None:
    with pytest.raises(AssertionError, match="twice"):
        Window(1).release()
