"""`textwire migrate`: shows what is missing, brings it up to date, and leaves a newer database alone."""

import json
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from tests.serving import server, textwire
from textwire.store.migrator import latest


@pytest.fixture(params=["sqlite", "postgres"])
def arguments(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, ...]:
    """A database that holds nothing yet, and a data directory."""
    if request.param == "postgres":
        return ("--database", str(request.getfixturevalue("postgres_url")), "--data", str(tmp_path / "d"))
    return ("--data", str(tmp_path / "d"))


def asked(*arguments: str) -> dict[str, object]:
    done = textwire("migrate", *arguments, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    return dict(json.loads(done.stdout))


def test_a_dry_run_tells_the_steps_and_makes_none(arguments: tuple[str, ...]) -> None:
    every = list(range(1, latest() + 1))
    for _ in range(2):
        assert asked(*arguments, "--dry-run") == {
            "schema": 0, "latest": latest(), "steps": every, "applied": False,
        }  # fmt: skip
    assert asked(*arguments)["applied"] is True
    assert asked(*arguments)["steps"] == []
    assert textwire("migrate", *arguments).stdout == f"the schema is up to date ({latest()})\n"


def test_the_sql_that_is_printed_makes_the_same_schema(tmp_path: Path) -> None:
    printed = textwire("migrate", "--sql", "--data", str(tmp_path / "d"))
    assert not (tmp_path / "d").exists()
    textwire("migrate", "--data", str(tmp_path / "d"))
    with (
        closing(apsw.Connection(":memory:")) as by_hand,
        closing(apsw.Connection(str(tmp_path / "d" / "textwire.db"))) as ours,
    ):
        by_hand.execute("create table schema_version (version integer primary key) strict")
        by_hand.execute(printed.stdout)
        look = "select name from sqlite_schema where name not like 'sqlite_%' order by name"
        assert by_hand.execute(look).fetchall() == ours.execute(look).fetchall()
        version = "select max(version) from schema_version"
        assert by_hand.execute(version).get == latest()


def test_beside_a_server_there_is_nothing_to_do_and_nothing_is_done(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        done = running.textwire("migrate")
        assert (done.returncode, done.stdout) == (0, f"the schema is up to date ({latest()})\n")


def test_a_newer_schema_is_refused_by_every_command_that_would_touch_it(tmp_path: Path) -> None:
    data = str(tmp_path / "d")
    textwire("migrate", "--data", data)
    path = tmp_path / "d" / "textwire.db"
    with closing(apsw.Connection(str(path))) as database:
        database.execute("insert into schema_version values (9999)")
    before = path.read_bytes()
    for command in (
        ("migrate", "--data", data), ("migrate", "--dry-run", "--data", data), ("migrate", "--sql", "--data", data),
        ("serve", "--data", data, "--http", "127.0.0.1:0", "--https", "off"), ("backup", str(tmp_path / "b"), "--data", data),
        ("restore", str(path), "--data", str(tmp_path / "e")),
    ):  # fmt: skip
        done = textwire(*command)
        assert done.returncode in (1, 2), command
        assert done.stderr.count("\n") == 1
        assert "use the newer textwire" in done.stderr, command
    assert path.read_bytes() == before
    assert not (tmp_path / "e" / "textwire.db").exists()


def test_a_database_that_cannot_be_reached_is_one_line(tmp_path: Path) -> None:
    done = textwire("migrate", "--database", "postgresql://nobody@127.0.0.1:1/none", "--data", str(tmp_path))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
