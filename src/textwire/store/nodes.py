"""The shelf of running processes: whose lease is alive, on the real clock."""

from .engines.engine import statement
from .events import Writing

_BEAT = statement(
    """insert into node (epoch, lease_until) select epoch, lease_until from {rows} r where true
       on conflict (epoch) do update set lease_until = excluded.lease_until""",
    "epoch int, lease_until int",
)
_BURY = statement(
    """delete from node where lease_until <= :now
         and not exists (select 1 from outbox m where m.owner = node.epoch)""",
    args="now int",
)


async def beat(unit: Writing, epoch: int, until: int) -> None:
    """This process lives until `until` at least (µs, real clock)."""
    await unit.run(_BEAT, [(epoch, until)])


async def bury(unit: Writing, now: int) -> None:
    """Forgets the processes whose lease is over and whose rows of the outbox have all been taken over."""
    await unit.run(_BURY, now=now)
