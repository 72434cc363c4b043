"""A server as people start it, in a process of its own: prepared, started, looked at, stopped."""

import asyncio
import contextlib
import itertools
import json
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from textwire import first_start
from textwire.access.seal import KEY_BYTES, Seal
from textwire.clock import real_now
from textwire.domain.ids import Ids
from textwire.store.engines.engine import statement
from textwire.store.store import Store, engine_for

from .child import ROOT, Failed, cpu, end, environment, memory
from .fill import fill

START_SECONDS = 60.0
LOOK_SECONDS = 0.001
CALL_SECONDS = 30.0
FILE = "textwire.db"

_numbers = itertools.count()

# The demo account's balance pays for about 1,400 messages.
_ENRICH = statement("update account set balance = 1000000000000000")


async def _prepare(directory: Path, database: str, messages: int) -> None:
    store = Store(engine_for(database), owner=1)
    await store.open()
    running = asyncio.create_task(store.run())
    await first_start.ensure(store, Ids(), real_now, directory, Seal(bytes(KEY_BYTES)).seal)
    await store.engine.transact(lambda tx: tx.run(_ENRICH))
    if messages:
        await fill(store, messages, real_now())
    running.cancel()
    await store.close()


class House:
    """One server on a data directory of its own (and on `database`, if that is not the embedded one)."""

    def __init__(self, directory: Path, database: str = "") -> None:
        self.directory, self.database = directory, database
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self, messages: int = 0) -> None:
        """Makes the first account with money for all messages, and the history of so many, before the start."""
        self.directory.mkdir(mode=0o700)
        asyncio.run(_prepare(self.directory, self.database or str(self.directory / FILE), messages))

    def start(self) -> float:
        """Starts it with its defaults but for the ports; seconds from the spawn to ready.json."""
        ready = self.directory / "ready.json"
        command = [sys.executable, "-m", "textwire", "serve", "--data", str(self.directory)]
        command += ["--http", "127.0.0.1:0", "--https", "127.0.0.1:0"]
        command += ["--database", self.database] if self.database else []
        with self._log.open("ab") as log:
            began = time.monotonic()
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT, env=environment()
            )
        while not ready.exists():
            if self._process.poll() is not None or time.monotonic() > began + START_SECONDS:
                raise Failed(f"the server did not start: {self._log.read_text()[-2000:]}")
            time.sleep(LOOK_SECONDS)
        return time.monotonic() - began

    @property
    def _log(self) -> Path:
        return self.directory.with_suffix(".log")

    @property
    def pid(self) -> int:
        """Of the server."""
        assert self._process
        return self._process.pid

    @property
    def url(self) -> str:
        """Where it takes plain HTTP."""
        return str(json.loads((self.directory / "ready.json").read_text())["http"])

    @property
    def key(self) -> str:
        """The first account's key."""
        return str(self.credentials["api"]["key"])

    @property
    def credentials(self) -> Any:
        """What the first account's doors ask for."""
        return json.loads((self.directory / "credentials.json").read_text())

    def cpu(self) -> float:
        """Seconds of CPU used so far."""
        return cpu(self.pid)

    def memory(self) -> dict[str, float]:
        """MB in memory."""
        return memory(self.pid)

    def api(self, method: str, path: str, body: object = None) -> Any:
        """A call of the own API."""
        request = urllib.request.Request(
            self.url + path, None if body is None else json.dumps(body).encode(),
            {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}, method=method,
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=CALL_SECONDS) as answer:
            return json.loads(answer.read() or b"null")

    def stop(self) -> None:
        """Ends it politely."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            end(self._process)


@contextlib.contextmanager
def housing(place: Path, database: str = "", *, messages: int = 0) -> Iterator[House]:
    """A prepared and started server on a fresh data directory in `place`; its files are gone afterwards."""
    house = House(place / f"data-{next(_numbers)}", database)
    house.prepare(messages)
    try:
        house.start()
        yield house
    finally:
        house.stop()
        remove(house.directory)


def remove(directory: Path) -> None:
    """Takes a data directory away, so that a long run needs the room of one only."""
    shutil.rmtree(directory, ignore_errors=True)
