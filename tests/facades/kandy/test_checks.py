"""Keep-alive in the role `server`: we ask, and give up on who does not answer."""

import asyncio
import json

import pytest

from tests.live.world import Peer, until
from textwire.facades.kandy.channels.checks import MOST_MISSED, SILENT, Checks
from textwire.live.socket import Line

SOON = 0.01  # seconds between two questions


async def test_who_never_answers_is_asked_three_times_and_closed() -> None:
    peer = Peer()
    line = Line(peer.socket)
    await asyncio.wait_for(Checks(line, SOON).ask(), 10)
    await until(lambda: peer.code != 0)
    assert peer.code == SILENT != 1000
    assert len(peer.got) == MOST_MISSED == 3


async def test_who_answers_is_asked_on_and_on_and_stays() -> None:
    peer = Peer()
    line = Line(peer.socket)
    checks = Checks(line, SOON)
    asking = asyncio.create_task(checks.ask())
    for count in range(1, 11):
        await peer.has(count)
        checks.hear('{"connAck":{}}')
    assert not asking.done()
    assert peer.code == 0
    asking.cancel()


async def test_who_answers_again_before_the_third_time_stays() -> None:
    peer = Peer()
    checks = Checks(Line(peer.socket), SOON)
    asking = asyncio.create_task(checks.ask())
    for count in (2, 4, 6):
        await peer.has(count)
        checks.hear('{"connAck":{}}')
    assert not asking.done()
    asking.cancel()


@pytest.mark.parametrize(("interval", "said"), [(30.0, "30"), (0.5, "0.5")])
async def test_the_question_says_how_often_it_comes(interval: float, said: str) -> None:
    peer = Peer()
    asking = asyncio.create_task(Checks(Line(peer.socket), interval).ask())
    await peer.has(1)
    assert peer.got == [f'{{"connCheck":{{"interval":{said}}}}}']
    assert json.loads(peer.got[0]) == {"connCheck": {"interval": float(said)}}
    asking.cancel()
