"""Houses that are broken on purpose, to show that the harness would notice."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from msgspec.structs import replace

from textwire.domain.message import Message
from textwire.hooks.plan import Plan, Planning
from textwire.store import messages, outbox
from textwire.store.committer import Unit
from textwire.store.engines.postgres import Postgres
from textwire.store.engines.sqlite import SQLite
from textwire.switch.sweep import Sweep

COMMIT_LATE_SECONDS = 0.1

Work = Callable[[Any], Awaitable[Any]]


def answer_before_commit() -> None:
    """Callers hear the outcome of a transaction when its work is done, a moment before it is committed."""
    SQLite.transact = _hasty(SQLite.transact, blocking=True)  # type: ignore[method-assign]
    Postgres.transact = _hasty(Postgres.transact, blocking=False)  # type: ignore[method-assign]


def _hasty(transact: Any, blocking: bool) -> Any:
    late: set[asyncio.Future[Any]] = set()

    async def hasty(engine: Any, work: Work) -> Any:
        loop = asyncio.get_running_loop()
        early: asyncio.Future[Any] = loop.create_future()

        async def slow(tx: Any) -> Any:
            result = await work(tx)
            loop.call_soon_threadsafe(early.set_result, result)
            if any(event.type == "message.accepted" for event in result[1]):
                # On SQLite this runs in the writer's thread, where nothing may suspend.
                time.sleep(COMMIT_LATE_SECONDS) if blocking else await asyncio.sleep(COMMIT_LATE_SECONDS)
            return result

        commit = asyncio.ensure_future(transact(engine, slow))
        late.add(commit)
        commit.add_done_callback(late.discard)
        await asyncio.wait((early, commit), return_when=asyncio.FIRST_COMPLETED)
        return early.result() if early.done() else commit.result()

    return hasty


def blind_resend() -> None:
    """What a dead process had under way is simply sent again, as if it had never left."""
    Sweep._doubt = _requeue  # type: ignore[method-assign]


async def _requeue(
    self: Sweep, unit: Unit, found: Sequence[Message], reasons: dict[int, str], now: int
) -> None:
    segments = await messages.segments_of(unit, found)
    again = [replace(s, state="queued") for m in found for s in segments[m.id] if s.state == "submitting"]
    await messages.save(unit, [replace(m, state="queued") for m in found], now)
    await messages.save_segments(unit, again)
    await outbox.change(unit, [(m.id, outbox.depart(m.carrier), now, 0) for m in found])


def forgotten_webhooks() -> None:
    """Deliveries are in memory only: nothing is owed once they are planned."""
    Planning.run = _planned_and_forgotten(Planning.run)  # type: ignore[method-assign]


def _planned_and_forgotten(plan: Any) -> Any:
    async def run(self: Planning, unit: Unit, items: list[Plan]) -> list[frozenset[int]]:
        written: list[frozenset[int]] = await plan(self, unit, items)
        await outbox.remove(unit, [key for some in written for key in some])
        return written

    return run


MUTATIONS: dict[str, Callable[[], None]] = {
    "": lambda: None,
    "answer_before_commit": answer_before_commit,
    "blind_resend": blind_resend,
    "forgotten_webhooks": forgotten_webhooks,
}


def apply(name: str) -> None:
    """Breaks this process; "" leaves it as it is."""
    MUTATIONS[name]()
