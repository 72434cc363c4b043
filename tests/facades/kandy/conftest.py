"""A house with two tenants, and a logged-in session of each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .house import House, Session, Tenant, opened


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(tmp_path) as one:
        yield one


@pytest.fixture
async def ada(house: House) -> Tenant:
    return await house.tenant("ada", ("+16139998877", "+16139998878", "+16139998879"))


@pytest.fixture
async def bob(house: House) -> Tenant:
    return await house.tenant("bob", ("+447700900001", "+447700900099"))


@pytest.fixture
async def session(house: House, ada: Tenant) -> Session:
    return await house.session(ada)
