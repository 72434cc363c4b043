"""Type checkers know what a call gives, for the client that blocks and the one that is awaited."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.vendors.packages import installed

ROOT = Path(__file__).parents[2]
SAID = Path(__file__).with_name("typed.py")
SECONDS = 1200.0  # a machine that is busy with others takes its time


def test_mypy_agrees_with_what_is_said_of_the_types(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path, SAID],
        cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout


def test_pyright_agrees_and_finds_nothing_in_the_package(tmp_path: Path) -> None:
    settings = {
        "include": [os.path.relpath(one, tmp_path) for one in (ROOT / "src" / "textwire_client", SAID)],
        "extraPaths": [os.path.relpath(ROOT / "src", tmp_path)], "pythonVersion": "3.11",
        "typeCheckingMode": "standard",
    }  # fmt: skip
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    program = installed("pyright") / "node_modules" / "pyright" / "index.js"
    done = subprocess.run(
        ["node", program, "--project", tmp_path, "--pythonpath", sys.executable, "--warnings", "--outputjson"],
        capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["generalDiagnostics"] == []
    assert found["summary"]["filesAnalyzed"] > len(list((ROOT / "src" / "textwire_client").rglob("*.py")))
    assert done.returncode == 0
