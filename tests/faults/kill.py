"""`python -m tests.faults.kill`: kills a house over and over and says what became of every message."""

import argparse
import asyncio
import contextlib
import platform
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import apsw
import msgspec
from msgspec.structs import replace

from tests.faults.checker import Verdict, check
from tests.faults.driver import Campaign, Plan
from tests.faults.evidence import gather
from tests.faults.look import is_postgres, look
from tests.faults.outages import Outages
from tests.postgres import Cluster, fresh_database, private_cluster, some_server


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """A campaign and what was found."""

    plan: Plan
    verdict: Verdict
    seconds: float  # from the first life's beginning to the last kill
    start_seconds: float  # of a victim, the median
    engine: str

    def text(self) -> str:
        """The report."""
        plan = self.plan
        head = (
            f"{self.engine}, Python {platform.python_version()}: seed {plan.seed}, window {plan.window}, "
            f"{plan.kills} kills in {self.seconds:.0f} s ({60 * plan.kills / self.seconds:.0f} a minute), "
            f"start {self.start_seconds:.2f} s"
        )
        return f"{head}\n{self.verdict.text()}"


async def campaign(plan: Plan, server: Cluster | None = None) -> Run:
    """Runs a plan to its end and judges it; with `server`, it is the database server that gets killed."""
    done = Campaign(plan) if server is None else Outages(plan, server)
    await done.run()
    verdict = check(await gather(plan))
    starts = sorted(done.starts)
    return Run(
        plan=plan, verdict=verdict, seconds=done.seconds, start_seconds=starts[len(starts) // 2],
        engine=await _engine(plan.database),
    )  # fmt: skip


async def _engine(database: str) -> str:
    if is_postgres(database):
        [(version,)] = await look(database, "show server_version")
        return f"PostgreSQL {version.split()[0]}"
    return f"SQLite {apsw.sqlite_lib_version()}"


@contextlib.contextmanager
def place(kind: str, folder: Path) -> Iterator[tuple[str, Cluster | None]]:
    """A new database of a kind, and the server that is to be killed if the kind is `server`."""
    with contextlib.ExitStack() as stack:
        if kind == "sqlite":
            yield str(folder / "textwire.db"), None
        elif kind == "postgres":
            server = stack.enter_context(some_server())
            yield stack.enter_context(fresh_database(server)), None
        else:
            cluster = stack.enter_context(private_cluster())
            yield stack.enter_context(fresh_database(cluster.url)), cluster


def main(arguments: list[str] | None = None) -> int:
    """0: nothing was violated."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.kill", description=__doc__)
    parser.add_argument(
        "--database",
        choices=("sqlite", "postgres", "server"),
        default="sqlite",
        help="server: on PostgreSQL, and it is the server that gets killed",
    )
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    parser.add_argument("--window", type=int, default=50)
    parser.add_argument(
        "--mutation", default="", help="break the house on purpose: see tests/faults/mutations.py"
    )
    parser.add_argument("--work", type=Path, help="an empty folder that is kept; default: one that is not")
    given = parser.parse_args(arguments)
    with contextlib.ExitStack() as stack:
        folder = given.work or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="textwire-kill-")))
        folder.mkdir(parents=True, exist_ok=True)
        plan = Plan(
            work=str(folder), database="", kills=given.kills, seed=given.seed, window=given.window,
            mutation=given.mutation,
        )  # fmt: skip
        database, server = stack.enter_context(place(given.database, folder))
        run = asyncio.run(campaign(replace(plan, database=database), server))
    print(run.text())
    return 1 if run.verdict.violations else 0


if __name__ == "__main__":
    sys.exit(main())
