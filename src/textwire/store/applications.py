"""The shelf of applications: their keys, where they hear of things, and which numbers are theirs."""

from typing import Final

from textwire.domain.application import Application, Places

from .engines.engine import Engine, Row, statement
from .events import Writing

KIND: Final = "application"  # of principal and credential

_COLUMNS = """m.id, m.public_id, m.name, m.created_at, coalesce(c.hash, ''), coalesce(a.inbound_url, ''),
         coalesce(a.status_url, ''), coalesce(a.kept, '{}')"""
_JOINED = """from principal m
         left join credential c on c.principal = m.id and c.kind = 'application'
         left join application a on a.id = m.id"""
# An account has a thousand at most, so that skipping is cheap.
_LEAF = statement(
    f"""select {_COLUMNS} {_JOINED} where m.account = :account and m.kind = 'application'
       order by m.id limit :most offset :skip""",
    args="account int, most int, skip int",
)
_ONE = statement(
    f"""select {_COLUMNS} {_JOINED}
       where m.public_id = :public_id and m.account = :account and m.kind = 'application'""",
    args="public_id text, account int",
)
_OF_PRINCIPAL = statement(
    f"select {_COLUMNS} {_JOINED} where m.id = :id and m.account = :account and m.kind = 'application'",
    args="id int, account int",
)
_OF_NUMBER = statement(
    f"""select {_COLUMNS} {_JOINED} join assignment s on s.principal = m.id
       where s.number = :number and m.account = :account and m.kind = 'application' limit 1""",
    args="number text, account int",
)
_COUNT = statement(
    "select count(*) from principal m where m.account = :account and m.kind = 'application'",
    args="account int",
)
_PUT = statement(
    """insert into application (id, inbound_url, status_url, kept)
       select key, inbound_url, status_url, kept from {rows} r where true
       on conflict (id) do update set inbound_url = excluded.inbound_url, status_url = excluded.status_url,
         kept = excluded.kept""",
    "key int, inbound_url text, status_url text, kept text",
)
_FORGET = statement("delete from application where id = :id", args="id int")
_LINKED = statement(
    """select a.number, m.public_id from principal m join assignment a on a.principal = m.id
       where m.account = :account and m.kind = 'application' limit 10000""",
    args="account int",
)


async def leaf(engine: Engine, account: int, skip: int, limit: int) -> list[Application]:
    """A page of an account's applications, the first one made first."""
    return [_application(row) for row in await engine.read(_LEAF, account=account, skip=skip, most=limit)]


async def count(engine: Engine, account: int) -> int:
    """How many applications an account has."""
    return int((await engine.read(_COUNT, account=account))[0][0])


async def one(engine: Engine, account: int, public_id: str) -> Application | None:
    """An application of an account; a foreign one is missing like an unknown one."""
    rows = await engine.read(_ONE, public_id=public_id, account=account)
    return _application(rows[0]) if rows else None


async def find(unit: Writing, account: int, public_id: str) -> Application | None:
    """The same inside a transaction."""
    rows = await unit.rows(_ONE, public_id=public_id, account=account)
    return _application(rows[0]) if rows else None


async def of_principal(engine: Engine, account: int, principal: int) -> Application | None:
    """The application that a principal of an account is, if it is one."""
    rows = await engine.read(_OF_PRINCIPAL, id=principal, account=account)
    return _application(rows[0]) if rows else None


async def of_number(engine: Engine, account: int, number: str) -> Application | None:
    """The application of an account that a number is assigned to."""
    rows = await engine.read(_OF_NUMBER, number=number, account=account)
    return _application(rows[0]) if rows else None


async def linked(engine: Engine, account: int) -> dict[str, str]:
    """Number → public identifier of the application that it is assigned to."""
    return {row[0]: row[1] for row in await engine.read(_LINKED, account=account)}


async def put(unit: Writing, application: int, places: Places) -> None:
    """Keeps where an application hears of things."""
    await unit.run(_PUT, [(application, places.inbound_url, places.status_url, places.kept)])


async def forget(unit: Writing, application: int) -> None:
    """Nothing is left of it but its principal, which whoever calls takes away."""
    await unit.run(_FORGET, id=application)


def _application(row: Row) -> Application:
    key, public_id, name, created_at, pem, *places = row
    return Application(key, public_id, name, created_at, pem, Places(*places))
