"""How long an answer takes at 70 % of the rates found: open loop, arrivals by chance."""

from collections.abc import Callable

from bench.child import Child
from bench.context import Context
from bench.house import House, housing
from bench.load import Result
from bench.report import Figure
from bench.runs import accepting, generate, sending, warm_up

from . import accept, e2e

PART = 0.7
CONNECTIONS = 200
TARGET = "target: p99 ≤ 50 ms"


def measure(context: Context) -> None:
    """Adds latency.accept and latency.e2e, each as p99 beside the bare stack's at the same rate."""
    if "accept" not in context.rates:
        context.rates["accept"] = accept.once(context).rate
    if "e2e" not in context.rates:
        context.rates["e2e"] = e2e.once(context).rate
    _at(context, "accept", lambda house, order: accepting(house, **order).load)
    _at(context, "e2e", lambda house, order: sending(house, **order).load)


def _at(context: Context, name: str, run: Callable[[House, dict[str, float]], Result]) -> None:
    rate = PART * context.rates[name]
    order = {"rate": rate, "connections": CONNECTIONS, "warm": 1.0, "seconds": context.scale.seconds}
    with Child("bench.echo") as echo:
        bare = generate(url=echo.hear(), key="tw_bare", **order)
    with housing(context.place) as house:
        warm_up(house)
        found = run(house, order)
    context.report.add(
        Figure(
            name=f"latency.{name}", value=found.latency["p99"], unit="ms p99", least=found.latency["p99"],
            most=found.latency["p99"], target=TARGET,
            ratio=f"p50 {found.latency['p50']:.1f} ms; bare HTTP: p50 {bare.latency['p50']:.1f}, "
            f"p99 {bare.latency['p99']:.1f} ms",
            window=f"{context.scale.seconds:g} s, open loop of {rate:,.0f}/s ({PART:.0%} of {name}), ≤ {CONNECTIONS} connections",
            method="from the moment a request was due to its whole answer; the generator's timer adds ≤ 1 ms",
            details={"found": found, "bare": bare},
        )
    )  # fmt: skip
