"""The figures accept, e2e and webhook on PostgreSQL: the one that tests use too, or a private one of this run."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median

from bench.child import Failed
from bench.context import Context, costs
from bench.runs import Run

from . import accept, e2e, webhook

REPEATS = 2
FIGURES = {"accept": accept.once, "e2e": e2e.once, "webhook": webhook.once}


def measure(context: Context) -> None:
    """Adds postgres.accept, postgres.e2e and postgres.webhook; raises Failed where there is no PostgreSQL."""
    with _server() as (server, words):
        for name, once in FIGURES.items():
            runs = [_fresh(context, once, server) for _ in range(min(REPEATS, context.scale.repeats))]
            beside = context.rates.get(name)
            value = median(run.rate for run in runs)
            ratio = context.against_baselines(value) + (f", {value / beside:.2f} of SQLite" if beside else "")
            context.add(
                f"postgres.{name}", runs, ratio=ratio,
                method=f"as {name}, on {words} on the same machine (it counts as others); {costs(runs)}",
            )  # fmt: skip


def _fresh(context: Context, once: Callable[[Context, str], Run], server: str) -> Run:
    """Without patience: the database's own processes would look like others."""
    from tests.postgres import fresh_database

    with fresh_database(server) as database:
        return once(context, database)


@contextmanager
def _server() -> Iterator[tuple[str, str]]:
    try:
        from tests import postgres
    except ImportError as error:
        raise Failed(f"tests/postgres.py needs the test environment: {error}") from None
    usual = os.environ.get(postgres.SETTING) or postgres.USUAL
    if not postgres.reachable(usual) and postgres.binaries() is None:
        raise Failed("there is no PostgreSQL on this machine")
    words = "a running server" if postgres.reachable(usual) else "a private server with 32 MB of buffers"
    with postgres.some_server() as server:
        yield server, words
