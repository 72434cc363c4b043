"""Runs the tests of modules that say `BOTH_LOOPS = True` on uvloop as well as on asyncio's own loop.

Tests that ask for `store` or `database` run once per engine.
"""

import asyncio
from collections.abc import Callable

import pytest
import uvloop

from tests.store.conftest import database, house, kept_database, postgres, store

__all__ = ["database", "house", "kept_database", "postgres", "store"]


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    both = getattr(getattr(item, "module", None), "BOTH_LOOPS", False)
    return {"asyncio": asyncio.new_event_loop, **({"uvloop": uvloop.new_event_loop} if both else {})}
