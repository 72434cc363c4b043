"""The dice that weather rolls: one seeded source of chance for everything in the network."""

from random import Random

from textwire.simnet.weather import Losable, Weather

SECOND = 1_000_000

Range = tuple[int, int]
"""The least, and how much more at most; microseconds."""


class Sky:
    """Draws from one seed, in the order of calls: the same calls see the same chances."""

    def __init__(self, weather: Weather) -> None:
        self.weather = weather
        self._random = Random(weather.seed).random  # noqa: S311 - chance that can be repeated is the point
        self._latency = _range(weather.latency.min_ms, weather.latency.max_ms)
        self._delivery = _range(weather.delivery.min_ms, weather.delivery.max_ms)
        self._receipt_delay = _range(weather.receipt_delay.min_ms, weather.receipt_delay.max_ms)
        self._lost_responses = _probability(weather, "response")
        self._lost_receipts = _probability(weather, "receipt")
        throttle = weather.throttle
        self._put_off = (throttle.probability or 0.0) if throttle is not None else 0.0
        self._per_second = throttle.per_second if throttle is not None else None
        self._second = 0
        self._seen = 0

    def latency(self) -> int:
        """Microseconds until the answer to a submission."""
        return self._draw(self._latency)

    def delivery(self) -> int:
        """Microseconds from the network to the handset."""
        return self._draw(self._delivery)

    def receipt_delay(self) -> int:
        """Microseconds from the handset back to the network's customer."""
        return self._draw(self._receipt_delay)

    def loses_response(self) -> bool:
        """Whether this response gets lost."""
        return self._lost_responses > 0 and self._random() < self._lost_responses

    def loses_receipt(self) -> bool:
        """Whether this receipt gets lost."""
        return self._lost_receipts > 0 and self._random() < self._lost_receipts

    def coin(self) -> bool:
        """Heads or tails."""
        return self._random() < 0.5

    def busy_for(self, now: int) -> int:
        """Microseconds after which to try again, 0 when the submission gets through."""
        if self._per_second is not None:
            second = now // SECOND
            if second != self._second:
                self._second, self._seen = second, 0
            if self._seen >= self._per_second:
                return (second + 1) * SECOND - now
            self._seen += 1
        return SECOND if self._put_off > 0 and self._random() < self._put_off else 0

    def _draw(self, span: Range) -> int:
        least, width = span
        return least + int(self._random() * width) if width else least


def _range(min_ms: int, max_ms: int) -> Range:
    return min_ms * 1000, (max_ms - min_ms) * 1000


def _probability(weather: Weather, what: Losable) -> float:
    return next((loss.probability for loss in weather.loss if loss.what == what), 0.0)
