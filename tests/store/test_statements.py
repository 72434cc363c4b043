"""Every statement of the store finds its rows by an index, on both engines, however much is kept."""

import importlib
import pkgutil
import re

import apsw
import asyncpg
import pytest

import textwire.store
from textwire.store import outbox
from textwire.store.engines import postgres, sqlite
from textwire.store.engines.engine import Statement
from textwire.store.migrator import migrations

from .house import running

# Tables that grow with traffic. The others grow with customers, and are read by key all the same.
GROWING = {
    "message", "segment", "receipt", "part", "event", "outbox", "ledger", "idempotency", "opt_out", "delivery", "attempt",
    "rent", "code",
    "conversation", "filed", "read_mark", "trial_message", "batch", "batch_item",
    "audit", "history_mark",
    "auto_answer", "lingering", "erasure",
    "letter", "login", "conversion", "rejection", "exchange", "workflow", "telling",
}  # fmt: skip

# SQLite reads these from end to end, and may.
READ_WHOLE = {
    ("accounts", "_PRICES"): {"price"},  # the price table is read whole, and kept in memory
    ("nodes", "_BURY"): {
        "node",
        "outbox",
    },  # a handful of processes; the outbox only when one of them is dead
    ("boxes", "_ACCOUNTS"): {"a"},  # what it has found itself
    ("outbox", "_ORPHANS"): {"node"},  # a handful of processes
    # a slice of an index, which is cut off before it is read
    ("queues", "_DEPTH"): {"waiting"},
    ("listing", "_REF_PAGE"): {"r"}, ("listing", "_REF_TEXTS"): {"r"},
    ("listing", "_BATCH_PAGE"): {"r"}, ("listing", "_BATCH_TEXTS"): {"r"},
}  # fmt: skip
# These sort what they have found before they cut it off.
SORTED = {
    ("outbox", "_ORPHANS"),  # only when a process is dead
    # what an index has given in order and cut off already: a slice
    ("listing", "_REF_PAGE"), ("listing", "_REF_TEXTS"), ("listing", "_BATCH_PAGE"), ("listing", "_BATCH_TEXTS"),
}  # fmt: skip


def statements() -> dict[tuple[str, str], Statement]:
    """(module, name) → statement, of all modules of the store."""
    found = {}
    for module in pkgutil.iter_modules(textwire.store.__path__):
        for name, value in vars(importlib.import_module(f"textwire.store.{module.name}")).items():
            if isinstance(value, Statement):
                found[module.name, name] = value
    return found


ALL = statements()
NAMES = list(ALL)


@pytest.fixture(scope="module")
def schema() -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    for _, script in migrations(0, sqlite.WORDS):
        connection.execute(script)
    return connection


def plan(schema: apsw.Connection, statement: Statement) -> list[str]:
    """SQLite's query plan, line by line."""
    args = {name: 0 for name, _ in statement.args} | {"rows": "[]"}
    return [str(row[3]) for row in schema.execute("explain query plan " + sqlite.render(statement), args)]


def scanned(plan: list[str], statement: Statement) -> set[str]:
    """The tables that a plan reads from end to end; an alias stands for its table."""
    names = {match[1] for line in plan if (match := re.match(r"SCAN (\w+)", line))} - {"json_each"}
    pairs = re.findall(r"(?:from|join)\s+(\w+)\s+([a-z])\b", statement.text)
    aliases = {alias: table for table, alias in pairs}
    return {aliases.get(name, name) for name in names}


def test_the_store_has_statements() -> None:
    assert len(ALL) > 50
    assert {module for module, _ in ALL} >= {
        "accounts",
        "messages",
        "numbers",
        "outbox",
        "events",
        "receipts",
    }


@pytest.mark.parametrize("name", NAMES, ids=".".join)
def test_sqlite_finds_rows_by_an_index(schema: apsw.Connection, name: tuple[str, str]) -> None:
    found = plan(schema, ALL[name])
    assert found
    assert scanned(found, ALL[name]) == READ_WHOLE.get(name, set()), found


@pytest.mark.parametrize("name", [n for n in NAMES if " limit " in ALL[n].text], ids=".".join)
def test_what_stops_early_stops_at_an_index(schema: apsw.Connection, name: tuple[str, str]) -> None:
    """Without one, a page or a claim would find and sort everything first."""
    tables = set(re.findall(r"(?:from|join)\s+(\w+)", ALL[name].text))
    if tables & GROWING:
        sorts = any("TEMP B-TREE" in line for line in plan(schema, ALL[name]))
        assert sorts is (name in SORTED)


def test_the_plan_test_can_fail(schema: apsw.Connection) -> None:
    bad = Statement(
        "select m.id from message m where m.recipient = :at order by m.updated_at limit 5",
        (),
        (("at", "text"),),
    )
    found = plan(schema, bad)
    assert scanned(found, bad) == {"message"}
    assert any("TEMP B-TREE" in line for line in found)


@pytest.mark.parametrize("name", NAMES, ids=".".join)
def test_what_a_statement_is_given_is_what_it_names(name: tuple[str, str]) -> None:
    """An argument that the text forgets would be bound to nothing on one engine and fail on the other."""
    statement = ALL[name]
    assert set(re.findall(r"(?<!:):([a-z_]+)\b", statement.text)) == {arg for arg, _ in statement.args}
    assert ("{rows}" in statement.text) is bool(statement.columns)
    for column, _ in statement.columns:
        assert re.search(rf"\b{column}\b", statement.text), column


def test_growing_tables_are_all_in_the_schema(schema: apsw.Connection) -> None:
    tables = {row[0] for row in schema.execute("select name from sqlite_master where type = 'table'")}
    assert tables >= GROWING


# --- PostgreSQL plans by what it has counted, so it has to be given something to count.

SOME, DUE = 30_000, 120_000
FILL = f"""
set synchronous_commit = off;
insert into message (id, account, principal, direction, state, sender, recipient, text, encoding, total, carrier,
    ref, created_at, updated_at)
  select i << 22, i % 50, 1, 'out', 'sent', '+1', '+2', 'some text', 'gsm7', 1, 'x', 'ref' || i, i, i
  from generate_series(1, {SOME}::bigint) i;
insert into segment (id, message, n, state, carrier, ref)
  select i << 22, i << 22, 1, 'sent', 'x', 'ref' || i from generate_series(1, {SOME}::bigint) i;
insert into receipt (id, segment, carrier, ref, state, at)
  select i, case when i % 9 = 0 then 0 else i << 22 end, 'x', 'ref' || i, 'delivered', i
  from generate_series(1, {SOME}::bigint) i;
insert into part (id, carrier, sender, recipient, reference, total, n, text, at)
  select i, 'x', 'ref' || i, '+2', i << 22, 2, 1, 't', i from generate_series(1, {SOME}::bigint) i;
insert into event (number, account, type, subject, sequence, state, at)
  select i, i % 50, 'message.sent', (i / 4) << 22, 1, 'sent', i from generate_series(1, {SOME}::bigint) i;
insert into outbox (id, topic, due_at, ref, owner)
  select i << 22, case when i <= {DUE} then 'depart:x' when i % 2 = 0 then 'await' else 'hook' end, i, i << 22,
    case when i % 2 = 0 then 5 else 0 end from generate_series(1, {DUE + SOME}::bigint) i;
insert into ledger (id, account, message, kind, amount, at)
  select i, i % 50, i << 22, 'message', -1, i from generate_series(1, {SOME}::bigint) i;
insert into idempotency (account, scope, key, digest, status, answer, at)
  select i << 22, 'ref' || i, 'ref' || i, '', 1, '', i from generate_series(1, {SOME}::bigint) i;
insert into opt_out (account, number, at)
  select i << 22, 'ref' || i, i from generate_series(1, {SOME}::bigint) i;
insert into suppression (account, digest, source, at)
  select i << 22, 'ref' || i, '', i from generate_series(1, {SOME}::bigint) i;
insert into auto_answer (account, number, since, answers)
  select i << 22, 'ref' || i, i, 1 from generate_series(1, {SOME}::bigint) i;
insert into exchange (account, number, remote, at, kind, id)
  select i % 50, 'ref' || i, 'ref' || i, i, 'in', i << 22 from generate_series(1, {SOME}::bigint) i;
insert into lingering (id, account, due_at) select i << 22, i % 50, i from generate_series(1, {SOME}::bigint) i;
insert into erasure (id, account, number, digest, state, phase, due_at, created_at)
  select i << 22, i % 50, '', '', case when i % 99 = 0 then 'running' else 'done' end, 'rest', i, i
  from generate_series(1, {SOME}::bigint) i;
insert into delivery (id, event, hook, account, state, updated_at)
  select i << 22, i, i % 50, i % 50, 'pending', i from generate_series(1, {SOME}::bigint) i;
insert into attempt (delivery, n, at) select i << 22, 1, i from generate_series(1, {SOME}::bigint) i;
insert into audit (account, number, at, actor, action, subject, previous, hash)
  select i % 50, i, i, 'x', 'x', 'x', '', '' from generate_series(1, {SOME}::bigint) i;
insert into conversation (id, account, number, remote, length, received, first, last)
  select i << 22, i % 50, 'ref' || i, 'ref' || i, 1, 0, i << 22, i << 22 from generate_series(1, {SOME}::bigint) i;
insert into filed (message, conversation, account, remote, received, event)
  select i << 22, i << 22, i % 50, 'ref' || i, 0, i from generate_series(1, {SOME}::bigint) i;
insert into read_mark (conversation, principal, upto, seen, at)
  select i << 22, 1, i, 0, i from generate_series(1, {SOME}::bigint) i;
insert into trial_message (principal, message) select i % 50, i << 22 from generate_series(1, {SOME}::bigint) i;
insert into batch (id, account, principal, state, sender, text, wishes, total, created_at, updated_at)
  select i << 22, i % 50, 1, 'done', '', 'x', '', 1, i, i from generate_series(1, {SOME}::bigint) i;
insert into batch_item (batch, n, state, recipient, given)
  select i << 22, i % 7, 'pending', '', '' from generate_series(1, {SOME}::bigint) i;
insert into rent (id, number, account, amount, since, until)
  select i << 22, 'ref' || i, i % 50, 1, i, i from generate_series(1, {SOME}::bigint) i;
insert into code (id, account, principal, purpose, number, digest, state, message, sent_at, expires_at)
  select i << 22, i % 50, 1, 'x', 'ref' || i, '', 'used', case when i % 9 = 0 then i else 0 end, i, i
  from generate_series(1, {SOME}::bigint) i;
insert into letter (channel, event, hook) select i / 6, i, i % 50 from generate_series(1, {SOME}::bigint) i;
insert into login (id, session, principal, credential, client, scopes, code, auth_at, until)
  select i << 22, 'ref' || i, (i % 50) << 22, i, 'ref' || i % 50, '', 'ref' || i, i, i from generate_series(1, {SOME}::bigint) i;
insert into history_mark (message, at) select i << 22, i from generate_series(1, {SOME}::bigint) i;
insert into conversion (message, delivered, at) select i << 22, 1, i from generate_series(1, {SOME}::bigint) i;
insert into rejection (id, account, sender, recipient, code, label, at)
  select i, i % 50, 'Acme', i % 500, '3', 'why', i from generate_series(1, {SOME}::bigint) i;
insert into telling (message, name) select i << 22, 'ref' || i from generate_series(1, {SOME}::bigint) i;
insert into workflow (id, account, principal, message, steps)
  select i << 22, i % 50, 1, i << 22, '[]' from generate_series(1, {SOME}::bigint) i;
insert into node (epoch, lease_until) values (5, {2**63 - 1});
analyze;
"""
BATCH = range(10_000, 10_020)
VALUES = {"topic": "depart:x", "now": str(DUE), "most": "200", "before": "9000", "carrier": "x", "epoch": "5"}


def literals(statement: Statement) -> str:
    """What `execute` hands to a prepared statement: a batch of 20 rows, and the single values."""
    arrays = {
        "bigint": "{" + ",".join(str(i << 22) for i in BATCH) + "}",
        "text": "{" + ",".join(f"ref{i}" for i in BATCH) + "}",
    }
    single = {"bigint": "1", "text": "x"}
    given = [arrays[kind] for _, kind in statement.columns]
    given += [VALUES.get(name, single[kind]) for name, kind in statement.args]
    return "(" + ", ".join(f"'{value}'" for value in given) + ")" if given else ""


async def explain(connection: asyncpg.Connection, statement: Statement) -> list[str]:
    """PostgreSQL's query plan, line by line."""
    await connection.execute("prepare asked as " + postgres.render(statement))
    try:
        return [row[0] for row in await connection.fetch("explain execute asked" + literals(statement))]
    finally:
        await connection.execute("deallocate asked")


async def test_postgres_finds_rows_by_an_index_in_full_tables(postgres_url: str) -> None:
    """With values known and unknown to the planner, as it may choose either after five executions."""
    async with running(postgres_url):
        pass
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute(FILL)
        offenders = []
        for mode in ("force_custom_plan", "force_generic_plan"):
            await connection.execute(f"set plan_cache_mode = {mode}; set jit = off")
            for name, statement in ALL.items():
                found = await explain(connection, statement)
                tables = {m[1] for line in found if (m := re.search(r"Seq Scan on (\w+)", line))}
                if tables & GROWING - READ_WHOLE.get(name, set()):
                    offenders.append((mode, *name, *found))
            claim = await explain(connection, outbox._CLAIM)
            assert any("Index" in line and "outbox_due" in line for line in claim), claim
            assert not any("Sort" in line for line in claim), claim
        assert await rows_read_for_one_claim(connection) <= 2
        assert not offenders, "\n".join(" | ".join(offender) for offender in offenders)
        bad = Statement("select id from outbox m where m.ref = :now", (), (("now", "bigint"),))
        assert any("Seq Scan on outbox" in line for line in await explain(connection, bad)), (
            "the test can fail"
        )
    finally:
        await connection.close()


async def rows_read_for_one_claim(connection: asyncpg.Connection) -> int:
    """Of 120,000 due rows, how many a claim of one touches."""
    text = "explain analyze " + postgres.render(outbox._CLAIM)
    found = [row[0] for row in await connection.fetch(text, "depart:x", DUE, 1)]
    scan = next(line for line in found if "outbox_due" in line)
    return int(re.findall(r"rows=(\d+)", scan)[-1])
