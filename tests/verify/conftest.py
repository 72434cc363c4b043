"""Codes are tested on each engine, with the stores of the store's own suite."""

import pytest

from tests.store.conftest import database, kept_database, postgres, store
from textwire.store.store import Store

from .town import Town

__all__ = ["database", "kept_database", "postgres", "store"]


@pytest.fixture
async def town(store: Store) -> Town:
    """A town with one account, and nothing asked for yet."""
    made = Town(store)
    await made.settle()
    return made
