"""The shelf of channels: the places that a vendor's subscriptions hang on."""

from collections.abc import Sequence

import msgspec

from .engines.engine import Engine, statement
from .events import Writing


class Channel(msgspec.Struct, frozen=True):
    """Where a vendor's notifications go: a webhook's address, or a socket that a client opens.

    `credential` is sealed: what to present to the address. `lifetime` is in seconds, 0: unlimited.
    """

    id: int
    account: int
    principal: int
    public_id: str
    kind: str
    url: str
    credential: str
    correlator: str
    lifetime: int
    created_at: int


_ALL = ", ".join(f.name for f in msgspec.structs.fields(Channel))
_TYPES = """id int, account int, principal int, public_id text, kind text, url text, credential text,
    correlator text, lifetime int, created_at int"""
_INSERT = statement(f"insert into channel ({_ALL}) select {_ALL} from {{rows}} r", _TYPES)
_OF_PRINCIPAL = statement(
    f"select {_ALL} from channel where principal = :principal order by id limit 1000",
    args="principal int",
)
_ONE = statement(
    f"select {_ALL} from channel where public_id = :public_id and principal = :principal",
    args="public_id text, principal int",
)
_RENEW = statement(
    "update channel set lifetime = r.lifetime from {rows} r where channel.id = r.key",
    "key int, lifetime int",
)
_DELETE = statement("delete from channel where id in (select id from {rows} r)", "id int")
_UNUSED = statement(
    """select c.id from channel c where c.principal = :principal and c.kind = 'webhook' and c.created_at < :before
         and not exists
         (select 1 from hook m where m.principal = c.principal and m.channel = c.id and m.state = 'active')""",
    args="principal int, before int",
)
# Channels from one on, whether something hangs on each, and since when nothing does, as far as that is known.
_WALK = statement(
    """select c.id, coalesce((select 1 from hook m where m.channel = c.id and m.channel <> 0 and m.state = 'active' limit 1), 0),
         coalesce(i.since, 0)
       from channel c left join idle_channel i on i.channel = c.id
       where c.id > :after and c.kind = 'webhook' order by c.id limit :most""",
    args="after int, most int",
)
_IDLE = statement(
    "insert into idle_channel (channel, since) select channel, since from {rows} r", "channel int, since int"
)
_BUSY = statement("delete from idle_channel where channel in (select channel from {rows} r)", "channel int")


async def insert(unit: Writing, new: Channel) -> None:
    """A new channel."""
    await unit.run(_INSERT, [msgspec.structs.astuple(new)])


async def of_principal(engine: Engine, principal: int) -> list[Channel]:
    """A principal's channels, oldest first, at most 1,000."""
    return [Channel(*row) for row in await engine.read(_OF_PRINCIPAL, principal=principal)]


async def count(unit: Writing, principal: int) -> int:
    """How many channels a principal has, counted up to 1,000."""
    return len(await unit.rows(_OF_PRINCIPAL, principal=principal))


async def one(engine: Engine, principal: int, public_id: str) -> Channel | None:
    """A channel of a principal; a foreign one is missing like an unknown one."""
    rows = await engine.read(_ONE, public_id=public_id, principal=principal)
    return Channel(*rows[0]) if rows else None


async def find(unit: Writing, principal: int, public_id: str) -> Channel | None:
    """The same inside a transaction."""
    rows = await unit.rows(_ONE, public_id=public_id, principal=principal)
    return Channel(*rows[0]) if rows else None


async def renew(unit: Writing, key: int, lifetime: int) -> None:
    """Gives a channel another lifetime, in seconds."""
    await unit.run(_RENEW, [(key, lifetime)])


async def delete(unit: Writing, ids: Sequence[int]) -> None:
    """These channels are gone; whoever calls has ended what hangs on them."""
    await unit.run(_DELETE, [(i,) for i in ids])
    await unit.run(_BUSY, [(i,) for i in ids])


async def unused(unit: Writing, principal: int, before: int) -> list[int]:
    """A principal's webhooks made before that time (µs) on which no subscription hangs; sockets end by their lifetime."""
    return [row[0] for row in await unit.rows(_UNUSED, principal=principal, before=before)]


async def collect(unit: Writing, after: int, most: int, now: int, patience: int) -> int:
    """Looks at `most` webhooks behind one: those without a subscription for so long (µs) go. Where to go on; 0: all seen."""
    rows = await unit.rows(_WALK, after=after, most=most)
    await unit.run(_IDLE, [(key, now) for key, used, since in rows if not used and not since])
    await unit.run(_BUSY, [(key,) for key, used, since in rows if used and since])
    await delete(unit, [key for key, used, since in rows if not used and 0 < since <= now - patience])
    return int(rows[-1][0]) if len(rows) == most else 0
