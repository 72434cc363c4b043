"""A server as people start it, in a process of its own on free loopback ports, with its own API at hand."""

import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

START_SECONDS = 60.0  # a test machine may be busy with others
STOP_SECONDS = 20.0
CALL_SECONDS = 30.0


class Server:
    """`url` is where it listens on plain HTTP, `credentials` what `textwire credentials --json` prints."""

    def __init__(self, url: str, credentials: dict[str, Any]) -> None:
        self.url, self.credentials = url, credentials

    def api(self, method: str, path: str, body: object = None) -> Any:
        """A call of the own API with the first account's key: what it answers, or HTTPError."""
        request = urllib.request.Request(
            self.url + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.credentials['api']['key']}", "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:
            return json.loads(answer.read() or b"null")

    def shown(self, phone: str, count: int = 1) -> list[Any]:
        """What a handset shows, once it shows so many messages."""
        deadline = time.monotonic() + CALL_SECONDS
        while True:
            page = self.api("GET", f"/api/simnet/phones/{phone}/messages?wait=5")
            if len(page["items"]) >= count or time.monotonic() > deadline:
                return list(page["items"])

    def arrives(self, phone: str, text: str) -> bool:
        """Whether a text comes to a handset."""
        return arrives(self.api, phone, text)


def arrives(api: Callable[[str, str], Any], phone: str, text: str) -> bool:
    """Whether a handset comes to show a text."""
    deadline = time.monotonic() + CALL_SECONDS
    while time.monotonic() < deadline:
        page = api("GET", f"/api/simnet/phones/{phone}/messages")
        if text in [one["text"] for one in page["items"]]:
            return True
        time.sleep(0.05)
    return False


@contextlib.contextmanager
def serving(directory: Path) -> Iterator[Server]:
    """A server on a fresh data directory, until it is told to stop."""
    command = [sys.executable, "-m", "textwire"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TEXTWIRE_")}
    log = directory / "server.log"
    data = directory / "data"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "serve", "--data", str(data), "--http", "127.0.0.1:0", "--https", "off"],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
        )  # fmt: skip
        try:
            url = _ready(process, data / "ready.json", log)
            printed = subprocess.run(
                [*command, "credentials", "--data", str(data), "--json"],
                check=True, capture_output=True, timeout=START_SECONDS, env=environment,
            )  # fmt: skip
            yield Server(url, json.loads(printed.stdout))
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _ready(process: "subprocess.Popen[bytes]", path: Path, log: Path) -> str:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if path.exists():
            return str(json.loads(path.read_text())["http"])
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise AssertionError(f"the server did not start: {log.read_text()[-2000:]}")
