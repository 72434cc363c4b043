"""Runs the tests of modules that say `BOTH_LOOPS = True` on uvloop as well as on asyncio's own loop."""

import asyncio
from collections.abc import Callable

import pytest
import uvloop


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    both = getattr(getattr(item, "module", None), "BOTH_LOOPS", False)
    return {"asyncio": asyncio.new_event_loop, **({"uvloop": uvloop.new_event_loop} if both else {})}
