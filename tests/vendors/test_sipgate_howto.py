"""What the page on sipgate's clients says of scripts: one with the vendor's address in it reaches us as it is."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.test_docs import HOWTO, USUAL, blocks
from tests.serving import CALL_SECONDS, Server, clean_environment, server

from .packages import python_of

PAGE = HOWTO / "sipgate.md"
PHONE = "+4915799999123"
# As the vendor's example for Python calls: its address is in it, its credentials are a pair for Basic.
SCRIPT = """
import sys
import requests
base_url = "https://api.sipgate.com/v2"
response = requests.post(
    f"{base_url}/sessions/sms",
    headers={"Content-Type": "application/json"},
    json={"smsId": "s0", "recipient": "%s", "message": "from a script"},
    auth=(sys.argv[1], sys.argv[2]),
    timeout=30,
)
print(response.status_code)
"""


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path) as one:
        yield one


def test_a_script_with_the_vendors_address_in_it_reaches_us(running: Server, tmp_path: Path) -> None:
    [ours] = [block.text for block in blocks(PAGE) if block.language == "python"]
    place = tmp_path / "preload"
    place.mkdir()
    (place / "sitecustomize.py").write_text(ours.replace(USUAL, running.url))
    script = tmp_path / "script.py"
    script.write_text(SCRIPT % PHONE)
    kept = running.credentials["sipgate"]
    done = subprocess.run(
        [python_of("vonage"), script, kept["token_id"], kept["token"]],
        capture_output=True, text=True, timeout=4 * CALL_SECONDS, check=False,
        env=clean_environment() | {"PYTHONPATH": str(place), "HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"},
    )  # fmt: skip
    assert done.stdout.strip() == "204", done.stderr
    assert running.arrives(PHONE, "from a script")
