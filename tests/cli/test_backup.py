"""`textwire backup` and `restore`: under load nothing is torn, and what was acknowledged before is in it."""

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import apsw
import pytest

from tests.serving import Server, server, textwire

HANDSETS = [f"+44770090{n:04d}" for n in range(1100, 1120)]
LONG = "a text of several segments, " * 14  # 392 characters: 3 segments
MONEY = 10**15
ALL = "select count(*) from message"
FINAL = "('delivered', 'undelivered', 'rejected', 'failed', 'expired', 'canceled', 'received')"
OPEN = f"select count(*) from message where state not in {FINAL}"

# What a transaction writes together, as pairs of questions whose answers (rows of two) must be the same.
TOGETHER = {
    "a message without one of its segments": (
        "select id, total from message where direction = 'out' and total > 1",
        "select message, count(*) from segment group by message",
    ),
    "a message whose steps are not all among the events": (
        "select id, sequence from message",
        "select subject, count(distinct sequence) from event where subject <> 0 group by subject",
    ),
    "a message without its birth among the events": (
        "select id, 1 from message",
        "select subject, 1 from event where type = 'message.accepted'",
    ),
    "a message that nobody will ever finish": (
        f"select id, 1 from message where state not in {FINAL}",
        "select id, 1 from outbox where topic not in ('hook', 'post')",
    ),
    "a balance that is not the sum of its ledger": (
        "select id, balance from account",
        "select account, sum(amount) from ledger group by account",
    ),
    "an event that was never numbered": (
        "select 1, value from counter where name = 'event'",
        "select 1, max(number) from event",
    ),
}


@contextmanager
def loaded(running: Server) -> Iterator[Callable[[], int]]:
    """Four callers that send long texts to twenty handsets as fast as they can; tells how many were taken."""
    taken: list[int] = []
    failed: list[Exception] = []
    over = threading.Event()

    def send() -> None:
        try:
            while not over.is_set():
                answer = running.api("POST", "/api/messages", {"to": HANDSETS, "text": LONG})
                taken.append(len(answer["messages"]))
        except Exception as error:
            failed.append(error)

    callers = [threading.Thread(target=send) for _ in range(4)]
    for caller in callers:
        caller.start()
    try:
        yield lambda: sum(taken)
    finally:
        over.set()
        for caller in callers:
            caller.join()
    assert not failed


def offences(path: Path) -> set[str]:
    """What is torn in a database."""
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as database:
        return {
            what for what, pair in TOGETHER.items() if len({frozenset(database.execute(q)) for q in pair}) > 1
        }


def value(path: Path, question: str) -> int:
    with closing(apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)) as database:
        return int(str(database.execute(question).get))


def backed_up(running: Server, file: Path) -> Path:
    """The database of a data directory of its own that was made from a backup of now."""
    made = running.textwire("backup", str(file), "--json")
    assert made.returncode == 0, made.stderr
    assert json.loads(made.stdout)["bytes"] == file.stat().st_size
    data = file.with_name(f"{file.name}-restored")
    done = textwire("restore", str(file), "--data", str(data))
    assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr
    file.unlink()
    return data / "textwire.db"


def top_up(running: Server) -> None:
    """More money than the load can spend, while the server stands."""
    running.stop()
    with closing(apsw.Connection(str(running.data / "textwire.db"))) as database, database:
        database.execute("update account set balance = balance + ?", (MONEY,))
        database.execute("insert into ledger (id, account, kind, amount, at) select 1, id, 'topup', ?, 1 from account",
                         (MONEY,))  # fmt: skip


def ended(running: Server) -> None:
    """Waits until every message has: what the old network had taken is asked for no more once its time is over."""
    running.api("POST", "/api/simnet/clock", {"advance": "100h"})
    deadline = time.monotonic() + 60.0
    while value(running.data / "textwire.db", OPEN):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.parametrize("times", [4, pytest.param(20, marks=pytest.mark.long)])
def test_backups_under_load_are_whole_and_carry_on(tmp_path: Path, times: int) -> None:
    with server(tmp_path) as running:
        top_up(running)
    with server(tmp_path) as running, loaded(running) as taken:
        for n in range(times):
            began, before = time.monotonic(), taken()
            path = backed_up(running, tmp_path / f"backup-{n}")
            assert offences(path) == set()
            assert value(path, ALL) >= before  # what was acknowledged before the backup is in it
            time.sleep(max(0.0, began + 1.0 - time.monotonic()))
        assert taken() > before
    # The last of them is a server's database: what waited in it is carried on, and ends.
    home = tmp_path / "again"
    home.mkdir()
    shutil.move(path.parent, home / "data")
    for name in ("server.key", "credentials.json"):
        shutil.copy(tmp_path / "data" / name, home / "data")
    kept = home / "data" / "textwire.db"
    count = value(kept, ALL)
    with server(home) as again:
        ended(again)
        assert again.stop() == 0
    assert value(kept, ALL) == count
    assert offences(kept) == set()


def test_the_search_for_what_is_torn_finds_it(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        running.textwire("send", "--wait", "--to", HANDSETS[0], LONG)
        assert offences(running.data / "textwire.db") == set()
        running.stop()
        with closing(apsw.Connection(str(running.data / "textwire.db"))) as database:
            database.execute("delete from segment where n = 2")
            database.execute("delete from event where type = 'message.accepted'")
            database.execute("update message set state = 'queued'")
            database.execute("update account set balance = balance + 1")
            database.execute("update counter set value = 0 where name = 'event'")
        assert offences(running.data / "textwire.db") == set(TOGETHER)


def test_what_cannot_be_is_one_line_that_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    with server(tmp_path) as running:
        taken = running.textwire("backup", str(tmp_path / "there"))
        assert (taken.returncode, taken.stderr.count("\n")) == (2, 1)
        assert "is there already" in taken.stderr
        over = running.textwire("restore", str(tmp_path / "there"))
        assert over.returncode == 2
        assert "textwire.db is there already" in over.stderr
        noise = textwire("restore", str(tmp_path / "there"), "--data", str(tmp_path / "new"))
        assert (noise.returncode, noise.stderr.count("\n")) == (1, 1)
    assert (tmp_path / "there").read_text() == "mine"
    nothing = textwire("backup", str(tmp_path / "b"), "--data", str(tmp_path / "none"))
    assert nothing.returncode == 1
    assert "there is no database" in nothing.stderr


def test_for_a_postgresql_the_command_that_copies_it_is_shown_without_its_password(tmp_path: Path) -> None:
    url = "postgresql://keeper:hunter2@db.example:5433/house"
    for arguments in (("backup", str(tmp_path / "b")), ("backup", str(tmp_path / "b"), "--json")):
        done = textwire(*arguments, "--database", url)
        assert done.returncode == 2
        assert (
            f"pg_dump --format=custom --file={tmp_path}/b postgresql://keeper@db.example:5433/house"
            in done.stderr
        )
        assert "hunter2" not in done.stderr + done.stdout


def test_a_database_can_be_named_as_serve_takes_it(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        named = ("--database", f"sqlite:///{running.data}/textwire.db")
        assert running.textwire("backup", str(tmp_path / "b"), *named).returncode == 0
        assert running.textwire("doctor", *named).returncode == 0
        assert running.textwire("migrate", *named).returncode == 0


def test_a_server_that_was_killed_can_be_backed_up(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        running.api("POST", "/api/messages", {"to": HANDSETS[0], "text": "hello"})
        running.kill()
        assert value(backed_up(running, tmp_path / "b"), ALL) == 1
