"""The Python SDK: how long its import takes, a server for a test session, and 200 isolated tests."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from bench.child import ROOT, Failed, environment
from bench.context import Context
from bench.house import House, housing
from bench.report import Figure
from textwire_client import Client
from textwire_client.testing.server import QUICK
from textwire_client.values import Weather

TESTS, WORKERS = 200, 2
PATIENCE_SECONDS = 300.0

IMPORT = (
    "import time; began = time.perf_counter(); import textwire_client; print(time.perf_counter() - began)"
)
NOTHING = (
    "import time; began = time.perf_counter(); import asyncio, json, ssl; print(time.perf_counter() - began)"
)
START = """import time
from textwire_client.testing import Textwire
began = time.perf_counter()
server = Textwire.start()
print(time.perf_counter() - began)
server.stop()"""
SUITE = f"""import pytest


@pytest.mark.parametrize("n", range({TESTS}))
def test_a_code_arrives_and_is_answered(sms, n):
    phone = sms.phone()
    sms.client.messages.send(phone.number, f"Your code is {{n:06}}.")
    assert phone.wait_for(r"code is (\\d{{6}})")[1] == f"{{n:06}}"
    phone.text("thanks")
    assert sms.received_webhooks.wait_for("message.received").message.text == "thanks"
"""


def measure(context: Context) -> None:
    """Adds client.import, client.start and client.tests."""
    imports = [_printed(IMPORT) * 1000 for _ in range(context.scale.starts)]
    bare = median(_printed(NOTHING) * 1000 for _ in range(context.scale.starts))
    _add(
        context, "client.import", "ms", imports, "≤ 150", f"asyncio, json and ssl alone: {bare:.0f} ms",
        "import of textwire_client in a new interpreter, its files in the page cache",
    )  # fmt: skip
    _add(
        context, "client.start", "s", [_printed(START) for _ in range(context.scale.starts)], "≤ 2", "",
        "Textwire.start() as the plugin does: a directory of its own, certificates, database, first account, ready",
    )  # fmt: skip
    with housing(context.place) as house:
        with Client(house.url, house.key) as client:  # as of a server that the plugin starts
            client.simnet.network.set(Weather(delivery=QUICK))
        seconds = [_suite(context, house) for _ in range(context.scale.repeats)]
    _add(
        context, "client.tests", "s", seconds, "≤ 30", f"{median(seconds) / TESTS * 1000:.0f} ms a test",
        f"{TESTS} tests in {WORKERS} processes of pytest against one server, start of pytest included; each has an "
        "account, a number and a webhook of its own, sends a text to a handset, and is answered",
    )  # fmt: skip


def _printed(program: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment(), capture_output=True, text=True,
        timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    if done.returncode:
        raise Failed(f"{program.splitlines()[0]}: {done.stderr[-500:]}")
    return float(done.stdout)


def _suite(context: Context, house: House) -> float:
    """Seconds of a whole run of pytest."""
    place: Path = context.place / "suite"
    place.mkdir(exist_ok=True)
    (place / "test_codes.py").write_text(SUITE)
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(WORKERS), "-p", "textwire_client.testing"]
    command += ["-p", "no:cacheprovider", "--rootdir", str(place), "-c", "/dev/null", str(place)]
    began = time.monotonic()
    done = subprocess.run(
        [*command, "--textwire-url", house.url, "--textwire-key", house.key], cwd=place,
        env=environment() | {"PYTHONPATH": str(ROOT / "src")}, capture_output=True, text=True,
        timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    took = time.monotonic() - began
    if f"{TESTS} passed" not in done.stdout:
        raise Failed(f"the tests did not pass: {done.stdout[-800:]}{done.stderr[-200:]}")
    return took


def _add(
    context: Context, name: str, unit: str, found: list[float], target: str, ratio: str, method: str
) -> None:
    context.report.add(
        Figure(
            name=name, value=median(found), unit=unit, least=min(found), most=max(found),
            target=f"target: {target}", ratio=ratio, window=f"{len(found)} runs", method=method,
        )
    )  # fmt: skip
