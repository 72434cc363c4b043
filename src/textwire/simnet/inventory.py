"""What the simulated network sells: every number of its plan, in an order and with features that a seed decides."""

from bisect import bisect_right
from functools import lru_cache
from hashlib import blake2b
from itertools import accumulate
from typing import Final

from textwire.domain.number import Feature, NumberType, Offer, Wish

from .inventory_shapes import Shape, shapes
from .numbering import Series, countries, series_of

STOCKS: Final = 256  # searches whose shapes are remembered
ORDER: Final[tuple[Feature, ...]] = ("SMS", "VOICE", "MMS")
ALWAYS, USUALLY, SOMETIMES = 256, 192, 64  # of 256 numbers so many have the feature

Chances = dict[Feature, int]
_AMERICAN: Final[dict[NumberType, Chances]] = {
    "mobile": {"SMS": ALWAYS, "VOICE": ALWAYS, "MMS": ALWAYS},
    "landline": {"SMS": ALWAYS, "VOICE": ALWAYS},
    "toll-free": {"SMS": ALWAYS, "VOICE": ALWAYS},
}
_ELSEWHERE: Final[dict[NumberType, Chances]] = {
    "mobile": {"SMS": ALWAYS, "VOICE": USUALLY},
    "landline": {"SMS": SOMETIMES, "VOICE": ALWAYS},
    "toll-free": {"VOICE": ALWAYS},
}
_MMS_TOO: Final = {"AU"}


class Stock:
    """The numbers that fit a wish, at places from 0 below `size`; a place may be empty."""

    def __init__(self, seed: int, wish: Wish) -> None:
        self._seed, self._wanted = seed, wish.features
        self._shapes = [
            shape
            for series in countries().get(wish.country, ())
            if wish.type in (None, series.type) and wish.features <= _chances(series).keys()
            for shape in shapes(series, wish.pattern, wish.match, seed)
        ]
        self._ends = list(accumulate(shape.size for shape in self._shapes))

    @property
    def size(self) -> int:
        """How many places there are: at least as many as numbers."""
        return self._ends[-1] if self._ends else 0

    def at(self, place: int) -> Offer | None:
        """What is at a place below `size`, if something is."""
        n = bisect_right(self._ends, place)
        shape: Shape = self._shapes[n]
        digits = shape.at(place - (self._ends[n - 1] if n else 0))
        if digits is None:
            return None
        features = _features(self._seed, digits, shape.series)
        return _offer(digits, shape.series, features) if self._wanted <= set(features) else None


class Inventory:
    """All that the network sells; it knows no owner and stores no number."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._stock = lru_cache(STOCKS)(lambda wish: Stock(seed, wish))

    def countries(self) -> frozenset[str]:
        """The ISO codes of the countries in which there are numbers."""
        return frozenset(countries())

    def search(self, wish: Wish) -> Stock:
        """What fits a wish, always in the same order."""
        return self._stock(wish)

    def offer(self, number: str) -> Offer | None:
        """A number (E.164) with its price, if it is one that the network sells."""
        series = series_of(number)
        if series is None:
            return None
        digits = number.removeprefix("+")
        return _offer(digits, series, _features(self._seed, digits, series))


def _chances(series: Series) -> Chances:
    if series.code == "1":
        return _AMERICAN[series.type]
    chances = _ELSEWHERE[series.type]
    return (
        {**chances, "MMS": SOMETIMES} if series.country in _MMS_TOO and series.type == "mobile" else chances
    )


def _features(seed: int, digits: str, series: Series) -> tuple[Feature, ...]:
    chances = _chances(series)
    if all(chance == ALWAYS for chance in chances.values()):
        return tuple(chances)
    drawn = blake2b(f"{seed}:{digits}".encode(), digest_size=len(ORDER)).digest()
    return tuple(feature for feature, die in zip(ORDER, drawn, strict=True) if die < chances.get(feature, 0))


def _offer(digits: str, series: Series, features: tuple[Feature, ...]) -> Offer:
    return Offer("+" + digits, series.country, series.type, features, series.monthly, series.setup)
