"""What docs/howto/webhooks.md says about signatures is tried as it stands there."""

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.needs import require
from textwire.hooks import sign

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "webhooks.md").read_text()
SECRET, OTHER = sign.new_secret(), sign.new_secret()
BODY = '{"id":"evt_1","type":"message.received","data":{"text":"grüß 😀"}}'.encode()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def headers(secret: str, at: float, body: bytes = BODY) -> dict[str, str]:
    signature = sign.sign([OTHER, secret], "evt_1", int(at), body)
    return {"webhook-id": "evt_1", "webhook-timestamp": str(int(at)), "webhook-signature": signature}


FITS = [True, False, False, False, False, False]


def cases() -> list[dict[str, str]]:
    """As of now: a module's own moment may be minutes ago in a long run."""
    now = time.time()
    return [
        headers(SECRET, now),
        headers(sign.new_secret(), now),
        headers(SECRET, now - 400),
        headers(SECRET, now + 400),
        headers(SECRET, now, BODY + b" "),
        headers(SECRET, now) | {"webhook-id": "evt_2"},
    ]


def run(command: list[str], file: Path, text: str) -> list[bool]:
    file.write_text(text)
    given = json.dumps({"secret": SECRET, "body": BODY.decode(), "cases": cases()})
    done = subprocess.run([*command, str(file)], input=given, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    found: list[bool] = json.loads(done.stdout)
    return found


def test_the_python_without_a_library_verifies_what_we_sign(tmp_path: Path) -> None:
    [snippet] = [block for block in blocks("python") if "def is_genuine" in block]
    asking = """
import json, sys
given = json.load(sys.stdin)
body = given["body"].encode()
print(json.dumps([is_genuine(given["secret"], one, body) for one in given["cases"]]))
"""
    assert run([sys.executable], tmp_path / "verify.py", snippet + asking) == FITS


def test_the_node_verifies_what_we_sign(tmp_path: Path) -> None:
    node = shutil.which("node")
    require(node, "node")
    [snippet] = [block for block in blocks("js") if "function isGenuine" in block]
    asking = """
const given = JSON.parse(require("node:fs").readFileSync(0));
const body = Buffer.from(given.body);
console.log(JSON.stringify(given.cases.map((one) => isGenuine(given.secret, one, body))));
"""
    verifying = snippet[: snippet.index("createServer((")]
    assert run([str(node)], tmp_path / "verify.js", verifying + asking) == FITS


@pytest.mark.parametrize("language", ["python", "js"])
def test_every_receiver_on_the_page_can_be_read_as_a_program(language: str, tmp_path: Path) -> None:
    node = shutil.which("node")
    if language == "js":
        require(node, "node")
    found = blocks(language)
    assert found
    for n, block in enumerate(found):
        file = tmp_path / f"receiver{n}.{'py' if language == 'python' else 'js'}"
        file.write_text(block)
        check = [sys.executable, "-m", "py_compile"] if language == "python" else [str(node), "--check"]
        subprocess.run([*check, str(file)], check=True, capture_output=True, timeout=60)
