"""The shelf of attempts: how each call of a delivery went, with the beginning of what the endpoint said."""

from collections.abc import Iterable, Sequence

import msgspec

from .engines.engine import Engine, statement
from .events import Writing

MOST_SHOWN = 100


class Attempt(msgspec.Struct, frozen=True):
    """The n-th call of a delivery. `at` is µs on the message clock, `ms` how long it took.

    `status` 0: there was no answer, for the reason `error`; `reply` is redacted.
    """

    delivery: int
    n: int
    at: int
    status: int
    error: str
    reply: str
    ms: int


_ALL = ", ".join(f.name for f in msgspec.structs.fields(Attempt))

# An outcome may be kept twice; it is the same one.
_INSERT = statement(
    f"""insert into attempt ({_ALL}) select {_ALL} from {{rows}} r where true
        on conflict (delivery, n) do nothing""",
    "delivery int, n int, at int, status int, error text, reply text, ms int",
)
_OF_DELIVERY = statement(
    f"select {_ALL} from attempt m where m.delivery = :delivery order by m.n desc limit {MOST_SHOWN}",
    args="delivery int",
)
# A first attempt that succeeded, before what the delivery says of it is written over.
_SPELL_OUT = statement(
    f"""insert into attempt ({_ALL})
        select m.id, 1, m.updated_at, m.status, m.error, m.reply, m.ms from {{rows}} r cross join delivery m
        where m.id = r.id and m.attempts = 1 and m.state = 'delivered'
        on conflict (delivery, n) do nothing""",
    "id int",
)
_DELETE = statement("delete from attempt where delivery in (select id from {rows} r)", "id int")


async def insert(unit: Writing, made: Iterable[Attempt]) -> None:
    """Keeps attempts."""
    await unit.run(_INSERT, [msgspec.structs.astuple(one) for one in made])


async def of_delivery(engine: Engine, delivery: int) -> list[Attempt]:
    """A delivery's attempts, oldest first; of more than 100 the last ones."""
    return [Attempt(*row) for row in reversed(await engine.read(_OF_DELIVERY, delivery=delivery))]


async def spell_out(unit: Writing, deliveries: Sequence[int]) -> None:
    """Gives the first attempts of deliveries that are about to be replayed a row of their own."""
    await unit.run(_SPELL_OUT, [(key,) for key in deliveries])


async def delete(unit: Writing, deliveries: Sequence[int]) -> None:
    """Forgets the attempts of these deliveries."""
    await unit.run(_DELETE, [(key,) for key in deliveries])
