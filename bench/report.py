"""What a run of the benchmarks leaves behind: lines on the terminal as they come, and one JSON file."""

import textwrap
import time
from pathlib import Path
from typing import Any

import msgspec

from .child import ROOT

RESULTS = ROOT / "bench" / "results"
WIDTH, INDENT = 110, "    "


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure. `value` is the median of its runs, `least` and `most` their range, `target` what we want.

    `ratio` compares it with baselines of the same run, `window` says how long and how wide it was measured,
    `details` is for whoever wants to know more.
    """

    name: str
    value: float
    unit: str
    least: float
    most: float
    target: str = ""
    ratio: str = ""
    window: str = ""
    method: str = ""
    details: dict[str, Any] = {}


def shown(value: float) -> str:
    """A value with as many decimals as it deserves."""
    return f"{value:,.0f}" if value >= 1000 else f"{value:.3g}"


class Report:
    """Figures and what could not be had, in order."""

    def __init__(self, about: dict[str, Any]) -> None:
        self._about = about
        self._figures: list[Figure] = []
        self.missed: dict[str, str] = {}

    def add(self, figure: Figure) -> None:
        """Keeps a figure and prints it."""
        self._figures.append(figure)
        spread = "" if figure.least == figure.most else f"({shown(figure.least)} to {shown(figure.most)})"
        value = f"{shown(figure.value)} {figure.unit}"
        print(f"{figure.name:<16} {value:>14}  {spread:<20}{figure.ratio}".rstrip())
        said = "; ".join(part for part in (figure.target, figure.window, figure.method) if part)
        print(textwrap.fill(said, WIDTH, initial_indent=INDENT, subsequent_indent=INDENT), flush=True)

    def miss(self, name: str, reason: str) -> None:
        """There is no such figure this time."""
        self.missed[name] = reason
        print(f"{name:<16} not measured: {reason}", flush=True)

    def save(self) -> Path:
        """Writes everything as JSON and returns where."""
        RESULTS.mkdir(exist_ok=True)
        path = RESULTS / time.strftime("%Y%m%dT%H%M%S.json")
        whole = {"about": self._about, "figures": self._figures, "missed": self.missed}
        path.write_bytes(msgspec.json.format(msgspec.json.encode(whole)))
        return path
