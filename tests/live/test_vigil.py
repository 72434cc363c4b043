"""Those who may not listen any more are closed; one question is asked per key."""

import asyncio

from textwire.live.socket import NOT_ALLOWED, Line
from textwire.live.vigil import Vigil
from textwire.store.engines.engine import Unavailable

from .world import Peer, until


class Door:
    """Says who may; counts how often it was asked."""

    def __init__(self) -> None:
        self.open, self.away, self.asked = True, False, 0

    async def may(self) -> bool:
        self.asked += 1
        if self.away:
            raise Unavailable("gone")
        return self.open


async def test_all_sockets_of_a_key_that_is_over_are_closed_and_no_others() -> None:
    vigil, doors, peers = Vigil(), [Door(), Door()], [Peer() for _ in range(4)]
    lines = [Line(peer.socket) for peer in peers]
    running = [asyncio.create_task(line.run()) for line in lines]
    for n, line in enumerate(lines):
        vigil.watch(line, n % 2, doors[n % 2].may)
    await vigil.ask()
    assert [door.asked for door in doors] == [1, 1]
    doors[1].away = True
    doors[0].open = False
    await vigil.ask()
    await asyncio.gather(running[0], running[2])
    assert [peer.code for peer in peers] == [NOT_ALLOWED, 0, NOT_ALLOWED, 0]
    for n, line in enumerate(lines):
        vigil.forget(line, n % 2)
    await vigil.ask()
    assert [door.asked for door in doors] == [2, 2]
    for peer in peers:
        peer.leave()
    await asyncio.gather(*running)


async def test_it_asks_again_and_again_while_there_is_somebody() -> None:
    vigil, door, peer = Vigil(every=0.001), Door(), Peer()
    line = Line(peer.socket)
    asking, running = asyncio.create_task(vigil.run()), asyncio.create_task(line.run())
    await asyncio.sleep(0.01)
    assert door.asked == 0
    vigil.watch(line, "key", door.may)
    await until(lambda: door.asked > 3)
    door.open = False
    await running
    assert peer.code == NOT_ALLOWED
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
