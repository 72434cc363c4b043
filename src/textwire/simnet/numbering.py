"""The numbering plan of the simulated network: which ranges it sells, and in which of them a number lies."""

from functools import cache
from typing import Final

import msgspec

from textwire.domain.number import NumberType

from .numbering_table import FAR, NEAR, TABLE

CENT: Final = 1_000_000  # 10⁻⁸ EUR
TYPES: Final[dict[str, NumberType]] = {"m": "mobile", "l": "landline", "t": "toll-free"}

# (tier, type) → cents a month. Simulated prices, nobody's.
MONTHLY: Final[dict[tuple[str, NumberType], int]] = {
    ("near", "mobile"): 100, ("near", "landline"): 80, ("near", "toll-free"): 300,
    ("far", "mobile"): 300, ("far", "landline"): 200, ("far", "toll-free"): 900,
    ("rest", "mobile"): 900, ("rest", "landline"): 600, ("rest", "toll-free"): 2500,
}  # fmt: skip
# type → months' rents that setting a number up costs
SETUP: Final[dict[NumberType, int]] = {"mobile": 1, "landline": 1, "toll-free": 2}


class Series(msgspec.Struct, frozen=True):
    """A range: all numbers that begin with `prefix` (calling code first) and have `free` digits more."""

    country: str
    code: str
    type: NumberType
    prefix: str
    free: int

    @property
    def monthly(self) -> int:
        """10⁻⁸ EUR."""
        return MONTHLY[_tier(self.country), self.type] * CENT

    @property
    def setup(self) -> int:
        """10⁻⁸ EUR."""
        return self.monthly * SETUP[self.type]


@cache
def countries() -> dict[str, tuple[Series, ...]]:
    """ISO code → its ranges, the mobile ones first."""
    return dict(_read(row) for row in TABLE.replace("|", "\n").splitlines())


def series_of(number: str) -> Series | None:
    """The range in which a number (E.164) lies."""
    digits = number.removeprefix("+")
    prefixes = _prefixes()
    for length in range(len(digits) - 1, 1, -1):
        series = prefixes.get(digits[:length])
        if series is not None:
            return series if len(digits) == length + series.free else None
    return None


@cache
def _prefixes() -> dict[str, Series]:
    return {series.prefix: series for found in countries().values() for series in found}


def _read(row: str) -> tuple[str, tuple[Series, ...]]:
    country, code, *ranges = row.split()
    return country, tuple(_range(country, code, *written.split(".")) for written in ranges)


def _range(country: str, code: str, start: str, free: str) -> Series:
    return Series(country, code, TYPES[start[0]], code + start[1:], int(free))


@cache
def _tier(country: str) -> str:
    return "near" if country in NEAR.split() else "far" if country in FAR.split() else "rest"
