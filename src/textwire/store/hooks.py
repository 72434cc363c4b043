"""The shelf of webhooks and vendors' subscriptions: who wants to be told of which events, and where."""

from collections.abc import Iterable, Sequence

import msgspec

from .engines.engine import Engine, Row, statement
from .events import Writing


class Hook(msgspec.Struct, frozen=True):
    """One subscription. `types` are event bits, `secret` is the sealed one as long as it is on the shelf.

    `number` holds the numbers it is about, parted by spaces; "" means every number. `channel` 0: the hook carries
    its address itself (own API); a vendor's channel otherwise. `url` "": not a webhook, its channel is a socket.
    Times are µs on the message clock; `failing_since` 0: the last attempt succeeded, or there was none. After a
    rotation `old_secret` signs too until `old_until` (µs, real clock, as signatures are).
    """

    id: int
    account: int
    principal: int
    public_id: str
    dialect: str
    channel: int
    url: str
    types: int
    number: str
    secret: str
    correlator: str
    state: str
    failing_since: int
    created_at: int
    old_secret: str = ""
    old_until: int = 0


class Subscription(msgspec.Struct, frozen=True):
    """A hook with the public identifier of its channel ("": it has none)."""

    hook: Hook
    channel: str


# Whether a process has to read the hooks anew: the counter moves with every change.
_COUNTER = "hook"

_HOOK = ", ".join(f.name for f in msgspec.structs.fields(Hook))
_PICK = ", ".join(f"m.{f.name}" for f in msgspec.structs.fields(Hook))
_HOOK_TYPES = """id int, account int, principal int, public_id text, dialect text, channel int, url text, types int,
    number text, secret text, correlator text, state text, failing_since int, created_at int, old_secret text,
    old_until int"""
_WITH_CHANNEL = f"select {_PICK}, coalesce(c.public_id, '')"

_VERSION = statement("select value from counter where name = :name", args="name text")
_TOUCH = statement("update counter set value = value + 1 where name = :name", args="name text")
_INSERT = statement(f"insert into hook ({_HOOK}) select {_HOOK} from {{rows}} r", _HOOK_TYPES)
_ACTIVE = statement(
    f"""select {_PICK} from {{rows}} r cross join hook m
        where m.account = r.account and m.state = 'active' order by m.id""",
    "account int",
)
_SOME = statement(f"select {_PICK} from {{rows}} r cross join hook m where m.id = r.id", "id int")
_STATES = statement("select m.id, m.state from {rows} r cross join hook m where m.id = r.id", "id int")
_COUNT = statement(
    "select count(*) from hook where account = :account and state <> 'canceled'", args="account int"
)
_LIST = statement(
    f"""select {_PICK} from hook m where m.account = :account and m.dialect = :dialect and m.state <> 'canceled'
        order by m.id desc limit 1000""",
    args="account int, dialect text",
)
_OF_DIALECT = statement(
    f"""select {_PICK} from hook m where m.account = :account and m.dialect = :dialect and m.state = 'active'
        order by m.id limit 1""",
    args="account int, dialect text",
)
_ONE = statement(
    f"""select {_PICK} from hook m where m.public_id = :public_id and m.account = :account
        and m.state <> 'canceled'""",
    args="public_id text, account int",
)
_SUBSCRIPTIONS = statement(
    f"""{_WITH_CHANNEL} from hook m left join channel c on c.id = m.channel
        where m.principal = :principal and m.channel <> 0 and m.state <> 'canceled' order by m.id limit 1000""",
    args="principal int",
)
_OF_CHANNEL = statement(
    f"""select {_PICK} from channel c join hook m on m.principal = c.principal
        where c.id = :channel and m.channel = c.id and m.state <> 'canceled' order by m.id limit 1000""",
    args="channel int",
)
_HANGING_ON = statement(
    f"""{_WITH_CHANNEL} from {{rows}} r cross join hook m left join channel c on c.id = m.channel
        where m.principal = r.principal and m.number = r.number and m.channel <> 0 and m.state = 'active'
        order by m.id""",
    "principal int, number text",
)
_REPOINT = statement(
    """update hook set channel = r.channel, url = r.url, secret = r.secret, correlator = r.correlator,
         types = r.types from {rows} r where hook.id = r.id""",
    "id int, channel int, url text, secret text, correlator text, types int",
)
# A hook that is switched on again begins with a clean record.
_CHANGE = statement(
    """update hook set url = r.url, types = r.types, number = r.number, state = r.state, secret = r.secret,
         failing_since = r.failing_since, old_secret = r.old_secret, old_until = r.old_until
       from {rows} r where hook.id = r.id""",
    """id int, url text, types int, number text, state text, secret text, failing_since int, old_secret text,
       old_until int""",
)
_CANCEL = statement(
    "update hook set state = 'canceled' from {rows} r where hook.id = r.key",
    "key int",
)
_DELETE = statement("delete from hook where id in (select id from {rows} r)", "id int")
# What a socket hears goes with its subscription; one that is canceled still hears what was before, and that it is.
_UNROUTE = statement("delete from route where hook in (select id from {rows} r)", "id int")
_LAST_ROUTE = statement(
    "update route set until = (select c.value from counter c where c.name = 'event') from {rows} r where route.hook = r.key",
    "key int",
)
_FAILING = statement(
    "update hook set failing_since = r.at from {rows} r where hook.id = r.key and failing_since = 0",
    "key int, at int",
)
_RECOVERED = statement(
    "update hook set failing_since = 0 from {rows} r where hook.id = r.key and failing_since <> 0", "key int"
)
# `since`: a hook that has only failed from then on, or from earlier, is disabled.
_DISABLE = statement(
    """update hook set state = 'disabled' from {rows} r
       where hook.id = r.key and state = 'active' and failing_since <> 0 and failing_since <= r.since
       returning id, account, public_id""",
    "key int, since int",
)


async def version(engine: Engine) -> int:
    """A number that moves with every change of a hook, in the same transaction."""
    [(value,)] = await engine.read(_VERSION, name=_COUNTER)
    return int(value)


async def touch(unit: Writing) -> None:
    """Tells every process that hooks have changed; each function below that changes one has done so itself."""
    await unit.run(_TOUCH, name=_COUNTER)


async def insert(unit: Writing, new: Hook) -> None:
    """A new hook."""
    await unit.run(_INSERT, [msgspec.structs.astuple(new)])
    await touch(unit)


async def active(engine: Engine, accounts: Iterable[int]) -> list[Hook]:
    """The active hooks of several accounts; an account cannot have more than `readers` lets it."""
    return _hooks(await engine.read(_ACTIVE, [(a,) for a in accounts]))


async def some(engine: Engine, ids: Iterable[int]) -> list[Hook]:
    """Hooks by their identifiers, whatever their state."""
    return _hooks(await engine.read(_SOME, [(i,) for i in ids]))


async def picked(unit: Writing, ids: Iterable[int]) -> dict[int, Hook]:
    """The same inside a transaction."""
    return {hook.id: hook for hook in _hooks(await unit.rows(_SOME, [(i,) for i in ids]))}


async def states(unit: Writing, ids: Iterable[int]) -> dict[int, str]:
    """The state of each hook that exists."""
    return {row[0]: row[1] for row in await unit.rows(_STATES, [(i,) for i in ids])}


async def count(unit: Writing, account: int) -> int:
    """How many hooks an account has, canceled ones apart."""
    [(found,)] = await unit.rows(_COUNT, account=account)
    return int(found)


async def of_account(engine: Engine, account: int, dialect: str) -> list[Hook]:
    """An account's hooks of one dialect, newest first, at most 1,000."""
    return _hooks(await engine.read(_LIST, account=account, dialect=dialect))


async def one(engine: Engine, account: int, public_id: str) -> Hook | None:
    """A hook of an account; a foreign one is missing like an unknown one."""
    found = _hooks(await engine.read(_ONE, public_id=public_id, account=account))
    return found[0] if found else None


async def find(unit: Writing, account: int, public_id: str) -> Hook | None:
    """The same inside a transaction."""
    found = _hooks(await unit.rows(_ONE, public_id=public_id, account=account))
    return found[0] if found else None


async def of_dialect(unit: Writing, account: int, dialect: str) -> Hook | None:
    """The first active hook of a dialect that an account has, inside a transaction."""
    found = _hooks(await unit.rows(_OF_DIALECT, account=account, dialect=dialect))
    return found[0] if found else None


async def subscriptions(engine: Engine, principal: int) -> list[Subscription]:
    """A principal's subscriptions, oldest first, at most 1,000."""
    return _subscriptions(await engine.read(_SUBSCRIPTIONS, principal=principal))


async def of_channel(engine: Engine, channel: int) -> list[Hook]:
    """The subscriptions of one channel."""
    return _hooks(await engine.read(_OF_CHANNEL, channel=channel))


async def hanging_on_channel(unit: Writing, channel: int) -> list[Hook]:
    """The same inside a transaction."""
    return _hooks(await unit.rows(_OF_CHANNEL, channel=channel))


async def hanging_on(unit: Writing, pairs: Sequence[tuple[int, str]]) -> list[Subscription]:
    """The active subscriptions of several (principal, number)."""
    return _subscriptions(await unit.rows(_HANGING_ON, pairs))


async def repoint(unit: Writing, hook: Hook) -> None:
    """Writes a subscription that goes to another channel now."""
    await unit.run(_REPOINT, [(hook.id, hook.channel, hook.url, hook.secret, hook.correlator, hook.types)])
    await touch(unit)


async def change(unit: Writing, hook: Hook) -> None:
    """Writes what may change of a webhook: address, wishes, state and secrets."""
    row = (
        hook.id, hook.url, hook.types, hook.number, hook.state, hook.secret, hook.failing_since, hook.old_secret,
        hook.old_until,
    )  # fmt: skip
    await unit.run(_CHANGE, [row])
    await touch(unit)


async def cancel(unit: Writing, ids: Sequence[int]) -> None:
    """These end, and are kept until they have heard so."""
    await unit.run(_CANCEL, [(i,) for i in ids])
    await unit.run(_LAST_ROUTE, [(i,) for i in ids])
    await touch(unit)


async def delete(unit: Writing, ids: Sequence[int]) -> None:
    """These end at once."""
    await unit.run(_DELETE, [(i,) for i in ids])
    await unit.run(_UNROUTE, [(i,) for i in ids])
    await touch(unit)


async def failing(unit: Writing, rows: Sequence[tuple[int, int]]) -> None:
    """(hook, µs): an attempt has failed; the first one after a success is remembered."""
    await unit.run(_FAILING, rows)


async def recovered(unit: Writing, ids: Iterable[int]) -> None:
    """An attempt at these has succeeded."""
    await unit.run(_RECOVERED, [(i,) for i in ids])


async def disable(unit: Writing, rows: Sequence[tuple[int, int]]) -> list[tuple[int, int, str]]:
    """(hook, since): disables those that have failed at least since then; (id, account, public_id) of them."""
    found = [(row[0], row[1], row[2]) for row in await unit.rows(_DISABLE, rows)]
    if found:
        await touch(unit)
    return sorted(found)


def _hooks(rows: list[Row]) -> list[Hook]:
    return [Hook(*row) for row in rows]


def _subscriptions(rows: list[Row]) -> list[Subscription]:
    return [Subscription(Hook(*row[:-1]), row[-1]) for row in rows]
