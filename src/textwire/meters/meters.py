"""Everything that is measured of a running server, and where each number comes from."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from textwire import __version__
from textwire.core import Core
from textwire.hooks.hooks import Hooks
from textwire.lag import Lag
from textwire.live.live import Live
from textwire.store.engines.engine import Unavailable
from textwire.store.queues import MOST_ROWS, Queue, queues
from textwire.web.router import Router

from .histogram import Histogram
from .tally import Tally

if TYPE_CHECKING:
    from prometheus_client.core import Metric

BATCHES: Final = (1, 2, 5, 10, 20, 50, 100, 200, 500)
SECONDS: Final = (0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


class Meters:
    """Counts per commit and per turn of a loop; nothing here is done per message but by the tally."""

    def __init__(self, core: Core, lag: Lag, live: Live) -> None:
        self._core, self._live = core, live
        self.router: Router | None = None
        self.hooks: Hooks | None = None
        self.tally = Tally()
        self.batches, self.commits, self.lags = Histogram(BATCHES), Histogram(SECONDS), Histogram(SECONDS)
        core.store.committer.observers.append(self.tally.observe)
        core.store.committer.metered = self._committed
        lag.seen = self.lags.add
        self._lag = lag

    def _committed(self, items: int, seconds: float) -> None:
        self.batches.add(items)
        self.commits.add(seconds)

    async def scrape(self) -> bytes:
        """The exposition. The library is loaded when somebody asks for the first time."""
        from prometheus_client.exposition import generate_latest
        from prometheus_client.registry import CollectorRegistry

        try:
            waiting = await queues(self._core.store.engine)
        except Unavailable:  # what else there is to say is worth the more
            waiting = []
        registry = CollectorRegistry()
        registry.register(_Once(self._families(waiting)))
        return generate_latest(registry)

    def _families(self, waiting: Iterable[Queue]) -> "list[Metric]":
        from prometheus_client import ProcessCollector

        router, hooks, live = self.router, self.hooks, self._live
        events = {
            (kind.removeprefix("message."), carrier): count
            for (kind, carrier), count in self.tally.events.items()
            if kind.startswith("message.")
        }
        now = self._core.clock.now()
        return [
            _gauge("textwire_info", "1, with the version of this program.", ["version"], {(__version__,): 1}),
            _counter(
                "textwire_message_events", "Moves of messages to a state, by the carrier that moved them.",
                ["event", "carrier"], events,
            ),
            _counter(
                "textwire_refusals", "Requests to send that were refused, by code.", ["code"],
                {(code,): count for code, count in self._core.desk.refused.items()},
            ),
            _counter(
                "textwire_segments_ambiguous", "Segments of which nobody knew whether the network has them.",
                [], {(): self.tally.ambiguous},
            ),
            _counter(
                "textwire_loops_stopped", "Pairs of numbers that answered each other too often, by minute and account.",
                [], {(): self.tally.events["loop.stopped", ""]},
            ),
            _histogram("textwire_commit_items", "Writes in one transaction.", self.batches),
            _histogram("textwire_commit_seconds", "Time of one transaction, its fsync included.", self.commits),
            _histogram("textwire_loop_lag_seconds", "By how much the event loop ran late.", self.lags),
            _gauge(
                "textwire_loop_lag_worst_seconds", "The worst of the last seconds.", [],
                {(): self._lag.seconds()},
            ),
            _gauge(
                "textwire_outbox_rows", f"What is owed, by topic; counted up to {MOST_ROWS}.", ["topic"],
                {(queue.topic,): queue.rows for queue in waiting},
            ),
            _gauge(
                "textwire_outbox_late_seconds", "For how long the oldest of a topic has been due.", ["topic"],
                {(queue.topic,): max(now - queue.due_at, 0) / 1e6 for queue in waiting},
            ),
            _counter(
                "textwire_hook_attempts", "Calls of webhooks, by what came of the delivery.", ["outcome"],
                {(state,): count for state, count in hooks.outcomes.items()} if hooks else {},
            ),
            _gauge("textwire_live_sockets", "Open live sockets.", [], {(): live.open.total()}),
            _counter(
                "textwire_live_closed", "Live sockets that are over, by the code with which we closed them.",
                ["code"], {(str(code),): count for code, count in live.closed.items()},
            ),
            _counter(
                "textwire_http_responses", "Answers, by entrance and status.", ["door", "status"],
                {(door, str(status)): n for (door, status), n in router.answers.items()} if router else {},
            ),
            *ProcessCollector(registry=None).collect(),
        ]  # fmt: skip


class _Once:
    """A collector of families that were made before."""

    def __init__(self, families: "list[Metric]") -> None:
        self._families = families

    def collect(self) -> "Iterable[Metric]":
        return self._families


Values = dict[tuple[str, ...], float] | dict[tuple[str], int] | dict[tuple[str, str], int] | dict[Any, Any]


def _counter(name: str, about: str, labels: list[str], values: Values) -> "Metric":
    from prometheus_client.core import CounterMetricFamily

    return _filled(CounterMetricFamily(name, about, labels=labels), values)


def _gauge(name: str, about: str, labels: list[str], values: Values) -> "Metric":
    from prometheus_client.core import GaugeMetricFamily

    return _filled(GaugeMetricFamily(name, about, labels=labels), values)


def _filled(family: Any, values: Values) -> "Metric":
    for labels, value in sorted(values.items()):
        family.add_metric(labels, value)
    metric: Metric = family
    return metric


def _histogram(name: str, about: str, histogram: Histogram) -> "Metric":
    from prometheus_client.core import HistogramMetricFamily

    return HistogramMetricFamily(name, about, buckets=histogram.buckets(), sum_value=histogram.total)
