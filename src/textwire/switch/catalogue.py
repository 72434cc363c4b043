"""The port of whoever sells numbers: what there could be bought, without knowing what has been."""

from typing import Protocol

from textwire.domain.number import Offer, Wish


class Stock(Protocol):
    """What fits a wish, in an order that never changes, at places from 0; a place may be empty."""

    @property
    def size(self) -> int:
        """How many places there are."""
        ...

    def at(self, place: int) -> Offer | None:
        """What is at a place below `size`, if something is."""
        ...


class Catalogue(Protocol):
    """All that is for sale when nobody owns it."""

    def countries(self) -> frozenset[str]:
        """The ISO codes of the countries in which there are numbers."""
        ...

    def search(self, wish: Wish) -> Stock:
        """What fits a wish."""
        ...

    def offer(self, number: str) -> Offer | None:
        """A number (E.164) with its price, if it is one that can be bought at all."""
        ...
