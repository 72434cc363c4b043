"""schemathesis calls everything that the OpenAPI document describes, with what fits its schemas and with what does not.

Whatever it finds fails: a 5xx, an answer that is not as described, a status that is not, an odd request that is taken.
"""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.serving import Server, server
from tests.vendors.packages import python_of

CONFIG = Path(__file__).with_name("schemathesis.toml")
RUN = "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())"
SEED = "7"  # for the gate, which has to say the same about the same code; the long run draws its own
GATE_SECONDS = 45
LONG_SECONDS = 1500
PATIENCE = 300.0  # seconds for the phases without a budget, and to finish what it is at
EXHAUSTIVE, RANDOM = "examples,coverage", "fuzzing,stateful"


def fuzz(running: Server, directory: Path, phases: str, seconds: int, *arguments: str) -> str:
    """What schemathesis says of the running server; whatever it finds fails the test."""
    key = running.credentials["api"]["key"]
    command = [
        str(python_of("fuzz")), "-c", RUN, "--config-file", str(CONFIG), "run", running.url + "/api/openapi.json",
        "--phases", phases, *(("--max-time", str(seconds)) if seconds else ()), *arguments,
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=directory, capture_output=True, text=True, timeout=seconds + PATIENCE,
        env={**os.environ, "FUZZ_KEY": key, "NO_COLOR": "1", "COLUMNS": "120"},
    )  # fmt: skip
    said = "\n".join(line[:400] for line in (done.stdout + done.stderr).splitlines())
    assert done.returncode == 0, said[-12_000:]
    return said


def check(running: Server) -> None:
    """The server is as well as before."""
    assert running.process.poll() is None
    assert running.api("GET", "/readyz") == {"status": "ready"}
    assert running.api("GET", "/api/account")["name"] == "demo"  # the key still opens: it was no run of 401s
    assert [line for line in running.log() if line["event"] == "web.failed"] == []


def test_every_call_does_what_the_document_says_at_all_of_its_bounds(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        said = fuzz(running, tmp_path, EXHAUSTIVE, 0, "--seed", SEED)
        tested = re.search(r"Tested: (\d+)", said)
        paths = running.api("GET", "/api/openapi.json")["paths"]
        assert tested is not None, said
        assert (
            int(tested[1]) == sum(len(item) for item in paths.values()) - 1
        )  # the document itself is read, not tried
        check(running)


def test_what_strangers_make_of_the_document_never_breaks_the_server(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        fuzz(running, tmp_path, RANDOM, GATE_SECONDS, "--seed", SEED)
        check(running)


@pytest.mark.long
def test_nor_does_it_in_half_an_hour(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        fuzz(running, tmp_path, RANDOM, LONG_SECONDS)
        check(running)
