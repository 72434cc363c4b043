"""The outgrow engine: lost connections, lost answers, lost races, and servers we do not trust."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from tests.postgres import execute
from textwire.store import accounts
from textwire.store.committer import Unit
from textwire.store.engines import postgres
from textwire.store.engines.engine import Again, Unavailable
from textwire.store.engines.postgres import REPEATS, Postgres
from textwire.store.store import Store, engine_for

from .house import ask, do, event, run, running, tell


@pytest.fixture
async def store(postgres: str) -> AsyncIterator[Store]:
    async with running(postgres) as opened:
        yield opened


def engine(store: Store) -> Postgres:
    assert isinstance(store.engine, Postgres)
    return store.engine


async def keep(store: Store, name: str = "kept", value: str = "yes") -> None:
    await do(store, accounts.set_setting, name, value)


async def kept(store: Store, name: str = "kept") -> str | None:
    return await accounts.setting(store.engine, name)


async def cut(store: Store, url: str) -> None:
    """Ends the server's side of the writer's connection."""
    pid = engine(store)._writer.get_server_pid()
    other = await asyncpg.connect(url)
    try:
        assert await other.fetchval("select pg_terminate_backend($1, 5000)", pid)
    finally:
        await other.close()


# --- connections


async def test_a_lost_connection_is_unavailable_and_the_next_write_has_a_new_one(
    store: Store, postgres: str
) -> None:
    await keep(store)

    async def write(unit: Unit) -> None:
        await accounts.set_setting(unit, "half", "done")
        await cut(store, postgres)
        await accounts.set_setting(unit, "other half", "done")

    with pytest.raises(Unavailable):
        await do(store, write)
    await keep(store, "after")
    assert await ask(store, "select name from setting order by name") == [("after",), ("kept",)]


async def test_a_connection_lost_while_idle_costs_at_most_one_answer(store: Store, postgres: str) -> None:
    await keep(store)
    await cut(store, postgres)
    for n in range(3):
        outcome = (await asyncio.gather(keep(store, f"n{n}"), return_exceptions=True))[0]
        assert outcome is None or (n == 0 and isinstance(outcome, Unavailable))


async def test_readers_recover_too(store: Store, postgres: str) -> None:
    await keep(store)
    await asyncio.gather(*(kept(store) for _ in range(8)))
    other = await asyncpg.connect(postgres)
    ended = await other.fetchval(
        "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity "
        "where datname = current_database() and pid <> pg_backend_pid()"
    )
    await other.close()
    assert ended >= 2
    await asyncio.sleep(0.05)
    answers = await asyncio.gather(*(kept(store) for _ in range(20)), return_exceptions=True)
    assert {type(a) for a in answers if a != "yes"} <= {Unavailable}
    assert await kept(store) == "yes"


async def test_a_conversation_that_a_dying_server_breaks_is_unavailable(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What asyncpg raises when "unexpected postmaster exit" arrives while it binds a statement; seen in F15.
    async def broken(*_: Any) -> Any:
        raise asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress")

    with monkeypatch.context() as patch:
        patch.setattr(asyncpg.Connection, "fetch", broken)
        for work in (kept(store), keep(store)):
            with pytest.raises(Unavailable):
                await work
    await keep(store)
    assert await kept(store) == "yes"


async def test_a_server_that_is_not_there_is_unavailable(tmp_path: Any) -> None:
    for url in ("postgresql://postgres@127.0.0.1:9/none", "postgresql:///none?host=" + str(tmp_path)):
        with pytest.raises(Unavailable):
            await Store(engine_for(url)).open()


async def test_a_database_or_a_user_that_does_not_exist_is_unavailable(postgres: str) -> None:
    for url in (postgres.replace("/tw_", "/no_such_"), postgres.replace("postgres@", "nobody_we_know@")):
        with pytest.raises(Unavailable):
            await Store(engine_for(url)).open()


async def test_many_readers_wait_for_their_turn_and_all_are_answered(store: Store, postgres: str) -> None:
    await keep(store)
    assert set(await asyncio.gather(*(kept(store) for _ in range(200)))) == {"yes"}
    other = await asyncpg.connect(postgres)
    mine = await other.fetchval(
        "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'textwire'"
    )
    await other.close()
    assert mine <= 1 + postgres_readers()


def postgres_readers() -> int:
    return postgres.READERS


# --- the answer to a commit is lost (reliability W11)


class _Before:
    """Something in whose place stand a few attributes of the test's own."""

    def __init__(self, behind: Any, **own: Any) -> None:
        self._behind = behind
        self.__dict__.update(own)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)


def losing_answers(store: Store, arrives: bool) -> Callable[[], int]:
    """The next commit's answer is lost; whether the commit itself reaches the server is `arrives`."""
    writer = engine(store)._writer
    lost = 0

    def transaction() -> Any:
        real = writer.transaction()

        async def commit_and_lose() -> None:
            nonlocal lost
            lost += 1
            if arrives:
                await real.commit()
            writer.terminate()
            raise asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")

        return _Before(real, commit=commit_and_lose)

    engine(store)._writer = _Before(writer, transaction=transaction)
    return lambda: lost


async def test_a_commit_that_arrived_is_answered_although_its_answer_was_lost(store: Store) -> None:
    await keep(store)
    lost = losing_answers(store, arrives=True)
    await asyncio.gather(keep(store, "one"), do(store, tell, [event()]))
    assert lost() == 1, "and it was not made twice"
    assert await kept(store, "one") == "yes"
    assert await ask(store, "select number from event") == [(1,)]
    await keep(store, "two")


async def test_a_commit_that_did_not_arrive_is_unavailable_and_nothing_is_there(store: Store) -> None:
    await keep(store)
    lost = losing_answers(store, arrives=False)
    outcomes = await asyncio.gather(keep(store, "one"), do(store, tell, [event()]), return_exceptions=True)
    assert [type(o) for o in outcomes] == [Unavailable, Unavailable]
    assert lost() == 1, "and it was not tried again"
    assert await kept(store, "one") is None
    await do(store, tell, [event()])
    assert await ask(store, "select number from event") == [(1,)]


async def test_a_commit_under_way_is_waited_for_until_it_is_decided(store: Store, postgres: str) -> None:
    """The server is still busy with the transaction when we ask what became of it."""
    other = await asyncpg.connect(postgres)
    transaction = other.transaction()
    await transaction.start()
    await other.execute("insert into setting values ('slow', 'yes')")
    xid = await other.fetchval("select pg_current_xact_id()::text")
    asking = asyncio.create_task(engine(store)._committed(xid))
    await asyncio.sleep(0.15)
    assert not asking.done()
    await transaction.commit()
    assert await asking is True
    await other.close()


async def test_a_commit_whose_fate_cannot_be_learnt_is_not_called_a_success(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await keep(store)
    monkeypatch.setattr(postgres, "RESOLVE_SECONDS", 0.3)
    losing_answers(store, arrives=True)
    url, engine(store)._url = engine(store)._url, "postgresql://postgres@127.0.0.1:9/gone"
    with pytest.raises(Unavailable):
        await keep(store, "one")
    engine(store)._url = url
    assert await kept(store, "one") == "yes", "it may be there; nobody was told so"


async def test_a_transaction_that_another_server_never_heard_of_was_not_committed(store: Store) -> None:
    assert await engine(store)._committed(str(2**40)) is False


async def test_a_real_cut_before_the_commit_is_resolved(store: Store, postgres: str) -> None:
    """The server ends our session between the last statement and the commit."""

    async def write_and_be_cut(unit: Unit) -> None:
        await accounts.set_setting(unit, "one", "yes")
        await cut(store, postgres)

    with pytest.raises(Unavailable):
        await do(store, write_and_be_cut)
    assert await kept(store, "one") is None
    await keep(store, "two")


# --- lost races


@pytest.mark.parametrize(
    "error", [asyncpg.exceptions.DeadlockDetectedError, asyncpg.exceptions.SerializationError, Again]
)
@pytest.mark.parametrize("times", [1, REPEATS - 1])
async def test_a_lost_race_is_run_again_whole(store: Store, error: type[Exception], times: int) -> None:
    tries = 0

    async def lose(unit: Unit) -> str:
        nonlocal tries
        tries += 1
        await accounts.set_setting(unit, f"try-{tries}", "yes")
        unit.events.append(event(tries))
        if tries <= times:
            raise error("lost")
        return "won"

    assert await do(store, lose) == "won"
    assert await ask(store, "select name from setting") == [(f"try-{times + 1}",)]
    assert await ask(store, "select number, subject from event") == [(1, times + 1)]


async def test_a_race_that_is_always_lost_is_not_the_datas_fault(store: Store) -> None:
    tries = 0

    async def lose(unit: Unit) -> None:
        nonlocal tries
        tries += 1
        raise asyncpg.exceptions.DeadlockDetectedError("lost")

    with pytest.raises(Unavailable):
        await do(store, lose)
    assert tries == REPEATS
    await keep(store)


async def test_two_nodes_that_really_deadlock_both_get_through(store: Store, postgres: str) -> None:
    await run(store, "insert into setting values ('a', '0'), ('b', '0')")
    first = {"here": asyncio.Event(), "there": asyncio.Event()}

    async def both(unit: Unit, me: str, other: str, order: str) -> None:
        await accounts.set_setting(unit, order[0], me)
        first[me].set()
        await asyncio.wait_for(first[other].wait(), 10)
        await accounts.set_setting(unit, order[1], me)

    async with running(postgres) as there:
        await asyncio.gather(do(store, both, "here", "there", "ab"), do(there, both, "there", "here", "ba"))
    [winner] = {row[0] for row in await ask(store, "select value from setting")}
    assert winner in first


# --- servers we do not trust


class _Says:
    """A connection that answers the check with these settings."""

    def __init__(self, **settings: str) -> None:
        self._settings = {
            "fsync": "on",
            "synchronous_commit": "on",
            "server_version_num": "150018",
            **settings,
        }

    async def fetch(self, _: str) -> list[tuple[str, str]]:
        return list(self._settings.items())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"fsync": "off"}, "fsync is off"),
        ({"synchronous_commit": "off"}, "synchronous_commit is off"),
        ({"server_version_num": "140009"}, "PostgreSQL 15 or newer"),
    ],
)
async def test_a_server_that_could_lose_an_answered_message_is_refused(
    settings: dict[str, str], words: str
) -> None:
    with pytest.raises(Unavailable, match=words):
        await postgres._check(_Says(**settings))


@pytest.mark.parametrize("level", ["on", "local", "remote_write", "remote_apply"])
async def test_other_levels_are_the_operators_choice(level: str) -> None:
    await postgres._check(_Says(synchronous_commit=level))


async def test_a_real_database_with_synchronous_commit_off_is_refused(postgres_url: str) -> None:
    name = postgres_url.rsplit("/", 1)[1]
    execute(postgres_url, f"alter database {name} set synchronous_commit = off")
    with pytest.raises(Unavailable, match="synchronous_commit is off"):
        await Store(engine_for(postgres_url)).open()
    execute(postgres_url, f"alter database {name} reset synchronous_commit")
    async with running(postgres_url) as store:
        # A later connection may come to another server, so it is asked as well.
        execute(postgres_url, f"alter database {name} set synchronous_commit = off")
        await cut(store, postgres_url)
        refused = await asyncio.gather(*(keep(store) for _ in range(2)), return_exceptions=True)
        assert {type(o) for o in refused} == {Unavailable}
        with pytest.raises(Unavailable, match="synchronous_commit is off"):
            await keep(store)


@pytest.mark.parametrize(
    "error",
    [
        asyncpg.exceptions.DiskFullError,
        asyncpg.exceptions.OutOfMemoryError,
        asyncpg.exceptions.TooManyConnectionsError,
        asyncpg.exceptions.AdminShutdownError,
        asyncpg.exceptions.CrashShutdownError,
        asyncpg.exceptions.CannotConnectNowError,
        asyncpg.exceptions.QueryCanceledError,
        asyncpg.exceptions.ReadOnlySQLTransactionError,
        asyncpg.exceptions.LockNotAvailableError,
        asyncpg.exceptions.PostgresIOError,
        asyncpg.exceptions.DataCorruptedError,
        asyncpg.exceptions.ConnectionDoesNotExistError,
        ConnectionResetError,
        TimeoutError,
    ],
)
async def test_what_is_the_servers_fault_is_unavailable_for_the_whole_batch(
    store: Store, error: type[Exception]
) -> None:
    fails = True

    async def fail(unit: Unit) -> None:
        if fails:
            raise error("not now")

    outcomes = await asyncio.gather(keep(store), do(store, fail), return_exceptions=True)
    assert [type(o) for o in outcomes] == [Unavailable, Unavailable]
    fails = False
    await do(store, fail)
    await keep(store)


async def test_a_statement_that_hangs_is_given_up_and_the_engine_goes_on(
    postgres: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textwire.store.engines.postgres.COMMAND_SECONDS", 0.3)
    async with running(postgres) as store:
        await run(store, "insert into setting values ('held', '0')")
        other = await asyncpg.connect(postgres)
        transaction = other.transaction()
        await transaction.start()
        await other.execute("update setting set value = 'theirs' where name = 'held'")
        with pytest.raises(Unavailable):
            await keep(store, "held")
        await transaction.rollback()
        await other.close()
        await keep(store, "held", "ours")
        assert await kept(store, "held") == "ours"
