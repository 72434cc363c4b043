"""Messages a second all the way, each with one signed webhook that its receiver has confirmed."""

from bench.context import Context, costs
from bench.house import housing
from bench.runs import Run, telling, warm_up
from bench.sink import SAMPLE

TARGET = "target: ≥ 3,000"


def measure(context: Context) -> None:
    """Adds webhook."""
    runs = context.repeat(lambda: once(context))
    lag = max(run.lag for run in runs)
    context.add(
        "webhook", runs, target=TARGET,
        method=f"as e2e, with a hook on message.delivered to a sink on loopback: until every call is kept, ≤ {lag:.1f} s "
        f"after the last answer; each message came exactly once, every {SAMPLE}th signature was verified; {costs(runs)}",
    )  # fmt: skip


def once(context: Context, database: str = "") -> Run:
    """All the way and told, on a fresh store."""
    with housing(context.place, database) as house:
        warm_up(house)
        return telling(house, **context.loop)
