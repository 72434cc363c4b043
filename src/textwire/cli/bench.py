"""`textwire bench`: what this machine does, with a server of its own on a data directory that is thrown away."""

import asyncio
import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from . import tables
from .calls import pages
from .failures import Failed
from .finding import credentials, ready

if TYPE_CHECKING:
    from .call import Api

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 30.0
SETTLE_SECONDS: Final = 120.0  # for what was accepted to arrive
MONEY: Final = "1000000"  # EUR, more than a run can spend
SYNCS: Final = 50
SAMPLES: Final = 1000  # messages whose way is looked at
HANDSETS: Final = 1000


@click.command("bench", short_help="Measure this machine with a server of its own.")
@click.option(
    "--seconds",
    type=click.FloatRange(0.5, 600),
    default=5.0,
    show_default=True,
    metavar="N",
    help="How long to send.",
)
@click.option("--connections", type=click.IntRange(1, 500), default=32, show_default=True, metavar="N",
              help="How many callers send at the same time, each waiting for its answer.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="The figures as one JSON object.")
def command(seconds: float, connections: int, as_json: bool) -> None:
    """Start a server on a new data directory in the temporary directory, send texts to its simulated network, and tell
    how many were accepted and delivered a second, and how long that took. Everything is thrown away at the end.

    The callers run on the same machine and take their share of it; a server alone does more.
    """
    from .call import Api

    with tempfile.TemporaryDirectory(prefix="textwire-bench-") as directory:
        figures: dict[str, float] = {"fsync_ms": round(fsync_ms(Path(directory)), 2)}
        with server(Path(directory) / "data") as (url, key):
            began = time.perf_counter()
            figures |= asyncio.run(accepting(url, key, seconds, connections))
            figures |= arriving(Api(url, key), figures["accepted"], began)
    if as_json:
        tables.say_json(figures)
        return
    for name, value in figures.items():
        click.echo(f"{NAMES[name]:<52} {value}")


NAMES: Final = {
    "fsync_ms": "an fsync of the temporary directory's disk (ms)",
    "accepted": "texts accepted, each durable before its answer",
    "accepted_per_second": "  a second",
    "accept_p50_ms": "  half of the callers waited less than (ms)",
    "accept_p99_ms": "  99 of 100 waited less than (ms)",
    "delivered_per_second": "texts delivered a second, receipts and all",
    "end_to_end_p50_ms": "from accepted to delivered, half took less than (ms)",
    "end_to_end_p99_ms": "  99 of 100 took less than (ms)",
}


def fsync_ms(directory: Path) -> float:
    """How long the disk takes to make 4 KiB durable, at the median."""
    took = []
    with (directory / "fsync").open("wb") as file:
        for _ in range(SYNCS):
            file.write(os.urandom(4096))
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append(time.perf_counter() - began)
    return quantile(took, 0.5) * 1000


@contextmanager
def server(data: Path) -> Iterator[tuple[str, str]]:
    """(URL, key) of a server of our own with much money; it ends with the block."""
    from .call import Api

    environment = {name: value for name, value in os.environ.items() if not name.startswith("TEXTWIRE_")}
    arguments = (
        "serve",
        "--data",
        str(data),
        "--http",
        "127.0.0.1:0",
        "--https",
        "off",
        "--log-level",
        "error",
    )
    process = subprocess.Popen(  # noqa: S603  # our own interpreter and constants
        [sys.executable, "-m", "textwire", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=environment,
    )
    try:
        url = _listening(process, data)
        key = credentials(data)["api"]["key"]
        api = Api(url, key)
        account = api.get("/api/account")["id"]
        api.call("PATCH", f"/api/accounts/{account}", {"topup": MONEY})
        yield url, key
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listening(process: "subprocess.Popen[bytes]", data: Path) -> str:
    end = time.monotonic() + START_SECONDS
    while not (said := ready(data)):
        if process.poll() is not None or time.monotonic() > end:
            raise Failed("the server of the measurement did not start")
        time.sleep(0.05)
    return str(said["http"])


async def accepting(url: str, key: str, seconds: float, connections: int) -> dict[str, float]:
    """So many callers send, each the next text after the answer to the last one."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    took: list[float] = []
    began = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for caller in range(connections):
            group.create_task(_caller(host, int(port), key, began + seconds, caller, took))
    elapsed = time.perf_counter() - began
    return {
        "accepted": len(took),
        "accepted_per_second": round(len(took) / elapsed, 1),
        "accept_p50_ms": round(quantile(took, 0.5) * 1000, 1),
        "accept_p99_ms": round(quantile(took, 0.99) * 1000, 1),
    }


async def _caller(host: str, port: int, key: str, end: float, caller: int, took: list[float]) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    turn = caller
    while time.perf_counter() < end:
        body = json.dumps({"to": f"+44770090{turn % HANDSETS + 2000:04d}", "text": f"bench {turn}"}).encode()
        head = (
            f"POST /api/messages HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        began = time.perf_counter()
        writer.write(head.encode() + body)
        status = await _answer(reader)
        if status != 201:
            raise Failed(f"the server of the measurement answers {status}")
        took.append(time.perf_counter() - began)
        turn += 101
    writer.close()


async def _answer(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
    length = next(int(line[15:]) for line in head.split("\r\n") if line.startswith("content-length:"))
    await reader.readexactly(length)
    return int(head.split()[1])


def arriving(api: "Api", accepted: float, began: float) -> dict[str, float]:
    """Waits until all have arrived; how many made it a second, and how long the latest of them were on their way."""
    end = time.monotonic() + SETTLE_SECONDS
    while api.get("/api/messages?state=queued,submitting,sent&limit=1")["items"]:
        if time.monotonic() > end:
            raise Failed(f"{SETTLE_SECONDS:g} s later there are texts that have not arrived")
        time.sleep(0.05)
    elapsed = time.perf_counter() - began
    ways = [_way(one) for one in pages(api, "/api/messages?state=delivered", SAMPLES) if one]
    return {
        "delivered_per_second": round(accepted / elapsed, 1),
        "end_to_end_p50_ms": round(quantile(ways, 0.5) * 1000),
        "end_to_end_p99_ms": round(quantile(ways, 0.99) * 1000),
    }


def _way(message: dict[str, Any]) -> float:
    """Seconds from being accepted to being delivered, by the server's clock."""
    born, arrived = (datetime.fromisoformat(message[name]) for name in ("created_at", "updated_at"))
    return (arrived - born).total_seconds()


def quantile(values: list[float], part: float) -> float:
    """The value that such a part of them does not exceed; nan for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else math.nan
