"""The one suite of the store: every test that asks for `store` or `database` runs once per engine."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.postgres import execute, fresh_database
from textwire.store.store import Store

from .house import running, settle

# Making a database takes a second; emptying one that is nearly empty takes milliseconds.
EMPTY = """
do $$ declare t text; begin
  set local session_replication_role = replica;
  for t in select tablename from pg_tables where schemaname = 'public' and tablename <> 'schema_version' loop
    if t = 'counter' then update counter set value = 0; else execute format('delete from %I', t); end if;
  end loop;
end $$
"""


@pytest.fixture(scope="session")
def kept_database(postgres_server: str) -> Iterator[str]:
    """URL of one PostgreSQL database of this worker."""
    with fresh_database(postgres_server) as url:
        yield url


@pytest.fixture
def postgres(kept_database: str) -> str:
    """URL of a PostgreSQL database without rows; its schema may be there already."""
    execute(kept_database, EMPTY)
    return kept_database


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What --database would be given, on each engine: nothing is kept there yet."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres")
        return url
    return str(tmp_path / "textwire.db")


@pytest.fixture
async def store(database: str) -> AsyncIterator[Store]:
    """An open store, its committer running."""
    async with running(database) as opened:
        yield opened


@pytest.fixture
async def house(store: Store) -> Store:
    """A store with one account and its user."""
    await settle(store)
    return store
