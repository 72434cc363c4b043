"""Workflows that two processes have their hands on."""

import asyncio

from textwire.store import workflows
from textwire.store.committer import Unit
from textwire.store.workflows import Workflow

from .house import ACCOUNT, PRINCIPAL, ask, do, running, settle

FIRST, SECOND = Workflow(5, ACCOUNT, PRINCIPAL, 100, "[1, 2]"), Workflow(5, ACCOUNT, PRINCIPAL, 200, "[2]")


async def test_who_changes_an_accounts_steps_waits_for_who_takes_one(postgres: str) -> None:
    """Else an erasure would put back the step that is just being sent."""
    async with running(postgres) as one, running(postgres, owner=2) as other:
        await settle(one)
        await do(one, workflows.insert, [FIRST])
        taken, go_on = asyncio.Event(), asyncio.Event()

        async def take(unit: Unit) -> None:
            await workflows.locked(unit, [FIRST.id])
            taken.set()
            await go_on.wait()
            await workflows.move(unit, [(SECOND.id, SECOND.message, SECOND.steps)])

        taking = asyncio.create_task(do(one, take))
        await taken.wait()
        looking = asyncio.create_task(do(other, workflows.of_account, ACCOUNT, 0, 10))
        while not looking.done() and await ask(one, "select count(*) from pg_locks where not granted") == [
            (0,)
        ]:
            await asyncio.sleep(0)
        go_on.set()
        await taking
        assert await looking == [SECOND]
