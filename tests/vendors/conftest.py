"""Per test module a running server, or one that can be restarted and a browser that trusts it; a webhook per test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Page, browser
from tests.serving import Server
from tests.serving import server as serving

from .secure import House, house
from .site import Wire, wire
from .webhook import Webhook, listening


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With HTTPS: some libraries speak nothing else."""
    with serving(tmp_path_factory.mktemp("server"), "--https", "127.0.0.1:0") as running:
        yield running


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("house")) as one:
        yield one


@pytest.fixture(scope="module")
def line(home: House) -> Iterator[Wire]:
    """The wire to the server's TLS port."""
    with wire(home.port) as one:
        yield one


@pytest.fixture(scope="module")
def tab(home: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser's tab, for which a name of the vendor's is that server."""
    mapped = f"--host-resolver-rules=MAP nvs-apimarket-pro.kandy.io:443 127.0.0.1:{home.port}"
    with browser(tmp_path_factory.mktemp("browser"), home.trust(), mapped) as one:
        yield one


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with listening() as one:
        yield one


@pytest.fixture(scope="session")
def scripts() -> Path:
    return Path(__file__).parent / "scripts"
