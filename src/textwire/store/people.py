"""The shelf of the people of an account: its users, projects and keys with what proves them."""

from collections.abc import Iterable, Sequence

import msgspec

from textwire.domain.account import SCOPES, NewCredential, Principal, PrincipalKind

from .engines.engine import Engine, Row, statement
from .events import Writing

_PAGE = statement(
    """select id, account, kind, public_id, coalesce(email, ''), name, created_at from principal
       where account = :account and kind = :kind and id < :before order by id desc limit :most""",
    args="account int, kind text, before int, most int",
)
_ONE = statement(
    """select id, account, kind, public_id, coalesce(email, ''), name, created_at from principal
       where public_id = :public_id and account = :account and kind = :kind""",
    args="public_id text, account int, kind text",
)
_FIRST = statement(
    """select id, account, kind, public_id, coalesce(email, ''), name from principal
       where account = :account and kind = :kind order by id limit 1""",
    args="account int, kind text",
)
_COUNT = statement(
    "select count(*) from principal where account = :account and kind = :kind", args="account int, kind text"
)
_PROOFS = statement(
    """select m.principal, m.kind, m.lookup, m.scopes, m.expires_at, m.used_at from {rows} r
       cross join credential m where m.principal = r.principal order by m.id""",
    "principal int",
)
_DEFAULTS = statement(
    """select m.principal, m.number from {rows} r cross join assignment m
       where m.principal = r.principal and m.is_default = 1""",
    "principal int",
)
_HELD = statement(
    "select number from assignment where principal = :principal order by number limit 10000",
    args="principal int",
)
_EMAIL = statement("select id from principal where email = :email", args="email text")
_CHANGE = statement(
    "update principal set email = nullif(r.email, ''), name = r.name from {rows} r where principal.id = r.key",
    "key int, email text, name text",
)
_INSERT = statement(
    """insert into credential (id, principal, kind, lookup, hash, scopes, expires_at, name, created_at)
       select id, principal, kind, lookup, hash, scopes, expires_at, name, at from {rows} r""",
    "id int, principal int, kind text, lookup text, hash text, scopes text, expires_at int, name text, at int",
)
_TAKE_AWAY = statement(
    "delete from credential where principal = :principal and kind = :kind", args="principal int, kind text"
)
_RENAME = statement(
    "update credential set lookup = :lookup where principal = :principal and kind = :kind",
    args="lookup text, principal int, kind text",
)
_ALLOW = statement(
    "update credential set scopes = :scopes where principal = :principal and kind = :kind",
    args="scopes text, principal int, kind text",
)
_SECRETS = statement(
    """select m.id, m.kind, m.created_at from {rows} r cross join credential m
       where m.principal = r.principal and m.kind = r.kind order by m.id""",
    "principal int, kind text",
)
_USED = statement(
    """update credential set used_at = r.at from {rows} r where credential.id = r.key and used_at < r.at""",
    "key int, at int",
)
_FORGET_CREDENTIALS = statement("delete from credential where principal = :principal", args="principal int")
_FORGET_CHANNELS = statement("delete from channel where principal = :principal", args="principal int")
_FORGET = statement("delete from principal where id = :principal", args="principal int")


class Proof(msgspec.Struct, frozen=True):
    """What is shown of a credential. `used_at` 0: never, else µs of its last use, to about a minute."""

    kind: str
    lookup: str
    scopes: str
    expires_at: int
    used_at: int


class Secret(msgspec.Struct, frozen=True):
    """That there is a secret; `created_at` is µs on the real clock."""

    id: int
    kind: str
    created_at: int


class Person(msgspec.Struct, frozen=True):
    """A principal with its credentials and its default number ("": none)."""

    principal: Principal
    created_at: int
    proofs: tuple[Proof, ...] = ()
    number: str = ""

    def proof(self, kind: str) -> Proof | None:
        """Its credential of a kind."""
        return next((proof for proof in self.proofs if proof.kind == kind), None)

    @property
    def scopes(self) -> frozenset[str]:
        """What its credentials allow, all together; a vendor's own scopes are words of its door alone."""
        return frozenset(scope for proof in self.proofs for scope in proof.scopes.split() if scope in SCOPES)


async def page(engine: Engine, account: int, kind: PrincipalKind, before: int, limit: int) -> list[Person]:
    """An account's principals of a kind, newest first."""
    rows = await engine.read(_PAGE, account=account, kind=kind, before=before, most=limit)
    keys = [(row[0],) for row in rows]
    if not keys:
        return []
    return _people(rows, await engine.read(_PROOFS, keys), await engine.read(_DEFAULTS, keys))


async def one(engine: Engine, account: int, kind: PrincipalKind, public_id: str) -> Person | None:
    """A principal of an account; a foreign one is missing like an unknown one."""
    rows = await engine.read(_ONE, public_id=public_id, account=account, kind=kind)
    keys = [(row[0],) for row in rows]
    if not keys:
        return None
    return _people(rows, await engine.read(_PROOFS, keys), await engine.read(_DEFAULTS, keys))[0]


async def find(unit: Writing, account: int, kind: PrincipalKind, public_id: str) -> Person | None:
    """The same inside a transaction."""
    rows = await unit.rows(_ONE, public_id=public_id, account=account, kind=kind)
    keys = [(row[0],) for row in rows]
    if not keys:
        return None
    return _people(rows, await unit.rows(_PROOFS, keys), await unit.rows(_DEFAULTS, keys))[0]


async def first(engine: Engine, account: int, kind: PrincipalKind) -> Principal | None:
    """An account's oldest principal of a kind."""
    rows = await engine.read(_FIRST, account=account, kind=kind)
    return Principal(*rows[0]) if rows else None


async def find_first(unit: Writing, account: int, kind: PrincipalKind) -> Principal | None:
    """The same inside a transaction."""
    rows = await unit.rows(_FIRST, account=account, kind=kind)
    return Principal(*rows[0]) if rows else None


async def count(unit: Writing, account: int, kind: PrincipalKind) -> int:
    """How many principals of a kind an account has."""
    [(found,)] = await unit.rows(_COUNT, account=account, kind=kind)
    return int(found)


async def holder_of(unit: Writing, email: str) -> int:
    """Whose e-mail address this is, 0: nobody's."""
    rows = await unit.rows(_EMAIL, email=email)
    return rows[0][0] if rows else 0


async def held(unit: Writing, principal: int) -> list[str]:
    """The numbers assigned to a principal."""
    return [row[0] for row in await unit.rows(_HELD, principal=principal)]


async def change(unit: Writing, principal: int, email: str, name: str) -> None:
    """Gives a principal this address and name."""
    await unit.run(_CHANGE, [(principal, email, name)])


async def equip(unit: Writing, rows: Sequence[tuple[int, int, NewCredential]], at: int) -> None:
    """(identifier, principal, credential): new credentials."""
    await unit.run(
        _INSERT,
        [
            (key, owner, c.kind, c.lookup, c.hash, c.scopes, c.expires_at, c.name, at)
            for key, owner, c in rows
        ],
    )


async def take_away(unit: Writing, principal: int, kind: str) -> None:
    """A principal has no credential of this kind any more."""
    await unit.run(_TAKE_AWAY, principal=principal, kind=kind)


async def rename(unit: Writing, principal: int, kind: str, lookup: str) -> None:
    """A principal's credential of this kind is found by another lookup."""
    await unit.run(_RENAME, principal=principal, kind=kind, lookup=lookup)


async def allow(unit: Writing, principal: int, kind: str, scopes: str) -> None:
    """A principal's credential of this kind allows this."""
    await unit.run(_ALLOW, principal=principal, kind=kind, scopes=scopes)


async def secrets(engine: Engine, principal: int, kinds: Iterable[str]) -> list[Secret]:
    """A principal's credentials of these kinds, the oldest first."""
    return [Secret(*row) for row in await engine.read(_SECRETS, [(principal, kind) for kind in kinds])]


async def own_secrets(unit: Writing, principal: int, kinds: Iterable[str]) -> list[Secret]:
    """The same inside a transaction."""
    return [Secret(*row) for row in await unit.rows(_SECRETS, [(principal, kind) for kind in kinds])]


async def used(unit: Writing, rows: Iterable[tuple[int, int]]) -> None:
    """(credential, µs): when it was last used."""
    await unit.run(_USED, sorted(rows))


async def forget(unit: Writing, principal: int) -> None:
    """A principal with its credentials and channels; whoever calls has taken its numbers."""
    await unit.run(_FORGET_CREDENTIALS, principal=principal)
    await unit.run(_FORGET_CHANNELS, principal=principal)
    await unit.run(_FORGET, principal=principal)


def _people(rows: list[Row], proofs: list[Row], defaults: list[Row]) -> list[Person]:
    numbers = {row[0]: row[1] for row in defaults}
    found: dict[int, list[Proof]] = {}
    for owner, *proof in proofs:
        found.setdefault(owner, []).append(Proof(*proof))
    return [
        Person(Principal(*row[:-1]), row[-1], tuple(found.get(row[0], ())), numbers.get(row[0], ""))
        for row in rows
    ]
