"""The shelf of logins: what a user has let a client do, the code that opens it, and which tokens of it count now."""

import msgspec
from msgspec.structs import astuple

from textwire.domain.account import Principal

from .engines.engine import Engine, Row, statement
from .events import Writing

_NAMES = "id, session, principal, credential, client, scopes, code, asked, pair, auth_at, until"
_COLUMNS = ", ".join(f"m.{name}" for name in _NAMES.split(", "))
_TYPES = """id int, session text, principal int, credential int, client text, scopes text, code text, asked text, pair text, auth_at int,
 until int""".replace("\n", "")
_INSERT = statement(f"insert into login ({_NAMES}) select {_NAMES} from {{rows}} r", _TYPES)
_LOCKED = statement(
    f"select {_COLUMNS} from {{rows}} r cross join login m where m.session = r.session {{lock}}",
    "session text",
)
_BY_CODE = statement(
    f"""select {_COLUMNS} from {{rows}} r cross join login m where m.code = r.code and m.code <> ''
        {{lock}}""",
    "code text",
)
_MOVE = statement(
    "update login set pair = r.pair, until = r.until from {rows} r where login.id = r.id",
    "id int, pair text, until int",
)
_END = statement("delete from login where session = :session", args="session text")
_END_CLIENT = statement("delete from login where client = :client", args="client text")
_TRIM = statement(
    """delete from login where id in (select m.id from login m where m.client = :client
       and m.principal = :principal order by m.id desc limit 1000 offset :most)""",
    args="client text, principal int, most int",
)
_OVER = statement(
    "select m.id from login m where m.until <= :now order by m.until limit :most", args="now int, most int"
)
_DELETE = statement("delete from login where id in (select id from {rows} r)", "id int")
_STANDING = statement(
    f"""select {_COLUMNS}, p.id, p.account, p.kind, p.public_id, coalesce(p.email, ''), p.name, c.expires_at,
          (select count(*) from oauth_client k where k.public_id = m.client)
        from login m join credential c on c.id = m.credential and c.principal = m.principal
        join principal p on p.id = m.principal where m.session = :session""",
    args="session text",
)


class Login(msgspec.Struct, frozen=True):
    """One chain of tokens, columns in order. `code` is a digest; `asked` is the facade's own (JSON).

    `pair` names the tokens that count now, "": none were given out yet. Times in µs, real clock.
    """

    id: int
    session: str
    principal: int
    credential: int
    client: str
    scopes: str
    code: str
    asked: str
    pair: str
    auth_at: int
    until: int


class Standing(msgspec.Struct, frozen=True):
    """A login whose user and password are still there. `registered`: its client is one that an account has made."""

    login: Login
    user: Principal
    registered: bool


async def standing(engine: Engine, session: str, now: int) -> Standing | None:
    """The login of a session, if it is not over and what proved its user still does."""
    rows = await engine.read(_STANDING, session=session)
    if not rows:
        return None
    login, user, (over, clients) = Login(*rows[0][:11]), Principal(*rows[0][11:17]), rows[0][17:]
    if login.until <= now or 0 < over <= now:
        return None
    return Standing(login, user, bool(clients))


async def insert(unit: Writing, new: Login) -> None:
    """A new login."""
    await unit.run(_INSERT, [astuple(new)])


async def locked(unit: Writing, session: str) -> Login | None:
    """The login of a session, locked."""
    return _one(await unit.rows(_LOCKED, [(session,)]))


async def by_code(unit: Writing, digest: str) -> Login | None:
    """The login that a code opens, or has opened, locked."""
    return _one(await unit.rows(_BY_CODE, [(digest,)]))


async def move(unit: Writing, login: Login, pair: str, until: int) -> None:
    """Other tokens count from now on."""
    await unit.run(_MOVE, [(login.id, pair, until)])


async def end(unit: Writing, session: str) -> None:
    """Nothing of it counts any more."""
    await unit.run(_END, session=session)


async def end_client(unit: Writing, client: str) -> None:
    """Nothing counts that was given to a client."""
    await unit.run(_END_CLIENT, client=client)


async def trim(unit: Writing, client: str, principal: int, most: int) -> None:
    """Of a user's logins through a client the newest stay."""
    await unit.run(_TRIM, client=client, principal=principal, most=most)


async def purge(unit: Writing, now: int, most: int) -> int:
    """Forgets what is over; how many that were."""
    over = await unit.rows(_OVER, now=now, most=most)
    await unit.run(_DELETE, over)
    return len(over)


def _one(rows: list[Row]) -> Login | None:
    return Login(*rows[0]) if rows else None
