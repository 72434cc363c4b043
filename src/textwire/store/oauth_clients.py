"""The shelf of OAuth clients: programs that an account has registered, and that users of any account may let in."""

from typing import Any

import msgspec

from .engines.engine import Engine, Row, statement
from .events import Writing

_COLUMNS = "m.id, m.account, m.public_id, m.secret, m.name, m.kept, m.created_at"
_BY_ID = statement(
    f"select {_COLUMNS} from oauth_client m where m.public_id = :public_id", args="public_id text"
)
_OF_ACCOUNT = statement(
    f"select {_COLUMNS} from oauth_client m where m.account = :account order by m.id limit :most",
    args="account int, most int",
)
_COUNT = statement("select count(*) from oauth_client where account = :account", args="account int")
_INSERT = statement(
    """insert into oauth_client (id, account, public_id, secret, name, kept, created_at)
       select id, account, public_id, secret, name, kept, at from {rows} r""",
    "id int, account int, public_id text, secret text, name text, kept text, at int",
)
_CHANGE = statement(
    "update oauth_client set name = r.name, kept = r.kept from {rows} r where oauth_client.id = r.id",
    "id int, name text, kept text",
)
_REMOVE = statement("delete from oauth_client where id = :id", args="id int")


class Details(msgspec.Struct, frozen=True):
    """What the owner says of a client. A login ends at one of `redirect_uris`, to the letter, or nowhere."""

    name: str
    description: str = ""
    redirect_uris: tuple[str, ...] = ()
    web_origins: tuple[str, ...] = ()
    privacy_url: str = ""
    terms_url: str = ""


class OAuthClient(msgspec.Struct, frozen=True):
    """`public_id` is what the vendor calls clientId; `secret` is sealed. Times in µs, real clock."""

    id: int
    account: int
    public_id: str
    secret: str
    details: Details
    created_at: int


async def by_id(engine: Engine, public_id: str) -> OAuthClient | None:
    """A client of whichever account: whoever logs in through it belongs to another one, perhaps."""
    if "\0" in public_id:  # a name of Basic may hold one, of which PostgreSQL does not even want to hear
        return None
    return _one(await engine.read(_BY_ID, public_id=public_id))


async def of_account(engine: Engine, account: int, most: int) -> list[OAuthClient]:
    """An account's clients, the oldest first."""
    return [_client(row) for row in await engine.read(_OF_ACCOUNT, account=account, most=most)]


async def found(unit: Writing, public_id: str) -> OAuthClient | None:
    """A client, inside a transaction."""
    return _one(await unit.rows(_BY_ID, public_id=public_id))


async def count(unit: Writing, account: int) -> int:
    """How many clients an account has."""
    return int((await unit.rows(_COUNT, account=account))[0][0])


async def insert(unit: Writing, new: OAuthClient) -> None:
    """A new client."""
    row = (
        new.id,
        new.account,
        new.public_id,
        new.secret,
        new.details.name,
        _kept(new.details),
        new.created_at,
    )
    await unit.run(_INSERT, [row])


async def change(unit: Writing, key: int, details: Details) -> None:
    """Says something else of a client; its secret stays."""
    await unit.run(_CHANGE, [(key, details.name, _kept(details))])


async def remove(unit: Writing, key: int) -> None:
    """It is none any more."""
    await unit.run(_REMOVE, id=key)


def _kept(details: Details) -> str:
    told: dict[str, Any] = msgspec.to_builtins(details)
    del told["name"]
    return msgspec.json.encode(told).decode()


def _one(rows: list[Row]) -> OAuthClient | None:
    return _client(rows[0]) if rows else None


def _client(row: Row) -> OAuthClient:
    key, account, public_id, secret, name, kept, at = row
    told = {**msgspec.json.decode(kept), "name": name}
    return OAuthClient(key, account, public_id, secret, msgspec.convert(told, Details), at)
