"""The shelf of events as a stream: what an account, or the whole house, was told from a number on."""

from textwire.domain.event import Event

from .engines.engine import Engine, statement

_HEAD = statement("select value from counter where name = 'event'")
_OF_ACCOUNT = statement(
    """select m.number, m.account, m.type, m.subject, m.sequence, m.state, m.at, m.data, m.segment, m.hook
       from event m where m.account = :account and m.number > :after order by m.number limit :most""",
    args="account int, after int, most int",
)
_OF_ALL = statement(
    """select m.number, m.account, m.type, m.subject, m.sequence, m.state, m.at, m.data, m.segment, m.hook
       from event m where m.number > :after and m.number < :before order by m.number limit :most""",
    args="after int, before int, most int",
)
_EARLIER = statement(
    "select m.number from event m where m.account = :account order by m.number desc limit 1 offset :most",
    args="account int, most int",
)
_EXISTS = statement("select m.number from event m where m.number = :after", args="after int")


async def head(engine: Engine) -> int:
    """The number of the latest event that is committed; 0 before the first."""
    [(value,)] = await engine.read(_HEAD)
    return int(value)


async def of_account(engine: Engine, account: int, after: int, most: int) -> list[Event]:
    """An account's events behind a number, in order."""
    return [Event(*row) for row in await engine.read(_OF_ACCOUNT, account=account, after=after, most=most)]


async def of_all(engine: Engine, after: int, before: int, most: int) -> list[Event]:
    """Everybody's events between two numbers, in order."""
    return [Event(*row) for row in await engine.read(_OF_ALL, after=after, before=before, most=most)]


async def beyond(engine: Engine, account: int, most: int) -> int:
    """The number behind which the account has `most` events; 0: it has no more than that."""
    rows = await engine.read(_EARLIER, account=account, most=most)
    return int(rows[0][0]) if rows else 0


async def exists(engine: Engine, number: int) -> bool:
    """Whether an event is still on the shelf, whosever it is."""
    return bool(await engine.read(_EXISTS, after=number))
