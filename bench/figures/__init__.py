"""The figures, one file each: `measure(context)` adds what it finds to the report."""

from collections.abc import Callable

from bench.context import Context

from . import (
    accept,
    baseline,
    client,
    doors,
    e2e,
    isolation,
    kandy_channels,
    latency,
    live,
    memory,
    million,
    postgres,
    reading,
    webhook,
)

FIGURES: dict[str, Callable[[Context], None]] = {
    "baseline": baseline.measure,
    "accept": accept.measure,
    "e2e": e2e.measure,
    "doors": doors.measure,
    "webhook": webhook.measure,
    "isolation": isolation.measure,
    "latency": latency.measure,
    "live": live.measure,
    "kandy_channels": kandy_channels.measure,
    "client": client.measure,
    "memory": memory.measure,
    "million": million.measure,
    "reading": reading.measure,
    "postgres": postgres.measure,
}
