"""Memory of an idle server, and the time from its spawn until it listens."""

import time
from statistics import median

from bench.child import Child, memory
from bench.context import Context
from bench.house import FILE, House, remove
from bench.report import Figure

SETTLE_SECONDS = 2.0


def measure(context: Context) -> None:
    """Adds memory.idle, start.first and start.second."""
    seconds: list[tuple[float, float]] = []
    megabytes: list[dict[str, float]] = []
    for n in range(context.scale.starts):
        house = House(context.place / f"idle-{n}")
        house.directory.mkdir(mode=0o700)
        seconds.append((_start(house), _start(house, megabytes)))
        remove(house.directory)
    began = time.monotonic()
    with Child("bench.echo") as echo:
        echo.hear()
        bare_s = time.monotonic() - began
        bare_mb = memory(echo.pid)["rss"]
    _memory(context, megabytes, bare_mb)
    _seconds(context, "start.first", [first for first, _ in seconds], bare_s, "an empty directory")
    _seconds(context, "start.second", [second for _, second in seconds], bare_s, f"the same, with {FILE}")


def _start(house: House, looks: list[dict[str, float]] | None = None) -> float:
    took = house.start()
    try:
        if looks is not None:
            time.sleep(SETTLE_SECONDS)
            looks.append(house.memory())
    finally:
        house.stop()
    return took


def _memory(context: Context, looks: list[dict[str, float]], bare: float) -> None:
    rss = sorted(look["rss"] for look in looks)
    context.report.add(
        Figure(
            name="memory.idle", value=median(rss), unit="MB RSS", least=rss[0], most=rss[-1],
            target="target: ≤ 90", ratio=f"bare HTTP: {bare:.0f} MB",
            window=f"{len(rss)} second starts, {SETTLE_SECONDS:g} s after ready",
            method=f"smaps_rollup; of it shared with nobody {median(look['own'] for look in looks):.0f} MB",
            details={"looks": looks, "bare": bare},
        )
    )  # fmt: skip


def _seconds(context: Context, name: str, found: list[float], bare: float, words: str) -> None:
    context.report.add(
        Figure(
            name=name, value=median(found), unit="s", least=min(found), most=max(found), target="target: ≤ 1.5",
            ratio=f"bare HTTP: {bare:.2f} s", window=f"{len(found)} starts",
            method=f"from the spawn to ready.json with HTTP and HTTPS, on {words}; files of the program in the page cache",
            details={"seconds": found, "bare": bare},
        )
    )  # fmt: skip
