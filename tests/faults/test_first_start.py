"""SIGKILL while a server starts for the first time: the next start finds nothing that is half done."""

import asyncio
import random
from pathlib import Path

from tests.faults.driver import Plan, Victim
from tests.faults.load import Connection
from tests.faults.look import integrity, look
from textwire.first_start import read

KILLS, SEED = 5, 11
START_SECONDS = 0.3  # about what a first start takes


async def test_kills_at_the_first_start_leave_one_account_whose_key_works(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    plan = Plan(work=str(tmp_path), database=str(tmp_path / "textwire.db"), kills=KILLS, seed=SEED)
    for life in range(1, KILLS + 1):
        victim = await Victim.spawn(plan, "")
        try:
            await victim.imported()
            victim.begin(life)
            await asyncio.sleep(chance.uniform(0, START_SECONDS))
        finally:
            await victim.end()
    await comes_up(plan)
    assert await look(plan.database, "select name from account") == [("demo",)]
    assert await look(plan.database, "select count(*) from ledger") == [(1,)]
    assert await integrity(plan.database) == "ok"


async def comes_up(plan: Plan) -> None:
    """The start that nobody disturbs: its credentials open the door."""
    victim = await Victim.spawn(plan, "")
    try:
        victim.begin(KILLS + 1)
        url = await victim.ready()
        kept = read(plan.folder / "data")
        assert kept is not None
        connection = Connection(url, kept["api"]["key"])
        status, body = await connection.call("GET", "/api/account")
        connection.close()
        assert status == 200, body
        await victim.kill()
    finally:
        await victim.end()
