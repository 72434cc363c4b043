"""A house with one account that has a key, a secret, a signature secret and two numbers."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .house import House, opened


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(str(tmp_path / "vonage.db")) as one:
        yield one
