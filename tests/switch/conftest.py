"""The verbs are tested on each engine, with the stores of the store's own suite."""

import pytest

from tests.store.conftest import database, house, kept_database, postgres, store
from textwire.store.store import Store

from .desk_house import Verbs

__all__ = ["database", "house", "kept_database", "postgres", "store"]


@pytest.fixture
async def verbs(house: Store) -> Verbs:
    """The verbs of numbers and readers over a store that is settled."""
    made = Verbs(house)
    await made.settle()
    return made
