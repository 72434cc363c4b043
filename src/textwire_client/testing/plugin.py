"""The pytest plugin: one server for a session, a new account for every test.

Fixtures: `sms`, `textwire` (the server of the test), `kandy_credentials`, `vonage_credentials`, `vonage_application`,
`sipgate_credentials`. Mark: `own_textwire` gives a test a server of its own from the start. A test that steps the clock has its server to itself, too: no later test gets that one.
`--textwire-url` and `--textwire-key` (or TEXTWIRE_TEST_URL, TEXTWIRE_TEST_KEY) name one that runs already,
`--textwire-https` and `--textwire-ca` (TEXTWIRE_TEST_HTTPS, TEXTWIRE_TEST_CA) where it speaks TLS, and by whose word.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .server import Textwire, named
from .sms import Sms

OPTIONS = ("url", "key", "https", "ca")


class _Servers:
    """The servers of a session: the shared one, started when it is first asked for."""

    def __init__(self, url: str | None, key: str | None, https: str | None, ca_file: str | None) -> None:
        self._given = (url, key, https, ca_file)
        self._shared: Textwire | None = None

    def shared(self) -> Textwire:
        """One whose clock nobody has touched."""
        if self._shared is None:
            self._shared = named(*self._given) or Textwire.start()
        return self._shared

    def back(self, server: Textwire) -> None:
        """A test is over: a server whose clock it stepped is nobody's any more, and neither is one of its own."""
        if server is self._shared and not server.stepped:
            return
        if server is self._shared:
            self._shared = None
        server.stop()

    def stop(self) -> None:
        """The session is over."""
        if self._shared is not None:
            self._shared.stop()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("textwire")
    group.addoption(
        "--textwire-url", help="a running Textwire with a simulated network (else one is started)"
    )
    group.addoption("--textwire-key", help="a key of it with the scope `operator`")
    group.addoption("--textwire-https", help="host and port where it speaks TLS")
    group.addoption("--textwire-ca", help="a file with the authority of its certificate")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "own_textwire: gives the test a Textwire of its own from the start")


@pytest.fixture(scope="session")
def _textwire_servers(pytestconfig: pytest.Config) -> Iterator[_Servers]:
    servers = _Servers(*(pytestconfig.getoption(f"--textwire-{name}") for name in OPTIONS))
    yield servers
    servers.stop()


@pytest.fixture
def textwire(request: pytest.FixtureRequest, _textwire_servers: _Servers) -> Iterator[Textwire]:
    """The server of this test."""
    own = request.node.get_closest_marker("own_textwire") is not None
    server = Textwire.start() if own else _textwire_servers.shared()
    yield server
    _textwire_servers.back(server)


@pytest.fixture
def sms(textwire: Textwire) -> Iterator[Sms]:
    """An account with a number, handsets, a clock and webhooks, for this test alone."""
    with textwire.sms() as made:
        yield made


@pytest.fixture
def kandy_credentials(sms: Sms) -> dict[str, str]:
    """What Kandy's SDKs need to use this test's account."""
    return sms.kandy()


@pytest.fixture
def vonage_credentials(sms: Sms) -> dict[str, str]:
    """What Vonage's SDKs need to use this test's account."""
    return sms.vonage()


@pytest.fixture
def vonage_application(sms: Sms) -> dict[str, str]:
    """The same with an application of the test's and its private key."""
    return sms.vonage_application()


@pytest.fixture
def sipgate_credentials(sms: Sms) -> dict[str, str]:
    """What sipgate's clients need to use this test's account."""
    return sms.sipgate()
