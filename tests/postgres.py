"""A PostgreSQL for tests: one that is there already, or a private cluster of this run."""

import asyncio
import contextlib
import glob
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from tests.needs import missing

SETTING = "TEXTWIRE_TEST_POSTGRES"
USUAL = "postgresql://postgres@127.0.0.1:5432/postgres"
PORTS = range(15_000, 32_000)  # below Linux' ephemeral range, so that a restart finds its port free
START_SECONDS = 60
STOP_SECONDS = 30


def execute(url: str, sql: str) -> str:
    """Run one statement over a connection of its own and return its status, e.g. `CREATE DATABASE`.

    Runs in a thread, so it may be called with or without a running loop.
    """

    async def run() -> str:
        connection = await asyncpg.connect(url, timeout=5)
        try:
            return str(await connection.execute(sql))
        finally:
            await connection.close(timeout=5)

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, run()).result()


def reachable(url: str) -> bool:
    """Whether a server answers there and lets us in."""
    try:
        execute(url, "SELECT 1")
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    return True


@contextlib.contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """A new, empty UTF-8 database on `server`: its URL; dropped afterwards, whoever is still connected."""
    name = f"tw_{secrets.token_hex(8)}"
    execute(server, f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    try:
        yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
    finally:
        execute(server, f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def binaries() -> Path | None:
    """The folder of `initdb` and `postgres`: PATH first, then where Debian keeps them, newest first."""
    found = shutil.which("initdb")
    debian = sorted(
        glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: float(Path(p).parts[-2]), reverse=True
    )
    folders = [Path(found).resolve().parent] if found else []
    return next((f for f in [*folders, *map(Path, debian)] if (f / "postgres").exists()), None)


class Cluster:
    """A private server that may be stopped or killed and started again at its URL; what it keeps survives."""

    def __init__(self, bin: Path, home: Path) -> None:
        self.bin, self.home = bin, home
        self.port = _free_port()
        self.url = f"postgresql://postgres@127.0.0.1:{self.port}/postgres"
        self.process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root.
        names = {user.pw_name for user in pwd.getpwall()}
        self.user = None if os.geteuid() else next(n for n in ("postgres", "nobody") if n in names)

    def create(self) -> None:
        """Make the empty cluster."""
        if self.user:
            shutil.chown(self.home, self.user)
        command: list[str | Path] = [
            self.bin / "initdb",
            "-D",
            self.home / "data",
            "-U",
            "postgres",
            "-A",
            "trust",
        ]
        self._spawn([*command, "-E", "UTF8", "--locale=C", "--no-sync"], wait=True)

    def start(self) -> None:
        """Start the server and wait until it answers. Raises RuntimeError with its log if it does not."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                # Also the way back after a kill: the dead server's children may hold its memory for a moment.
                self.process = self._serve()
            if reachable(self.url):
                return
            time.sleep(0.1)
        self.stop()
        raise RuntimeError(f"PostgreSQL did not start: {self._log()}")

    def stop(self) -> None:
        """Shut down in order, disconnecting clients; killed if that takes too long."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()

    def kill(self) -> None:
        """SIGKILL the server and its children at once, as a power cut would."""
        assert self.process, "not started"
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        pids = [int(pid) for pid in children.read_text().split()] if children.exists() else []
        for pid in [self.process.pid, *pids]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def _serve(self) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "on",
            "shared_buffers": "32MB",
            "max_connections": 60,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return self._spawn([self.bin / "postgres", "-D", self.home / "data", *options])

    def _spawn(self, command: list[str | Path], wait: bool = False) -> subprocess.Popen[bytes]:
        group = pwd.getpwnam(self.user).pw_gid if self.user else None
        with (self.home.parent / "log").open("ab") as log:
            process = subprocess.Popen(
                command,
                cwd=self.home,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self.user,
                group=group,
                extra_groups=[] if self.user else None,
                start_new_session=True,  # a Ctrl-C at the terminal is the test run's, not the server's
            )
        if wait and process.wait(START_SECONDS):
            raise RuntimeError(f"{command[0]} failed: {self._log()}")
        return process

    def _log(self) -> str:
        return (self.home.parent / "log").read_text(errors="replace")[-2000:]


def _free_port() -> int:
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port on 127.0.0.1")


@contextlib.contextmanager
def private_cluster() -> Iterator[Cluster]:
    """A started cluster of one's own, gone afterwards; without binaries the test is `missing` PostgreSQL."""
    bin = binaries()
    if bin is None:
        missing("PostgreSQL")
    # Not in pytest's tmp_path: its parents are closed to the user the server runs as.
    with tempfile.TemporaryDirectory(prefix="textwire-postgres-") as folder:
        Path(folder).chmod(0o755)
        home = Path(folder, "home")
        home.mkdir(mode=0o700)
        cluster = Cluster(bin, home)
        cluster.create()
        try:
            cluster.start()
            yield cluster
        finally:
            cluster.stop()


@contextlib.contextmanager
def some_server() -> Iterator[str]:
    """URL of a server: TEXTWIRE_TEST_POSTGRES if set, else the usual local one, else a private cluster."""
    if url := os.environ.get(SETTING):
        yield url
    elif reachable(USUAL):
        yield USUAL
    else:
        with private_cluster() as cluster:
            yield cluster.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a server that this worker may fill with databases of its own."""
    with some_server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of a fresh, empty database for this test alone."""
    with fresh_database(postgres_server) as url:
        yield url
