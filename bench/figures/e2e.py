"""Messages a second from acceptance through the simulated network to their receipt, the drain included."""

from bench.context import Context, costs
from bench.house import housing
from bench.runs import Run, sending, warm_up

TARGET = "target: ≥ 5,000"


def measure(context: Context) -> None:
    """Adds e2e."""
    runs = context.repeat(lambda: once(context))
    lag = max(run.lag for run in runs)
    context.add(
        "e2e", runs, target=TARGET,
        method=f"POST, network, receipt: first request to last final state, which came ≤ {lag:.1f} s after the last "
        f"answer; the store shows every message delivered; {costs(runs)}; the server's RSS after it "
        f"{max(run.rss for run in runs):.0f} MB",
    )  # fmt: skip


def once(context: Context, database: str = "") -> Run:
    """All the way, on a fresh store."""
    with housing(context.place, database) as house:
        warm_up(house)
        return sending(house, **context.loop)
