"""Every journey is made on both engines."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from .life import Life, living


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What --database would be given."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    return str(tmp_path / "textwire.db")


@pytest.fixture
async def life(database: str) -> AsyncIterator[Life]:
    """A running core with one account."""
    async with living(database) as one:
        yield one
