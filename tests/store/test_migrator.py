"""Numbered migrations: once, in order, whole or not at all, and never backwards."""

import asyncio
from pathlib import Path

import pytest

from textwire.store import accounts, migrator, rulings
from textwire.store.engines.engine import Unavailable
from textwire.store.migrator import Words, latest, migrations
from textwire.store.store import Store, engine_for

from .house import NOW, ask, do, run, running

WORDS = Words(id="KEY", int="NUMBER", table="END")


@pytest.fixture(params=["sqlite", "postgres"])
def own_database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database that is thrown away afterwards, for a test that leaves another schema behind."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return str(tmp_path / "textwire.db")


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch):
    """Replaces the migrations by others."""

    def replace(**texts: str) -> None:
        known = {int(name.removeprefix("v")): text for name, text in texts.items()}
        monkeypatch.setattr(migrator, "_scripts", lambda: known)

    return replace


def test_the_engines_words_take_their_places(scripts) -> None:
    scripts(v1="create table t (id {id}, n {int}) {table};")
    assert list(migrations(0, WORDS)) == [(1, "create table t (id KEY, n NUMBER) END;")]


def test_only_the_steps_that_are_missing_are_made_in_order(scripts) -> None:
    scripts(v1="a", v2="b", v10="c")
    assert [version for version, _ in migrations(0, WORDS)] == [1, 2, 10]
    assert [version for version, _ in migrations(2, WORDS)] == [10]
    assert list(migrations(10, WORDS)) == []


def test_a_newer_schema_is_refused_in_words_that_help(scripts) -> None:
    scripts(v1="a")
    with pytest.raises(Unavailable, match=r"schema 2, this textwire knows 1: use the newer textwire"):
        list(migrations(2, WORDS))


def test_our_migrations_are_numbered_without_gaps_and_leave_no_word_open() -> None:
    steps = list(migrations(0, WORDS))
    assert [version for version, _ in steps] == list(range(1, latest() + 1))
    assert not [version for version, script in steps if "{" in script.replace("'{}'", "")]


async def test_opening_again_changes_nothing(database: str) -> None:
    for n in range(3):
        async with running(database) as store:
            versions = [
                row[0] for row in await ask(store, "select version from schema_version order by version")
            ]
            assert versions == list(range(1, latest() + 1))
            assert await accounts.setting(store.engine, "kept") == (None if n == 0 else "yes")
            await do(store, accounts.set_setting, "kept", "yes")


async def test_a_newer_database_is_refused_and_stays_as_it_is(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = latest() + 1
    async with running(own_database) as store:
        await do(store, accounts.set_setting, "kept", "yes")
        await run(store, f"insert into schema_version values ({newer})")
    refused = Store(engine_for(own_database))
    with pytest.raises(Unavailable, match=f"schema {newer}"):
        await refused.open()
    monkeypatch.setattr(migrator, "latest", lambda: newer)
    async with running(own_database) as store:
        assert await accounts.setting(store.engine, "kept") == "yes"


async def test_a_migration_that_fails_leaves_the_schema_of_before(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(own_database):
        pass
    first = dict(migrator._scripts())
    broken = {
        **first,
        latest() + 1: "create table half (n {int}) {table}; insert into no_such_table values (1);",
    }
    monkeypatch.setattr(migrator, "_scripts", lambda: broken)
    with pytest.raises(Exception, match="no_such_table"):
        await Store(engine_for(own_database)).open()
    monkeypatch.setattr(migrator, "_scripts", lambda: first)
    async with running(own_database) as store:
        with pytest.raises(Exception, match="half"):
            await ask(store, "select * from half")


async def test_an_upgrade_keeps_what_is_there(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(own_database) as store:
        await do(store, accounts.set_setting, "kept", "yes")
    more = {**migrator._scripts(), latest() + 1: "create table later (n {int} not null) {table};"}
    monkeypatch.setattr(migrator, "_scripts", lambda: more)
    async with running(own_database) as store:
        assert await accounts.setting(store.engine, "kept") == "yes"
        assert await ask(store, "select count(*) from later") == [(0,)]


async def test_what_accounts_have_settled_outlives_the_wider_table(
    own_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = dict(migrator._scripts())
    wider = next(version for version, text in every.items() if "ruling_wider" in text)
    with monkeypatch.context() as before:
        before.setattr(migrator, "_scripts", lambda: {v: t for v, t in every.items() if v < wider})
        async with running(own_database) as store:
            await do(store, rulings.settle, "retention", 7, '{"bodies_days":5}', NOW)
    async with running(own_database) as store:
        await do(store, rulings.settle, "call_hooks", 7, "{}", NOW)
        assert await rulings.one(store.engine, "retention", 7) == '{"bodies_days":5}'
        assert await rulings.one(store.engine, "call_hooks", 7) == "{}"


async def test_two_nodes_that_start_at_once_migrate_once(postgres_url: str) -> None:
    stores = [Store(engine_for(postgres_url)) for _ in range(3)]
    await asyncio.gather(*(store.open() for store in stores))
    assert len(await ask(stores[0], "select version from schema_version")) == latest()
    for store in stores:
        await store.close()
