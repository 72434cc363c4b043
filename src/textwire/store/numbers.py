"""The shelf of numbers, their assignment to principals, and verified senders."""

from collections.abc import Iterable, Sequence

from msgspec.structs import astuple

from textwire.domain.number import Assignment, Number

from .engines.engine import Again, Engine, statement
from .events import Writing

_COLUMNS = "number, account, country, created_at, type, features, monthly, state, due_at, paid_until, label, settings"
_INSERT_TEXT = f"insert into number ({_COLUMNS}) select {_COLUMNS} from {{rows}} r"
_TYPED = (
    "number text, account int, country text, created_at int, type text, features text, monthly int, state text, "
    "due_at int, paid_until int, label text, settings text"
)
_INSERT = statement(_INSERT_TEXT, _TYPED)
_TAKE = statement(f"{_INSERT_TEXT} where true on conflict (number) do nothing returning number", _TYPED)
_CHANGE = statement(
    "update number set label = r.label, settings = r.settings from {rows} r where number.number = r.number",
    "number text, label text, settings text",
)
_COUNT = statement(
    "select m.number from number m where m.account = :account order by m.number limit :most",
    args="account int, most int",
)
_OWNERS = statement(
    """select m.number, m.account, coalesce(
         (select a.principal from assignment a where a.number = m.number order by a.is_default desc, a.principal
          limit 1), 0)
       from {rows} r cross join number m where m.number = r.number""",
    "number text",
)
_OWNED = statement(
    "select m.number from {rows} r cross join number m where m.number = r.number", "number text"
)
# What may be sent from: a number whose rent is owed for too long is its owner's, but no sender.
_SENDING = statement(
    """select m.number, m.account from {rows} r cross join number m
       where m.number = r.number and m.state <> 'suspended'""",
    "number text",
)
_OF_ACCOUNT = statement(
    f"""select {_COLUMNS} from number
       where account = :account order by number limit 1000""",
    args="account int",
)
_ONE = statement(
    f"select {_COLUMNS} from number where number = :number and account = :account",
    args="number text, account int",
)
_ASSIGNMENTS_OF_ACCOUNT = statement(
    """select a.number, a.principal, a.is_default from number n join assignment a on a.number = n.number
       where n.account = :account order by a.number, a.principal limit 10000""",
    args="account int",
)
_ASSIGNMENTS_OF_NUMBER = statement(
    """select m.number, m.principal, m.is_default from assignment m where m.number = :number
       order by m.principal limit 1000""",
    args="number text",
)
_OF_PRINCIPAL = statement(
    """select m.number from assignment m where m.principal = :principal
       order by m.is_default desc, m.number limit :most""",
    args="principal int, most int",
)
_DEFAULT = statement(
    "select m.number from assignment m where m.principal = :principal and m.is_default = 1",
    args="principal int",
)
_ASSIGNED = statement(
    """select m.principal, m.number, m.is_default from {rows} r cross join assignment m
       where m.principal = r.principal and m.number = r.number""",
    "principal int, number text",
)
_SENDABLE = statement(
    """select m.principal, m.number, m.is_default from {rows} r cross join assignment m
       where m.principal = r.principal and m.number = r.number and m.suspended = 0""",
    "principal int, number text",
)
_DEFAULTS = statement(
    """select m.principal, m.number from {rows} r cross join assignment m
       where m.principal = r.principal and m.is_default = 1 and m.suspended = 0""",
    "principal int",
)
_ASSIGN = statement(
    """insert into assignment (number, principal, is_default, suspended)
       select r.number, r.principal, r.is_default, case when n.state = 'suspended' then 1 else 0 end
       from {rows} r left join number n on n.number = r.number
       where true on conflict (principal, number) do update set is_default = excluded.is_default""",
    "number text, principal int, is_default int",
)
_CLEAR_DEFAULT = statement(
    "update assignment set is_default = 0 from {rows} r where assignment.principal = r.principal",
    "principal int",
)
_UNASSIGN = statement(
    """delete from assignment where (principal, number) in (select principal, number from {rows} r)""",
    "principal int, number text",
)
_SUSPEND = statement(
    "update assignment set suspended = r.suspended from {rows} r where assignment.number = r.number",
    "number text, suspended int",
)
_DELETE = statement("delete from number where number in (select number from {rows} r)", "number text")
_HOLDERS = statement(
    """select m.number, m.principal, m.is_default from {rows} r cross join assignment m
       where m.number = r.number order by m.principal""",
    "number text",
)
_VERIFIED = statement(
    """select m.account, m.address from {rows} r cross join sender m
       where m.account = r.account and m.address = r.address""",
    "account int, address text",
)
Pair = tuple[int, str]


async def insert(unit: Writing, numbers: Sequence[Number]) -> None:
    """Numbers that an account now owns."""
    await unit.run(_INSERT, [astuple(n) for n in numbers])


async def take(unit: Writing, new: Number) -> None:
    """A number that an account now owns; raises Again when another node has given it away meanwhile."""
    if not await unit.rows(_TAKE, [astuple(new)]):
        raise Again("a number was taken on another node")


async def change(unit: Writing, number: Number) -> None:
    """Keeps a number's label and settings."""
    await unit.run(_CHANGE, [(number.number, number.label, number.settings)])


async def count(unit: Writing, account: int, most: int) -> int:
    """How many numbers an account has, counted up to `most`."""
    return len(await unit.rows(_COUNT, account=account, most=most))


async def held(unit: Writing, account: int, number: str) -> Number | None:
    """A number of an account, inside a transaction."""
    rows = await unit.rows(_ONE, number=number, account=account)
    return Number(*rows[0]) if rows else None


async def sending(unit: Writing, numbers: Iterable[str]) -> dict[str, tuple[int, int]]:
    """(account, 0) of those owned numbers from which something may be sent."""
    return {row[0]: (row[1], 0) for row in await unit.rows(_SENDING, [(n,) for n in set(numbers)])}


async def owners(reading: Writing, numbers: Iterable[str]) -> dict[str, tuple[int, int]]:
    """(account, principal or 0) of those numbers that somebody owns."""
    rows = await reading.rows(_OWNERS, [(n,) for n in set(numbers)])
    return {row[0]: (row[1], row[2]) for row in rows}


async def owned(engine: Engine, numbers: Iterable[str]) -> set[str]:
    """Which of these numbers belong to an account of this server."""
    return {row[0] for row in await engine.read(_OWNED, [(n,) for n in set(numbers)])}


async def of_account(engine: Engine, account: int) -> list[Number]:
    """The numbers of an account, at most 1,000."""
    return [Number(*row) for row in await engine.read(_OF_ACCOUNT, account=account)]


async def one(engine: Engine, account: int, number: str) -> Number | None:
    """A number of an account; a foreign one is missing like an unknown one."""
    rows = await engine.read(_ONE, number=number, account=account)
    return Number(*rows[0]) if rows else None


async def assignments(engine: Engine, account: int) -> list[Assignment]:
    """Who of an account may use which number."""
    return [Assignment(*row) for row in await engine.read(_ASSIGNMENTS_OF_ACCOUNT, account=account)]


async def assignments_of(engine: Engine, number: str) -> list[Assignment]:
    """Who may use a number."""
    return [Assignment(*row) for row in await engine.read(_ASSIGNMENTS_OF_NUMBER, number=number)]


async def of_principal(engine: Engine, principal: int, limit: int) -> list[str]:
    """The numbers assigned to a principal, its default first."""
    return [row[0] for row in await engine.read(_OF_PRINCIPAL, principal=principal, most=limit)]


async def default(engine: Engine, principal: int) -> str:
    """The default number of a principal, whether it may send from it or not; "": it has none."""
    rows = await engine.read(_DEFAULT, principal=principal)
    return str(rows[0][0]) if rows else ""


async def is_assigned(engine: Engine, principal: int, number: str) -> bool:
    """Whether a number is one of a principal's."""
    return bool(await engine.read(_ASSIGNED, [(principal, number)]))


async def assigned(unit: Writing, pairs: Iterable[Pair]) -> dict[Pair, int]:
    """Those (principal, number) that are assigned → whether it is the default."""
    return {(p, n): d for p, n, d in await unit.rows(_ASSIGNED, list(set(pairs)))}


async def sendable(unit: Writing, pairs: Iterable[Pair]) -> dict[Pair, int]:
    """Like `assigned`, without the numbers that are suspended."""
    return {(p, n): d for p, n, d in await unit.rows(_SENDABLE, list(set(pairs)))}


async def defaults(unit: Writing, principals: Iterable[int]) -> dict[int, str]:
    """The default number of each principal that has one and may send from it."""
    return dict(await unit.rows(_DEFAULTS, [(p,) for p in set(principals)]))


async def assign(unit: Writing, new: Assignment) -> None:
    """Lets a principal use a number; a new default replaces the old one."""
    if new.is_default:
        await unit.run(_CLEAR_DEFAULT, [(new.principal,)])
    await unit.run(_ASSIGN, [(new.number, new.principal, new.is_default)])


async def unassign(unit: Writing, pairs: Sequence[Pair]) -> None:
    """Takes numbers from principals."""
    await unit.run(_UNASSIGN, pairs)


async def suspend(unit: Writing, numbers: Sequence[tuple[str, int]]) -> None:
    """(number, 1 or 0): whether those who may use a number may send from it no more, or again."""
    await unit.run(_SUSPEND, numbers)


async def holders(unit: Writing, number: str) -> list[Assignment]:
    """To whom a number is assigned."""
    return [Assignment(*row) for row in await unit.rows(_HOLDERS, [(number,)])]


async def delete(unit: Writing, number: str) -> None:
    """The number is nobody's any more; whoever calls has taken it from its principals."""
    await unit.run(_DELETE, [(number,)])


async def verified(unit: Writing, pairs: Iterable[Pair]) -> set[Pair]:
    """Those (account, address) whose ownership was proved."""
    return {(row[0], row[1]) for row in await unit.rows(_VERIFIED, list(set(pairs)))}
