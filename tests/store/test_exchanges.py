"""What is known of exchanges: by pair, for a minute, bounded, on both engines."""

from textwire.store import exchanges
from textwire.store.exchanges import MINUTE, MOST_KEPT, Exchange
from textwire.store.store import Store
from textwire.switch.loops import Loops

from .house import ACCOUNT, NOW, ask, do, inbound

NUMBER, REMOTE = "+16139998877", "+447700900123"
PAIR = (ACCOUNT, NUMBER, REMOTE)
SECOND = 1_000_000


async def found(store: Store, since: int = NOW - MINUTE) -> dict[tuple[int, str, str], Exchange]:
    known: dict[tuple[int, str, str], Exchange] = await do(store, exchanges.found, [PAIR], since)
    return known


async def test_what_came_and_went_is_counted_with_the_oldest_time(house: Store) -> None:
    assert await found(house) == {}
    assert not await do(house, exchanges.any_since, NOW - MINUTE)
    await do(house, exchanges.came, [(*PAIR, NOW + n, n) for n in (3, 4)])
    await do(house, exchanges.went, [(*PAIR, NOW + n, n) for n in (1, 2, 5)])
    await do(
        house, exchanges.came, [(ACCOUNT, REMOTE, NUMBER, NOW, 9), (ACCOUNT + 1, NUMBER, REMOTE, NOW, 10)]
    )
    assert await found(house) == {PAIR: Exchange(2, 3, NOW + 1, told=False)}
    assert await found(house, NOW + 3) == {PAIR: Exchange(1, 1, NOW + 4, told=False)}
    assert await do(house, exchanges.any_since, NOW - MINUTE)


async def test_of_a_flood_no_more_is_kept_than_matters(house: Store) -> None:
    await do(house, exchanges.came, [(*PAIR, NOW, n) for n in range(3 * MOST_KEPT)])
    await do(house, exchanges.came, [(*PAIR, NOW + 1, n) for n in range(3)])
    assert (await found(house))[PAIR].came == MOST_KEPT
    await do(house, exchanges.came, [(*PAIR, NOW + MINUTE + 1, n) for n in range(3)])
    assert (await found(house, NOW + 1))[PAIR].came == 3


async def test_somebody_is_told_once_in_a_minute_of_the_clock(house: Store) -> None:
    start = NOW - NOW % MINUTE
    for at, new in ((start + 5, {PAIR}), (start + MINUTE - 1, set()), (start + MINUTE, {PAIR})):
        assert await do(house, exchanges.tell, [(*PAIR, at)]) == new
    assert (await found(house, start))[PAIR].told


async def test_what_is_over_is_forgotten_slice_by_slice(house: Store) -> None:
    await do(house, exchanges.came, [(*PAIR, NOW + n, n) for n in range(5)])
    assert [await do(house, exchanges.purge, NOW + 3, 3) for _ in range(3)] == [3, 1, 0]
    assert await ask(house, "select at from exchange") == [(NOW + 4,)]


async def test_an_account_forgets_a_number(house: Store) -> None:
    await do(house, exchanges.came, [(*PAIR, NOW, 1), (ACCOUNT, NUMBER, "+447700900124", NOW, 2)])
    await do(house, exchanges.forget, ACCOUNT, REMOTE)
    assert await ask(house, "select remote from exchange") == [("+447700900124",)]


async def test_what_goes_out_takes_no_place_from_what_comes(house: Store) -> None:
    await do(house, exchanges.went, [(*PAIR, NOW, n) for n in range(MOST_KEPT)])
    await do(house, exchanges.came, [(*PAIR, NOW + 1, MOST_KEPT + 1)])
    assert (await found(house))[PAIR].came == 1


async def test_a_server_that_lets_more_pass_keeps_more(house: Store) -> None:
    """Else a loop of more than is kept would never be seen as one."""
    texts = [inbound(n, sender=REMOTE, recipient=NUMBER) for n in range(2 * MOST_KEPT)]
    for half in (texts[::2], texts[1::2]):
        await do(house, Loops(3 * MOST_KEPT).came, half)
    assert (await found(house))[PAIR].came == 2 * MOST_KEPT
