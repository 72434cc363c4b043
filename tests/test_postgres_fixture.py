"""The PostgreSQL that tests are given: fresh, private, and one that may be killed."""

import contextlib
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from tests import postgres
from tests.postgres import Cluster, execute, fresh_database, private_cluster, reachable, some_server


@pytest.fixture(scope="module")
def cluster():
    with private_cluster() as cluster:
        yield cluster


def test_a_test_gets_an_empty_utf8_database_of_its_own(postgres_url: str) -> None:
    assert urlsplit(postgres_url).path.startswith("/tw_")
    execute(postgres_url, "CREATE TABLE kept (word text)")
    assert execute(postgres_url, "INSERT INTO kept VALUES ('grüß 你好')") == "INSERT 0 1"


async def test_a_fresh_database_can_be_had_inside_a_running_loop(postgres_server: str) -> None:
    with fresh_database(postgres_server) as first, fresh_database(postgres_server) as second:
        assert first != second
        connection = await asyncpg.connect(first)
        try:
            assert await connection.fetchval("SHOW server_encoding") == "UTF8"
            assert (
                await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
            )
        finally:
            await connection.close()


async def test_a_database_is_dropped_even_while_someone_is_connected(postgres_server: str) -> None:
    with fresh_database(postgres_server) as url:
        connection = await asyncpg.connect(url)
    assert not reachable(url)
    await connection.close(timeout=1)


def test_a_killed_cluster_comes_back_at_the_same_url_with_what_was_committed(cluster: Cluster) -> None:
    execute(cluster.url, "CREATE TABLE survives (n int)")
    execute(cluster.url, "INSERT INTO survives VALUES (1)")
    cluster.kill()
    assert not reachable(cluster.url)
    cluster.start()
    assert execute(cluster.url, "DELETE FROM survives") == "DELETE 1"


def test_a_stopped_cluster_starts_again(cluster: Cluster) -> None:
    cluster.stop()
    assert not reachable(cluster.url)
    cluster.start()
    assert reachable(cluster.url)


async def test_a_cluster_keeps_fsync_and_listens_on_loopback_only(cluster: Cluster) -> None:
    wanted = {"fsync": "on", "listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    connection = await asyncpg.connect(cluster.url)
    try:
        assert {name: await connection.fetchval(f"SHOW {name}") for name in wanted} == wanted
    finally:
        await connection.close()


def test_a_cluster_leaves_nothing_behind() -> None:
    with private_cluster() as cluster:
        process, folder = cluster.process, cluster.home.parent
        assert process is not None
    assert process.poll() is not None
    assert not folder.exists()


def test_without_a_server_and_binaries_postgresql_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "")
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    with pytest.raises(pytest.skip.Exception, match="missing: PostgreSQL"), private_cluster():
        pass


def test_a_server_that_does_not_start_tells_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binaries = postgres.binaries()
    if binaries is None:
        postgres.missing("PostgreSQL")
    monkeypatch.setattr(postgres, "START_SECONDS", 0.3)
    tmp_path.joinpath("home").mkdir()
    cluster = Cluster(binaries, tmp_path / "home")
    cluster.user = None  # as root it refuses, as anyone else the data folder is not there
    with pytest.raises(RuntimeError, match=r"root|data"):
        cluster.start()


def test_the_setting_wins_over_the_usual_server_and_that_over_a_private_one(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres, "private_cluster", lambda: contextlib.nullcontext(cluster))
    monkeypatch.setattr(postgres, "USUAL", cluster.url + "?application_name=usual")
    monkeypatch.setenv(postgres.SETTING, "postgresql://set/by-hand")
    with some_server() as url:
        assert url == "postgresql://set/by-hand"
    monkeypatch.delenv(postgres.SETTING)
    with some_server() as url:
        assert url == cluster.url + "?application_name=usual"
    monkeypatch.setattr(postgres, "USUAL", "postgresql://postgres@127.0.0.1:1/postgres")
    with some_server() as url:
        assert url == cluster.url
