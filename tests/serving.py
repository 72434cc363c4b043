"""A server as people start it: a process of its own on free loopback ports, for the length of a test.

    with server(tmp_path) as running:
        running.api("POST", "/api/messages", {"to": "+447700900123", "text": "hello"})

The data directory is `tmp_path / "data"`: a second `server(tmp_path)` goes on where the first one ended.
"""

import contextlib
import json
import os
import signal
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests import canaries

COMMAND = (sys.executable, "-m", "textwire")
START_SECONDS = 240.0  # a test machine may be busy with others
STOP_SECONDS = 30.0
CALL_SECONDS = 30.0
LOOK_SECONDS = 0.01


class NotStarted(AssertionError):
    """The server ended, or took too long, before it was ready."""

    def __init__(self, code: int | None, said: str) -> None:
        super().__init__(f"exit code {code}: {said[-2000:]}")
        self.code, self.said = code, said


class Server:
    """`url` is that of plain HTTP, else of HTTPS; `credentials` is the content of credentials.json."""

    def __init__(self, process: "subprocess.Popen[bytes]", directory: Path) -> None:
        self.process, self.directory = process, directory
        self.data = directory / "data"
        self.urls: dict[str, str] = {}

    @property
    def url(self) -> str:
        return self.urls.get("http") or self.urls["https"]

    @property
    def credentials(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "credentials.json").read_bytes())
        return found

    @property
    def printed(self) -> str:
        """What it has printed so far."""
        return (self.directory / "server.out").read_text()

    @property
    def complaints(self) -> str:
        """What it has written to stderr so far: log lines, and the reason if it could not start."""
        return (self.directory / "server.err").read_text()

    def log(self) -> list[dict[str, Any]]:
        """Its log entries; a line that is no JSON object fails the test."""
        return [dict(json.loads(line)) for line in self.complaints.splitlines()]

    def api(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """A call of the own API with the first account's key: the JSON of its answer, or urllib's HTTPError."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(
            self.url + path,
            None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.credentials['api']['key']}", "Content-Type": "application/json"}
            | named,
            method=method,
        )
        trust = self.trust() if self.url.startswith("https:") else None
        with urllib.request.urlopen(request, timeout=CALL_SECONDS, context=trust) as answer:
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
        deadline = time.monotonic() + CALL_SECONDS
        while time.monotonic() < deadline:
            page = self.api("GET", f"/api/simnet/phones/{phone}/messages")
            if text in [one["text"] for one in page["items"]]:
                return True
            time.sleep(5 * LOOK_SECONDS)
        return False

    def types(self, phone: str, to: str, text: str) -> None:
        """What the person with a handset types."""
        self.api("POST", f"/api/simnet/phones/{phone}/messages", {"to": to, "text": text})

    def trust(self) -> ssl.SSLContext:
        """What a client of its HTTPS needs."""
        return ssl.create_default_context(cafile=str(self.data / "tls" / "ca.pem"))

    def textwire(self, *arguments: str, typed: str = "") -> "subprocess.CompletedProcess[str]":
        """Runs a command of ours that speaks to this server; it may fail."""
        return textwire(*arguments, "--data", str(self.data), typed=typed)

    def stop(self) -> int:
        """Asks for an orderly stop and returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)

    def kill(self) -> None:
        """SIGKILL: no part of the server gets to tidy up."""
        self.process.kill()
        self.process.wait(STOP_SECONDS)


@contextlib.contextmanager
def server(tmp_path: Path, *arguments: str, environment: dict[str, str] | None = None) -> Iterator[Server]:
    """A server that is ready; stopped at the end if the test has not done so.

    It listens on one free port of plain HTTP; `arguments` win over that (`"--https", "127.0.0.1:0"`).
    Raises NotStarted with its exit code and what it said. At its end its log is looked through for what never may
    be there: see `tests.canaries`.
    """
    started = _start(tmp_path, arguments, environment or {})
    try:
        _until_ready(started)
        yield started
    finally:
        if started.process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                started.stop()
        if started.process.poll() is None:
            started.kill()
    canaries.check(tmp_path)


def textwire(
    *arguments: str, typed: str = "", environment: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Runs a command of ours to its end; it may fail."""
    return subprocess.run(
        [*COMMAND, *arguments], input=typed, capture_output=True, text=True, timeout=START_SECONDS,
        env=clean_environment() | (environment or {}), check=False,
    )  # fmt: skip


def clean_environment() -> dict[str, str]:
    """The environment without settings of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TEXTWIRE_")}


def _start(directory: Path, arguments: tuple[str, ...], environment: dict[str, str]) -> Server:
    # Files, not pipes: nobody has to read them for the server to go on.
    with (directory / "server.out").open("wb") as out, (directory / "server.err").open("wb") as err:
        process = subprocess.Popen(
            [*COMMAND, "serve", "--data", str(directory / "data"), "--http", "127.0.0.1:0", "--https", "off",
             *arguments],
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, env=clean_environment() | environment,
        )  # fmt: skip
    return Server(process, directory)


def _until_ready(started: Server) -> None:
    deadline = time.monotonic() + START_SECONDS
    while "\nready " not in started.printed:
        if started.process.poll() is not None or time.monotonic() > deadline:
            raise NotStarted(started.process.poll(), started.complaints or started.printed)
        time.sleep(LOOK_SECONDS)
    said = json.loads((started.data / "ready.json").read_bytes())
    assert said.pop("pid") == started.process.pid
    started.urls = said
