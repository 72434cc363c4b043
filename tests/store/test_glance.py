"""A look at a database that others use: it sees what is committed, changes nothing, and makes nothing."""

from pathlib import Path

import pytest

from textwire.store import accounts
from textwire.store.engines.engine import Unavailable, statement
from textwire.store.glance import glance, schema
from textwire.store.migrator import latest

from .house import do, running

KEPT = statement("select value from setting where name = :name", args="name text")


async def test_what_is_committed_is_seen_beside_the_owner(database: str) -> None:
    async with running(database) as store, glance(database) as looked:
        await do(store, accounts.set_setting, "kept", "yes")
        assert [tuple(row) for row in await looked.read(KEPT, name="kept")] == [("yes",)]
        assert await schema(looked) == latest()
        assert looked.engine == store.engine.name


async def test_nothing_can_be_written(database: str) -> None:
    async with running(database):
        pass
    async with glance(database) as looked:
        with pytest.raises(Unavailable, match=r"read-?only"):
            await looked.read(statement("delete from setting"))


async def test_where_there_is_no_database_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="there is no database"):
        async with glance(str(tmp_path / "none.db")):
            pass
    assert list(tmp_path.iterdir()) == []


async def test_an_empty_database_has_no_schema(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    async with glance(str(tmp_path / "empty.db")) as looked:
        assert await schema(looked) == 0


async def test_settings_can_be_asked(database: str) -> None:
    async with running(database):
        pass
    async with glance(database) as looked:
        question, answer = ("fsync", "on") if looked.engine == "postgres" else ("journal_mode", "wal")
        assert await looked.ask(question) == answer


@pytest.mark.parametrize(
    "url", ["postgresql://nobody@127.0.0.1:1/none", "postgresql://[", "postgresql://h:x/d"]
)
async def test_a_server_that_cannot_be_reached_is_told_as_such(url: str) -> None:
    with pytest.raises(Unavailable):
        async with glance(url):
            pass
