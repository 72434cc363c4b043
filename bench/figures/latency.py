"""How long an answer takes at 70 % of the rates found: open loop, arrivals by chance."""

from collections.abc import Callable, Sequence
from functools import partial
from statistics import median

from bench.child import Child
from bench.context import Context, costs
from bench.house import housing
from bench.report import Figure
from bench.runs import Run, accepting, generate, sending, warm_up

from . import accept, e2e

PART = 0.7
CONNECTIONS = 200
TARGET = "target: p99 ≤ 50 ms"


def measure(context: Context) -> None:
    """Adds latency.accept and latency.e2e, each as p99 beside the bare stack's at the same rate."""
    for name, full, run in (("accept", accept.once, accepting), ("e2e", e2e.once, sending)):
        if name not in context.rates:
            context.rates[name] = context.once(partial(full, context)).rate
        _at(context, name, run)


def _at(context: Context, name: str, run: Callable[..., Run]) -> None:
    rate = PART * context.rates[name]
    order = {"rate": rate, "connections": CONNECTIONS, "warm": 1.0, "seconds": context.scale.seconds}
    with Child("bench.echo") as echo:
        bare = generate(url=echo.hear(), key="tw_bare", **order)
    runs = context.repeat(lambda: _one(context, run, order))
    p99 = sorted(one.load.latency["p99"] for one in runs)
    context.report.add(
        Figure(
            name=f"latency.{name}", value=median(p99), unit="ms p99", least=p99[0], most=p99[-1], target=TARGET,
            ratio=f"p50 {_p50(runs):.1f} ms; bare HTTP at this rate p50 {bare.latency['p50']:.1f}, "
            f"p99 {bare.latency['p99']:.1f} ms",
            window=f"{len(runs)} x {context.scale.seconds:g} s, open loop of {rate:,.0f}/s ({PART:.0%} of {name}), "
            f"at most {CONNECTIONS} connections",
            method=f"from the moment a request was due to its whole answer; the generator's timer adds ≤ 1 ms; {costs(runs)}",
            details={"runs": runs, "bare": bare},
        )
    )  # fmt: skip


def _one(context: Context, run: Callable[..., Run], order: dict[str, float]) -> Run:
    with housing(context.place) as house:
        warm_up(house)
        return run(house, **order)


def _p50(runs: Sequence[Run]) -> float:
    return median(run.load.latency["p50"] for run in runs)
