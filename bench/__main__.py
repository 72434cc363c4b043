"""`python -m bench [--quick] [--dir DIR] [figure …]`: measures all figures or the named ones; says so and how."""

import argparse
import sys
import tempfile
from pathlib import Path

import structlog

from .child import Failed
from .context import CONNECTIONS, FULL, QUICK, Context
from .figures import FIGURES
from .machine import description
from .report import RESULTS, Report


def main() -> int:
    """0: everything asked for was measured; 1: something was not, or went wrong."""
    asked = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    report = Report(about := description())
    print(
        f"{about['cpu']}, {about['cores']} cores, load {about['load_average']}, commit {about['commit']}",
        flush=True,
    )
    Path(asked.dir).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.dir, prefix="run-") as place:
        scale = QUICK if asked.quick else FULL
        context = Context(scale, Path(place), report, connections=asked.connections, patient=asked.patient)
        for name in dict.fromkeys(("baseline", *(asked.figures or FIGURES))):
            try:
                FIGURES[name](context)
            except (Failed, OSError) as error:
                report.miss(name, str(error))
    print(report.save())
    return 1 if report.missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="Measures this server on this machine."
    )
    parser.add_argument("figures", nargs="*", metavar="figure", help=f"of {', '.join(FIGURES)}; all without")
    parser.add_argument("--quick", action="store_true", help="short windows: about a minute, and coarse")
    parser.add_argument(
        "--dir", default=RESULTS, help="where data goes meanwhile: on the disk to be measured"
    )
    parser.add_argument(
        "--patient",
        action="store_true",
        help="wait for a quiet machine, and measure again what others disturbed",
    )
    parser.add_argument(
        "--connections", type=int, default=CONNECTIONS, help="of the closed loops (%(default)s)"
    )
    asked = parser.parse_args()
    if unknown := set(asked.figures) - FIGURES.keys():
        parser.error(f"there is no figure {', '.join(sorted(unknown))}")
    return asked


if __name__ == "__main__":
    sys.exit(main())
