"""When nothing can be stored, or we have failed: status 5, and nothing of it happened."""

import msgspec
import pytest

from textwire.access.access import Access
from textwire.domain.refusal import CODES, Refusal
from textwire.facades.vonage import statuses
from textwire.facades.vonage.door import door
from textwire.store.engines.engine import Unavailable
from textwire.switch.callbacks import Callbacks
from textwire.web.router import Router

from .house import PLACE, House


class Broken(Callbacks):
    """The verb of a message's own place, which fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def expect(self, account: int, types: int = 0) -> None:
        raise self._error


def breaking(house: House, error: Exception) -> None:
    desk = msgspec.structs.replace(house.core.desk, callbacks=Broken(error))
    house.app = Router([door(desk, Access(house.core.store, house.times.now), lambda url: None)])


@pytest.mark.parametrize(
    "error", [Unavailable("no disk"), ValueError("a fault of ours"), Refusal("unavailable")]
)
async def test_what_fails_is_status_5_and_nothing_happens(house: House, error: Exception) -> None:
    breaking(house, error)
    answer = await house.send(callback=PLACE)
    assert answer.first == {"status": "5", "error-text": "Server Error"}
    xml = await house.ask("POST", "/sms/xml?callback=" + PLACE, b"api_key=abcd1234&api_secret=x")
    assert b"<status>" in xml.body
    assert await house.kept() == []


async def test_a_full_queue_is_throttled(house: House) -> None:
    breaking(house, Refusal("queue_full"))
    first = (await house.send(callback=PLACE)).first
    assert first == {"status": "1", "error-text": "Throughput Rate Exceeded - please wait and retry"}


async def test_a_body_beyond_the_limit_keeps_its_http_status(house: House) -> None:
    answer = await house.ask("POST", "/sms/json", b"text=" + b"x" * 70_000)
    assert (answer.status, answer.json["error-code"]) == (413, "413")


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_refusal_of_the_house_has_a_status_and_a_text(code: str) -> None:
    failure = statuses.failed(Refusal(code))
    assert failure.status.isdigit()
    assert failure.text


def test_every_reason_has_a_status() -> None:
    assert set(statuses.REASONS.values()) <= set(statuses.STATUSES)
    assert set(statuses.TEXTS) <= set(statuses.STATUSES)
    assert set(statuses.REASONS) <= set(CODES)
