"""The client as it is installed: light, typed, on its own."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from email import message_from_string
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ALLOWED = {"httpcore", "msgspec", "websockets"}
HEAVY = ("httpcore", "websockets", "asyncio", "ssl", "textwire", "apsw", "asyncpg", "pytest")
LOOK = "import sys, json; before = set(sys.modules); import textwire_client; print(json.dumps(sorted(set(sys.modules) - before)))"


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by its own project from this checkout, with nothing fetched."""
    made = tmp_path_factory.mktemp("wheel")
    offline: Sequence[str] = ("--no-deps", "--no-index", "--no-build-isolation", "--quiet")
    run(sys.executable, "-m", "pip", "wheel", *offline, "-w", made, ROOT / "client", cwd=made)
    [built] = made.glob("*.whl")
    return built


def test_importing_it_loads_neither_sockets_nor_a_server() -> None:
    loaded = json.loads(run(sys.executable, "-c", LOOK, cwd=ROOT / "src"))
    assert "textwire_client" in loaded
    assert [name for name in loaded if name.split(".")[0] in HEAVY] == []


def test_importing_it_takes_less_than_150_ms_of_processor_time() -> None:
    look = "import time; before = time.process_time(); import textwire_client; print(time.process_time() - before)"
    # On a machine that is busy with others the same work counts for more: the best of some tries is the work's own.
    assert any(float(run(sys.executable, "-c", look, cwd=ROOT / "src")) < 0.150 for _ in range(20))


def test_it_needs_an_http_client_a_websocket_client_and_msgspec_alone(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        [about] = [name for name in packed.namelist() if name.endswith("METADATA")]
        metadata = message_from_string(packed.read(about).decode())
    needed = {
        line.split("[")[0].split(">")[0].split("<")[0] for line in metadata.get_all("Requires-Dist", [])
    }
    assert needed == ALLOWED
    assert metadata["Requires-Python"] == ">=3.10"


def test_the_wheel_has_every_module_and_says_that_it_is_typed(wheel: Path) -> None:
    source = ROOT / "src"
    modules = {str(path.relative_to(source)) for path in (source / "textwire_client").rglob("*.py")}
    with zipfile.ZipFile(wheel) as packed:
        held = {name for name in packed.namelist() if ".dist-info/" not in name}
    assert held == modules | {"textwire_client/py.typed"}
