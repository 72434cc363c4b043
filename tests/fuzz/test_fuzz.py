"""schemathesis calls everything that the OpenAPI document describes, with what fits its schemas and with what does not.

Whatever it finds fails: a 5xx, an answer that is not as described, a status that is not, an odd request that is taken.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server, server
from tests.vendors.packages import python_of

CONFIG = Path(__file__).with_name("schemathesis.toml")
RUN = "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())"
SEED = "7"  # for the gate, which has to say the same about the same code; the long run draws its own
GATE_SECONDS = 75
LONG_SECONDS = 1500
PATIENCE = 120.0  # seconds beyond its own budget: it finishes what it is at


def fuzz(running: Server, directory: Path, seconds: int, *arguments: str) -> str:
    """What schemathesis says of the running server; whatever it finds fails the test."""
    key = running.credentials["api"]["key"]
    command = [
        str(python_of("fuzz")), "-c", RUN, "--config-file", str(CONFIG), "run", running.url + "/api/openapi.json",
        "--max-time", str(seconds), *arguments,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=directory, capture_output=True, text=True, timeout=seconds + PATIENCE,
        env={**os.environ, "FUZZ_KEY": key, "NO_COLOR": "1", "COLUMNS": "120"},
    )  # fmt: skip
    said = "\n".join(line[:400] for line in (done.stdout + done.stderr).splitlines())
    assert done.returncode == 0, said[-12_000:]
    return said


def check(running: Server, said: str) -> None:
    """Everything was called, and the server is as well as before."""
    operations = sum(len(item) for item in described(running).values())
    tested = re.search(r"Tested: (\d+)", said)
    assert tested is not None, said
    assert int(tested[1]) == operations
    assert running.process.poll() is None
    assert running.api("GET", "/readyz") == {"status": "ready"}
    assert running.api("GET", "/api/account")["name"] == "demo"  # the key still opens: it was no run of 401s
    assert [line for line in running.log() if line["event"] == "web.failed"] == []


def described(running: Server) -> dict[str, Any]:
    found: dict[str, Any] = running.api("GET", "/api/openapi.json")["paths"]
    return found


def test_what_strangers_make_of_the_document_never_breaks_the_server(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        check(running, fuzz(running, tmp_path, GATE_SECONDS, "--seed", SEED))


@pytest.mark.long
def test_nor_does_it_in_half_an_hour(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        check(running, fuzz(running, tmp_path, LONG_SECONDS))
