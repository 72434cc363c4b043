"""Messages accepted a second: durable before the answer, with nothing leaving, and while they are being sent."""

from bench.context import Context, costs
from bench.house import housing
from bench.runs import Run, accepting, sending, warm_up

TARGET = "target: ≥ 8,000"


def measure(context: Context) -> None:
    """Adds accept and accept.sending."""
    runs = context.repeat(lambda: once(context))
    context.add(
        "accept", runs, target=TARGET,
        method=f"POST /api/messages, each for tomorrow (send_at), so acceptance alone; {costs(runs)}",
    )  # fmt: skip
    context.add(
        "accept.sending", context.repeat(lambda: _while_sending(context)),
        method="the same to be sent at once: answers while the house is sending what it takes (its end: e2e)",
    )  # fmt: skip


def once(context: Context, database: str = "") -> Run:
    """Acceptance alone, on a fresh store."""
    with housing(context.place, database) as house:
        warm_up(house)
        return accepting(house, **context.loop)


def _while_sending(context: Context) -> Run:
    """`rate` is that of the answers here."""
    import msgspec

    with housing(context.place) as house:
        warm_up(house)
        run = sending(house, **context.loop)
    return msgspec.structs.replace(run, rate=run.load.rate)
