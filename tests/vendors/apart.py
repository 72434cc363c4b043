"""A network and a hosts file of one's own: there the vendors' names are this machine, and port 443 is free to take.

The test that wants it runs pytest in there, on files that look at `apart()`. It works for root, and for others where the system lets
people have user namespaces.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.needs import require

from .packages import installed

MARK = "TESTS_APART"
ROOT = Path(__file__).parents[2]
UNSHARE = ("unshare", "--map-root-user", "--mount", "--net")
SECONDS = 900.0
PLACE = 'ip link set lo up; mount --bind "$0" /etc/hosts; exec "$@"'


def apart() -> bool:
    """Whether this is such a place."""
    return os.environ.get(MARK) == "1"


def run_apart(tmp_path: Path, names: str, vendor: str, *files: str) -> str:
    """What pytest says of files in a place where `names` are this machine; AssertionError unless all is well.

    The vendor's packages are installed before, as nothing can be fetched from there.
    """
    need_namespaces()
    installed(vendor)
    hosts = tmp_path / "hosts"
    hosts.write_text(f"127.0.0.1 localhost {names}\n::1 localhost\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-p",
        "no:xdist",
        "-k",
        "not test_apart",
        *files,
    ]
    done = subprocess.run(
        [*UNSHARE, "sh", "-euc", PLACE, str(hosts), *command, f"--basetemp={tmp_path / 'inside'}"],
        cwd=ROOT, env={**os.environ, MARK: "1"}, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "skipped" not in done.stdout, done.stdout
    return done.stdout


def need_namespaces() -> None:
    """A machine that has none lacks them by name."""
    tools = shutil.which("ip") and shutil.which("unshare")
    tried = tools and subprocess.run([*UNSHARE, "true"], capture_output=True, timeout=SECONDS, check=False)
    require(tried and tried.returncode == 0, "namespaces of one's own (unshare, ip)")
