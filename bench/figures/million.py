"""What a history of a million messages costs: accept and e2e on a filled store beside an empty one."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median

from bench.context import Context
from bench.house import FILE, House, housing, remove
from bench.report import Figure
from bench.runs import Run, accepting, sending, warm_up

REPEATS = 2


def measure(context: Context) -> None:
    """Adds million.accept and million.e2e; empty and filled take turns, so that both see the same machine."""
    count = context.scale.history
    repeats = min(REPEATS, context.scale.repeats)
    with _filled(context, count) as full:
        for name, run in (("accept", accepting), ("e2e", sending)):
            empty, filled = [], []
            for _ in range(repeats):
                empty.append(context.once(partial(_fresh, context, run)))
                filled.append(context.once(partial(_again, context, full, run)))
            ratio = median(r.rate for r in filled) / median(r.rate for r in empty)
            context.add(
                f"million.{name}", filled, ratio=f"{ratio:.2f} of an empty store in turns with it",
                method=f"as {name}, on a store with {count:,} finished messages", details={"empty": empty},
            )  # fmt: skip


def _fresh(context: Context, run: Callable[..., Run]) -> Run:
    with housing(context.place) as house:
        return _run(context, house, run)


def _run(context: Context, house: House, run: Callable[..., Run]) -> Run:
    warm_up(house)
    return run(house, **context.loop)


def _again(context: Context, house: House, run: Callable[..., Run]) -> Run:
    house.start()
    try:
        return _run(context, house, run)
    finally:
        house.stop()


@contextmanager
def _filled(context: Context, count: int) -> Iterator[House]:
    house = House(context.place / "filled")
    try:
        began = time.monotonic()
        house.prepare(count)
        took = time.monotonic() - began
        size = (house.directory / FILE).stat().st_size / 2**20
        start = house.start()
        house.stop()
        context.report.add(
            Figure(
                name="million.start", value=start, unit="s", least=start, most=start, ratio=f"{size:,.0f} MiB",
                window="1 start",
                method=f"start on {count:,} messages with segments, receipts, events and ledger (filled in {took:.0f} s)",
            )
        )  # fmt: skip
        yield house
    finally:
        remove(house.directory)
