"""Baselines, to read all others by: what the disk and the bare HTTP stack do on this machine at this time."""

from statistics import median

from bench.child import Child
from bench.context import Context
from bench.disk import fsyncs
from bench.machine import Watch
from bench.report import Figure
from bench.runs import Run, generate

FSYNC_SECONDS = 1.0


def measure(context: Context) -> None:
    """Adds baseline.fsync and baseline.echo; every other figure needs both."""
    _fsync(context)
    with Child("bench.echo") as echo:
        url = echo.hear()
        runs = context.repeat(lambda: _posts(url, echo.pid, context))
    context.rates["baseline.echo"] = median(run.rate for run in runs)
    context.add(
        "baseline.echo", runs, ratio="",
        method="the same POST to our listener and router, a handler that reads it and answers 201 with a small JSON",
    )  # fmt: skip


def _fsync(context: Context) -> None:
    found = [fsyncs(context.place, FSYNC_SECONDS) for _ in range(context.scale.repeats)]
    rates = sorted(rate for rate, _ in found)
    context.rates["baseline.fsync"] = value = median(rates)
    context.report.add(
        Figure(
            name="baseline.fsync", value=value, unit="/s", least=rates[0], most=rates[-1],
            window=f"{len(rates)} x {FSYNC_SECONDS:g} s",
            method="4 KiB appended and fdatasync, one after the other, on the disk of the server's data",
            details={"latency_ms": [latency for _, latency in found]},
        )
    )  # fmt: skip


def _posts(url: str, pid: int, context: Context) -> Run:
    watch = Watch([pid])
    result = generate(url=url, key="tw_00000000000000000000000000000000", **context.loop)
    return Run(rate=result.rate, load=result, server_us=0.0, others=watch.others())
