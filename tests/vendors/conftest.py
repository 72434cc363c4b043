"""A running server per test module, and a webhook per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from .server import Server, serving
from .webhook import Webhook, listening


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with listening() as one:
        yield one


@pytest.fixture(scope="session")
def scripts() -> Path:
    return Path(__file__).parent / "scripts"
