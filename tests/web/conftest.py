"""One listener for all tests of a module that only talk to it."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.web.shapes import APP, SEEN
from tests.web.wire import serving
from textwire.web.server import Listener


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared() -> AsyncIterator[Listener]:
    async with serving(APP) as listener:
        yield listener


@pytest.fixture
def listener(shared: Listener) -> Listener:
    SEEN.clear()
    return shared
