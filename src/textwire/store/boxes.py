"""The shelf of boxes: what is told to channels that are sockets, kept until it has arrived at the other end."""

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from .engines.engine import Engine, statement
from .events import Writing
from .hooks import Hook

MOST_LETTERS: Final = 1_000  # of a box; the oldest go first
FOREVER: Final = 2**63 - 1

_COUNTER: Final = "mail"
_PICK = ", ".join(f"h.{f.name}" for f in msgspec.structs.fields(Hook))


class Box(msgspec.Struct, frozen=True):
    """Of a channel. `role`: who asks whether the other end is alive. Times are µs on the real clock."""

    channel: int
    role: str
    made_at: int
    ends_at: int
    holder: int = 0


class Route(msgspec.Struct, frozen=True):
    """A subscription of a socket, and which events it puts into its channel's box."""

    channel: int
    since: int
    until: int
    hook: Hook


class Letter(msgspec.Struct, frozen=True):
    """One event in a box, and the subscription that it is for."""

    channel: int
    event: int
    hook: int


_BOX = ", ".join(f"m.{f.name}" for f in msgspec.structs.fields(Box))
_OPEN = statement(
    "insert into box (channel, role, made_at, ends_at, holder) select channel, role, made_at, ends_at, holder from {rows} r",
    "channel int, role text, made_at int, ends_at int, holder int",
)
# A box whose channel is gone is over.
_SOME = statement(
    f"""select {_BOX} from {{rows}} r cross join box m join channel c on c.id = m.channel
        where m.channel = r.channel""",
    "channel int",
)
_HOLD = statement(
    "update box set holder = r.holder, ends_at = r.ends_at from {rows} r where box.channel = r.channel",
    "channel int, holder int, ends_at int",
)
_KEEP = statement(
    """update box set ends_at = r.ends_at from {rows} r
       where box.channel = r.channel and (r.holder = 0 or box.holder = r.holder)""",
    "channel int, holder int, ends_at int",
)
_OVER = statement(
    "select m.channel from box m where m.ends_at <= :now order by m.ends_at, m.channel limit :most",
    args="now int, most int",
)
_CLOSE = statement("delete from box where channel in (select channel from {rows} r)", "channel int")
_EMPTY = statement("delete from letter where channel in (select channel from {rows} r)", "channel int")

_ROUTE = statement(
    """insert into route (hook, account, number, channel, since, until)
       select r.hook, r.account, r.number, r.channel, c.value, r.until from {rows} r cross join counter c
       where c.name = 'event'""",
    "hook int, account int, number text, channel int, until int",
)
_ROUTES = statement(
    f"""select m.channel, m.since, m.until, {_PICK} from {{rows}} r cross join route m join hook h on h.id = m.hook
        where m.account = r.account and m.number = r.number order by m.hook""",
    "account int, number text",
)
_ADDRESSED = statement(
    f"""select m.channel, m.since, m.until, {_PICK} from {{rows}} r cross join route m join hook h on h.id = m.hook
        where m.hook = r.hook order by m.hook""",
    "hook int",
)
_FORGET = statement("delete from route where hook in (select hook from {rows} r)", "hook int")
# From one account to the next by the index: however many routes each has.
_ACCOUNTS = statement(
    """with recursive a (account) as (
         select min(m.account) from route m
         union all
         select (select min(m.account) from route m where m.account > a.account) from a where a.account is not null)
       select a.account, (select min(m.since) from route m where m.account = a.account) from a
       where a.account is not null"""
)

_POSITION = statement("select value from counter where name = :name", args="name text")
_LOCKED = statement("select m.value from counter m where m.name = :name {lock}", args="name text")
_ADVANCE = statement(
    "update counter set value = r.value from {rows} r where counter.name = r.name", "name text, value int"
)
_FILE = statement(
    """insert into letter (channel, event, hook)
       select m.channel, r.event, r.hook from {rows} r cross join box m where m.channel = r.channel
       on conflict (channel, event) do nothing""",
    "channel int, event int, hook int",
)
_TRIM = statement(
    f"""delete from letter where (channel, event) in (
          select m.channel, m.event from {{rows}} r cross join letter m where m.channel = r.channel and m.event <=
            (select l.event from letter l where l.channel = r.channel order by l.event desc limit 1
             offset {MOST_LETTERS}))""",
    "channel int",
)
_ARRIVED = statement(
    """delete from letter where (channel, event) in (
         select m.channel, m.event from {rows} r cross join letter m where m.channel = r.channel and m.event <= r.event)""",
    "channel int, event int",
)
_LETTERS = statement(
    "select m.channel, m.event, m.hook from letter m where m.channel = :channel order by m.event limit :most",
    args="channel int, most int",
)


def end_of(now: int, lifetime: int) -> int:
    """When what lasts so many seconds from now on (µs) ends; 0: never."""
    return now + lifetime * 1_000_000 if lifetime else FOREVER


async def open_(unit: Writing, box: Box) -> None:
    """A new box."""
    await unit.run(_OPEN, [msgspec.structs.astuple(box)])


async def some(engine: Engine, channels: Iterable[int]) -> dict[int, Box]:
    """The boxes of channels, as far as they still exist; whether their time is over is the caller's to judge."""
    return {row[0]: Box(*row) for row in await engine.read(_SOME, [(c,) for c in channels])}


async def find(unit: Writing, channel: int) -> Box | None:
    """One of them inside a transaction."""
    rows = await unit.rows(_SOME, [(channel,)])
    return Box(*rows[0]) if rows else None


async def hold(unit: Writing, rows: Sequence[tuple[int, int, int]]) -> None:
    """(channel, holder, ends_at): these sockets are the ones that count from now on."""
    await unit.run(_HOLD, rows)


async def keep(unit: Writing, rows: Sequence[tuple[int, int, int]]) -> None:
    """(channel, holder, ends_at): these last longer if that socket, or with 0 whichever, still counts."""
    await unit.run(_KEEP, rows)


async def over(unit: Writing, now: int, most: int) -> list[int]:
    """Channels whose time is over, longest ago first."""
    return [row[0] for row in await unit.rows(_OVER, now=now, most=most)]


async def close(unit: Writing, channels: Sequence[int]) -> None:
    """These boxes are gone with what is in them."""
    await unit.run(_CLOSE, [(c,) for c in channels])
    await unit.run(_EMPTY, [(c,) for c in channels])


async def add_route(unit: Writing, hook: Hook) -> None:
    """From now on a subscription hears of its number."""
    await unit.run(_ROUTE, [(hook.id, hook.account, hook.number, hook.channel, FOREVER)])


async def routes(engine: Engine, pairs: Iterable[tuple[int, str]]) -> list[Route]:
    """The routes of several (account, number)."""
    return [_route(row) for row in await engine.read(_ROUTES, list(pairs))]


async def addressed(engine: Engine, hooks: Iterable[int]) -> list[Route]:
    """The routes of these subscriptions."""
    return [_route(row) for row in await engine.read(_ADDRESSED, [(h,) for h in hooks])]


async def forget(unit: Writing, hooks: Iterable[int]) -> None:
    """These subscriptions hear of nothing any more."""
    await unit.run(_FORGET, [(h,) for h in hooks])


async def accounts(engine: Engine) -> dict[int, int]:
    """The accounts that have routes, each with the event behind which the first of them begins."""
    return {row[0]: row[1] for row in await engine.read(_ACCOUNTS)}


async def position(engine: Engine) -> int:
    """Everything up to this event is filed."""
    [(value,)] = await engine.read(_POSITION, name=_COUNTER)
    return int(value)


async def locked_position(unit: Writing) -> int:
    """The same inside a transaction, which is from now on the only one that files."""
    [(value,)] = await unit.rows(_LOCKED, name=_COUNTER)
    return int(value)


async def advance(unit: Writing, event: int) -> None:
    """Everything up to this event is filed now."""
    await unit.run(_ADVANCE, [(_COUNTER, event)])


async def file(unit: Writing, letters: Sequence[Letter]) -> None:
    """Puts letters into boxes that exist; a box that overflows loses its oldest."""
    await unit.run(_FILE, [msgspec.structs.astuple(one) for one in letters])
    await unit.run(_TRIM, [(channel,) for channel in sorted({one.channel for one in letters})])


async def arrived(unit: Writing, rows: Sequence[tuple[int, int]]) -> None:
    """(channel, event): letters up to that event have arrived."""
    await unit.run(_ARRIVED, rows)


async def letters(engine: Engine, channel: int) -> list[Letter]:
    """What is in a box, oldest first."""
    rows = await engine.read(_LETTERS, channel=channel, most=MOST_LETTERS)
    return [Letter(*row) for row in rows]


def _route(row: Sequence[object]) -> Route:
    channel, since, until, *hook = row
    return Route(channel, since, until, Hook(*hook))  # type: ignore[arg-type]
