"""A house with two tenants."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .house import OWNED, House, User, opened


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path) as one:
        yield one


@pytest.fixture
async def ada(house: House) -> User:
    return await house.tenant("ada", (OWNED,))


@pytest.fixture
async def bob(house: House) -> User:
    return await house.tenant("bob")
