"""A fresh environment of Python's, to which distributions of this one are lent: those that pins and locks have put here."""

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.needs import require

SECONDS = 600.0


class Fresh:
    """`names` are the distributions that it was lent."""

    def __init__(self, home: Path) -> None:
        self.home, self.python = home, home / "bin" / "python"
        self.names: set[str] = set()
        require(util.find_spec("ensurepip"), "ensurepip (Debian: python3-venv)")
        run([sys.executable, "-m", "venv", home])
        [self.site] = (home / "lib").glob("python*/site-packages")

    def lend(self, *requirements: str) -> None:
        """Puts there what they ask for, with all that this needs in turn."""
        for name in set(closure(*requirements)) - self.names:
            lend(name, self.site)
            self.names.add(name)

    def pip(self, *arguments: str | Path, build: Path) -> str:
        """What pip does with nothing from outside; `build` is where the tools to build with are put."""
        lend_all(closure("hatchling"), build)
        command = [self.python, "-m", "pip", "--disable-pip-version-check", *arguments]
        return run(command, **OFFLINE, PYTHONPATH=str(build))

    def run(self, *arguments: str | Path, cwd: Path) -> str:
        """What its Python says."""
        return run([self.python, *arguments], cwd)

    def installed(self) -> set[str]:
        """The distributions that are there."""
        said = self.run("-c", LIST, cwd=self.home)
        return {canonicalize_name(name) for name in said.split()}


OFFLINE = {"PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
LIST = "from importlib import metadata; print(*{one.name for one in metadata.distributions()})"


def closure(*requirements: str) -> Iterator[str]:
    """The names of these distributions and of all that they need here."""
    waiting, seen = [Requirement(one) for one in requirements], set[str]()
    while waiting:
        wanted = waiting.pop()
        if str(wanted) in seen:
            continue
        seen.add(str(wanted))
        yield canonicalize_name(wanted.name)
        extras = ["", *wanted.extras]
        for line in metadata.requires(wanted.name) or ():
            further = Requirement(line)
            if further.marker is None or any(further.marker.evaluate({"extra": one}) for one in extras):
                waiting.append(further)


def lend_all(names: Iterator[str], place: Path) -> None:
    place.mkdir(exist_ok=True)
    for name in names:
        lend(name, place)


def lend(name: str, place: Path) -> None:
    """Links what a distribution has put into site-packages."""
    found = metadata.distribution(name)
    for top in {file.parts[0] for file in found.files or () if file.parts[0] not in {"..", "__pycache__"}}:
        link = place / top
        if not link.is_symlink():
            link.symlink_to(Path(str(found.locate_file(top))))


def run(command: list[str | Path], cwd: Path | None = None, **environment: str) -> str:
    """What it says; it may not fail. Nothing of ours is in its environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTWIRE_", "PYTHON"))}
    done = subprocess.run(
        command, cwd=cwd, env=kept | environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout
