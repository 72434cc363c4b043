"""The store as the house opens it."""

import subprocess
import sys
from pathlib import Path

import pytest

from textwire.store.engines.postgres import Postgres
from textwire.store.engines.sqlite import SQLite
from textwire.store.store import engine_for


@pytest.mark.parametrize(
    ("database", "path"),
    [
        ("textwire.db", "textwire.db"),
        ("/var/lib/textwire.db", "/var/lib/textwire.db"),
        ("sqlite:///textwire.db", "textwire.db"),
        ("sqlite:////var/lib/textwire.db", "/var/lib/textwire.db"),
        ("sqlite:data/textwire.db", "data/textwire.db"),
    ],
)
def test_a_path_names_a_sqlite_file(database: str, path: str) -> None:
    engine = engine_for(database)
    assert isinstance(engine, SQLite)
    assert engine._path == Path(path)


@pytest.mark.parametrize("database", ["postgresql://127.0.0.1/x", "postgres://user@127.0.0.1/x"])
def test_a_postgres_address_names_the_outgrow_engine(database: str) -> None:
    assert isinstance(engine_for(database), Postgres)


def test_the_embedded_store_does_not_carry_the_other_engine_in_memory() -> None:
    script = "import sys; from textwire.store.store import engine_for; engine_for('x.db'); print('asyncpg' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "False"
