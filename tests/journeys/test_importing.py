"""Lists of opt-outs come in whole or not at all, whatever happens meanwhile, and nobody waits for them."""

import asyncio

import pytest

from textwire.store.engines.engine import statement
from textwire.switch.consent import importing
from textwire.switch.consent.importing import SLICE

from .life import ACCOUNT, Life, living, refused

NUMBERS = [f"+4477{n:08}" for n in range(SLICE * 3 + 5)]
_EVENTS = statement("select count(*) from event where type = 'optout.added'")


async def count(life: Life, table: str) -> int:
    [(found,)] = await life.core.store.read(statement(f"select count(*) from {table}"))
    return int(found)


async def cut_off(life: Life, at: type) -> None:
    """Brings a list in with a process that dies before a step of this kind."""
    bringer = life.core.desk.importing
    whole = bringer._book

    class Dying:
        async def run(self, unit: object, items: list[object]) -> list[object]:
            if any(isinstance(item, at) for item in items):
                raise RuntimeError("killed")
            return await whole.run(unit, items)  # type: ignore[arg-type]

    bringer._book = Dying()  # type: ignore[assignment]
    with pytest.raises(RuntimeError):
        await bringer.take(ACCOUNT, NUMBERS)


async def test_a_list_comes_in_with_an_event_for_each_that_is_new(life: Life) -> None:
    await life.core.desk.opting.add(ACCOUNT, NUMBERS[7])
    assert await life.core.desk.importing.take(ACCOUNT, [*NUMBERS, *NUMBERS]) == len(NUMBERS) - 1
    assert await count(life, "opt_out") == len(NUMBERS)
    assert [tuple(row) for row in await life.core.store.read(_EVENTS)] == [(len(NUMBERS),)]
    assert await count(life, "opt_out_list") == await count(life, "opt_out_staged") == 0
    assert await life.core.desk.importing.take(ACCOUNT, NUMBERS) == 0
    assert await life.core.desk.importing.take(ACCOUNT, []) == 0
    assert await refused(life.send(NUMBERS[-1])) == "recipient_opted_out"


async def test_of_a_list_that_was_cut_off_before_it_counted_nothing_stays(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with living(database) as life:
        await cut_off(life, importing._Begin)
    async with living(database) as life:
        await life.core.desk.importing.chore()
        assert await count(life, "opt_out_staged") == len(NUMBERS)  # somebody may be at it
        monkeypatch.setattr(importing, "FORGOTTEN", -1)
        await life.core.desk.importing.chore()
        assert await count(life, "opt_out") == 0
        assert await count(life, "opt_out_list") == await count(life, "opt_out_staged") == 0


async def test_a_list_that_was_cut_off_when_it_counted_is_carried_on(database: str) -> None:
    async with living(database) as life:
        await cut_off(life, importing._Apply)
        assert await count(life, "opt_out") == 0
    async with living(database) as life:
        await life.core.desk.importing.chore()
        assert await count(life, "opt_out") == len(NUMBERS)
        assert await count(life, "opt_out_staged") == 0


async def test_others_are_served_while_a_list_comes_in(life: Life) -> None:
    bringing = asyncio.create_task(life.core.desk.importing.take(ACCOUNT, NUMBERS))
    served = 0
    while not bringing.done():
        await life.send("+447700900123")
        served += 1
    assert await bringing == len(NUMBERS)
    assert served > 3
