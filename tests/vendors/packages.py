"""The vendors' own packages, in environments of their own under .vendors/, made on first use."""

import fcntl
import subprocess
from pathlib import Path

from tests.needs import missing

ROOT = Path(__file__).parents[2]
INSTALL_SECONDS = 600.0


def python_of(vendor: str) -> Path:
    """The interpreter of the environment with a vendor's package."""
    return installed(vendor) / "bin" / "python"


def browser_script() -> Path:
    """Kandy's SDK for pages."""
    return installed("kandy-browser") / "node_modules" / "@kandy-io" / "cpaas-sdk" / "dist" / "kandy.js"


def installed(vendor: str) -> Path:
    """The directory with what requirements/vendors-… pins; whoever cannot install it lacks it by name."""
    home = ROOT / ".vendors"
    home.mkdir(exist_ok=True)
    with (home / f"{vendor}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several test processes, one environment
        made = subprocess.run(
            ["make", "--silent", f".vendors/{vendor}/.stamp"],
            cwd=ROOT, capture_output=True, text=True, timeout=INSTALL_SECONDS,
        )  # fmt: skip
    if made.returncode:
        missing(f"the packages of {vendor} ({made.stderr.strip().splitlines()[-1:]})")
    return home / vendor
