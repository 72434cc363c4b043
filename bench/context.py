"""What the figures of one run share: its scale, its place on the disk, its baselines, and the rates found so far."""

from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from .machine import QUIET_CORES, wait_for_quiet
from .report import Figure, Report
from .runs import Run


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """How much is measured. `seconds` is a window, `repeats` how many of it, `history` messages of the filled store."""

    repeats: int
    seconds: float
    history: int
    starts: int


FULL = Scale(repeats=3, seconds=6.0, history=1_000_000, starts=5)
QUICK = Scale(repeats=1, seconds=2.0, history=50_000, starts=1)
CONNECTIONS = 64
TRIES = 4
WARM_SECONDS = 1.0


class Context:
    """Handed to every figure. `rates` are medians by name, for figures that build on others."""

    def __init__(
        self,
        scale: Scale,
        place: Path,
        report: Report,
        *,
        connections: int = CONNECTIONS,
        patient: bool = False,
    ) -> None:
        self.scale, self.place, self.report = scale, place, report
        self._connections, self._patient = connections, patient
        self.rates: dict[str, float] = {}
        self.loop: dict[str, Any] = {
            "connections": connections, "warm": WARM_SECONDS, "seconds": scale.seconds,
        }  # fmt: skip

    def repeat(self, once: Callable[[], Run]) -> list[Run]:
        """The same run several times."""
        return [self.once(once) for _ in range(self.scale.repeats)]

    def once(self, run: Callable[[], Run]) -> Run:
        """A run; with patience a quiet one, or the quietest of TRIES. Which one it is does not depend on its rate."""
        tries: list[Run] = []
        while len(tries) < (TRIES if self._patient else 1):
            if self._patient:
                wait_for_quiet()
            tries.append(run())
            if tries[-1].others <= QUIET_CORES:
                break
        return min(tries, key=lambda one: one.others)

    def window(self, count: int = 0) -> str:
        """In words, for runs of `loop`."""
        count = count or self.scale.repeats
        return f"{count} x {self.scale.seconds:g} s, {self._connections} connections, closed loop"

    def add(self, name: str, runs: Sequence[Run], **words: Any) -> float:
        """A rate: median of runs, kept for other figures too, beside the baselines; `words` as in Figure."""
        rates = sorted(run.rate for run in runs)
        self.rates[name] = value = median(rates)
        said = {"ratio": self.against_baselines(value), "window": self.window(len(runs)), **words}
        said["details"] = {"runs": runs, **words.get("details", {})}
        self.report.add(Figure(name=name, value=value, unit="/s", least=rates[0], most=rates[-1], **said))
        return value

    def against_baselines(self, rate: float) -> str:
        """A rate as a part of those of the bare stack and the bare disk."""
        echo, fsync = self.rates["baseline.echo"], self.rates["baseline.fsync"]
        return f"{rate / echo:.2f} of bare HTTP, {rate / fsync:.2f} per bare fsync"


def costs(runs: Sequence[Run]) -> str:
    """What runs cost, and how quiet it was, in words."""
    ours = median(run.server_us for run in runs)
    load = median(run.load.cpu_us for run in runs)
    others = max(run.others for run in runs)
    return f"{ours:.0f} µs of the server's CPU each, {load:.0f} µs of the generator's, others used ≤ {others:.1f} cores"
