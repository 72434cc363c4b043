"""A Textwire for tests: started on free ports with a directory of its own, or one that runs already."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from textwire_client.client import Client
from textwire_client.values import Range, Weather

if TYPE_CHECKING:
    from .sms import Sms

START_SECONDS = 60.0
STOP_SECONDS = 20.0
LOOK_SECONDS = 0.01
LOOP_MESSAGES = "200"
"""Tests talk faster than people: so many texts of a pair in a minute are no loop yet, but more are stopped."""

QUICK = Range(min_ms=5, max_ms=10)
"""Handsets show a text sooner than in life, so that tests wait less."""


class NotStarted(RuntimeError):
    """No server could be started; the text says why."""


class Textwire:
    """A server. `key` is the operator's; `credentials` are those of the first account, if it is ours.

    `https` is host and port where it speaks TLS, under the authority of `ca_file`; each "" if that is not known.
    """

    def __init__(
        self, url: str, key: str, started: _Started | None = None, *, https: str = "", ca_file: str = ""
    ) -> None:
        self.url, self.key, self._started = url, key, started
        self.https = https or (urlsplit(url).netloc if url.startswith("https://") else "")
        self.ca_file = ca_file
        self.client = self.client_of(key)
        self.stepped = False

    def client_of(self, key: str) -> Client:
        """A client with another key."""
        return Client(self.url, key, tls=self.tls)

    @property
    def tls(self) -> ssl.SSLContext | None:
        """How this server's certificate is judged, if not as the system does."""
        return ssl.create_default_context(cafile=self.ca_file) if self.ca_file else None

    @property
    def ours(self) -> bool:
        """Whether it was started here, so that its clock may be stepped."""
        return self._started is not None

    @property
    def credentials(self) -> dict[str, Any]:
        """What the server keeps in credentials.json for its first account; empty if the server is not ours."""
        return {} if self._started is None else self._started.read("credentials.json")

    @classmethod
    def start(cls) -> Textwire:
        """The installed `textwire` on free ports."""
        started = _Started()
        try:
            ready = started.wait()
        except BaseException:
            started.stop()
            raise
        server = cls(
            ready["http"], started.read("credentials.json")["api"]["key"], started,
            https=urlsplit(ready["https"]).netloc, ca_file=str(started.data / "tls" / "ca.pem"),
        )  # fmt: skip
        server.client.simnet.network.set(Weather(delivery=QUICK))
        return server

    def sms(self, **wishes: Any) -> contextlib.AbstractContextManager[Sms]:
        """An account with numbers of its own on this server: see `Sms`."""
        from .sms import opened

        return opened(self, **wishes)

    def stop(self) -> None:
        """End it, if it was started here."""
        self.client.close()
        if self._started is not None:
            self._started.stop()


@contextlib.contextmanager
def textwire(
    url: str | None = None, key: str | None = None, https: str | None = None, ca_file: str | None = None
) -> Iterator[Textwire]:
    """A server for the length of a `with`: the one at `url` with an operator's `key`, or one that is started.

    TEXTWIRE_TEST_URL and TEXTWIRE_TEST_KEY name one as well, TEXTWIRE_TEST_HTTPS and TEXTWIRE_TEST_CA where it speaks
    TLS (host and port) and under whose authority.
    """
    server = named(url, key, https, ca_file) or Textwire.start()
    try:
        yield server
    finally:
        server.stop()


def named(url: str | None, key: str | None, https: str | None, ca_file: str | None) -> Textwire | None:
    """The running server that arguments or the environment name, if they name one."""
    given = (url, key, https, ca_file)
    names = ("URL", "KEY", "HTTPS", "CA")
    url, key, https, ca_file = (
        value or os.environ.get(f"TEXTWIRE_TEST_{name}", "") for value, name in zip(given, names, strict=True)
    )
    return Textwire(url, key, https=https, ca_file=ca_file) if url else None


class _Started:
    """The process, and its directory, which goes with it."""

    def __init__(self) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="textwire-"))
        self.data, self._said = self._directory / "data", self._directory / "said"
        with self._said.open("wb") as said:
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours
                [*_command(), "serve", "--data", str(self.data), "--http", "127.0.0.1:0",
                 "--https", "127.0.0.1:0", "--loop-messages", LOOP_MESSAGES],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=_environment(),
            )  # fmt: skip

    def read(self, name: str) -> dict[str, Any]:
        """A file of its directory."""
        found: dict[str, Any] = json.loads((self.data / name).read_bytes())
        return found

    def wait(self) -> dict[str, Any]:
        """Where it listens, as soon as it does."""
        deadline = time.monotonic() + START_SECONDS
        while not (self.data / "ready.json").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise NotStarted(f"exit code {self._process.poll()}: {self._said.read_text()[-2000:]}")
            time.sleep(LOOK_SECONDS)
        return self.read("ready.json")

    def stop(self) -> None:
        """Asks it to stop, and insists."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._directory, ignore_errors=True)


def _command() -> list[str]:
    """How the server is called: as a module of this Python, else as the command on the path."""
    if importlib.util.find_spec("textwire") is not None:
        return [sys.executable, "-m", "textwire"]
    found = shutil.which("textwire")
    if found is None:
        raise NotStarted(
            "no Textwire is installed: install `textwire`, or name a running one (TEXTWIRE_TEST_URL)"
        )
    return [found]


def _environment() -> dict[str, str]:
    """The environment without settings of a server."""
    return {name: value for name, value in os.environ.items() if not name.startswith("TEXTWIRE_")}
