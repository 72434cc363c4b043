"""Answers a second at the vendors' doors beside the own API's, in turns, while the house sends what it takes."""

from statistics import median

from msgspec.structs import replace

from bench.context import Context, costs
from bench.doors import key_of
from bench.house import housing
from bench.runs import Run, sending, warm_up

METHODS = {
    "api": "POST /api/messages with a key",
    "vonage": "POST /sms/json as a form with api_key and api_secret; the answer with price, balance and network",
    "sipgate": "POST /v2/sessions/sms as JSON with a personal access token",
}


def measure(context: Context) -> None:
    """Adds doors.api, doors.vonage and doors.sipgate; the ratio is the median of those of each turn."""
    found: dict[str, list[Run]] = {door: [] for door in METHODS}
    for _ in range(context.scale.repeats):
        for door, runs in found.items():
            runs.append(context.once(lambda door=door: _once(context, door)))  # type: ignore[misc]
    for door, runs in found.items():
        ratios = [run.rate / own.rate for run, own in zip(runs, found["api"], strict=True)]
        context.add(
            f"doors.{door}", runs, ratio=f"{median(ratios):.2f} of the own API in the same turns",
            method=f"{METHODS[door]}; every message was delivered; {costs(runs)}",
        )  # fmt: skip


def _once(context: Context, door: str) -> Run:
    """`rate` is that of the answers."""
    with housing(context.place) as house:
        warm_up(house)
        run = sending(house, door=door, key=key_of(door, house.credentials), **context.loop)
    return replace(run, rate=run.load.rate)
