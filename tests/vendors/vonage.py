"""Vonage's SDKs, each in an environment of its own, pointed at a running server as docs/howto/vonage.md says."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from tests.serving import Server

from .library import Library, library, node
from .packages import installed, python_of

DID, PHONE = "+447700900001", "+447700900123"
METHODS = ("md5", "sha1", "sha256", "sha512")


def settle(server: Server, **settings: object) -> None:
    """Changes settings of the account; None is the default again."""
    server.api("PATCH", "/api/account", {"settings": settings})


def unsettle(server: Server) -> None:
    """Puts back what tests of webhooks change."""
    names = (
        "inbound_url", "receipt_url", "callback_method", "callback_signature", "throughput", "simulated_status",
    )  # fmt: skip
    settle(server, **dict.fromkeys(names))


def fourth(server: Server, scripts: Path, **auth: str) -> AbstractContextManager[Library]:
    """PyPI `vonage` 4; `auth` is what its `Auth` takes."""
    return _python("vonage", server, scripts, auth)


def fourth_messages(server: Server, scripts: Path, **auth: str) -> AbstractContextManager[Library]:
    """The same for its Messages API, whose calls take objects of its own."""
    return _python("vonage", server, scripts, auth, "vonage_messages_client.py")


def third(server: Server, scripts: Path, **auth: str) -> AbstractContextManager[Library]:
    """PyPI `vonage` 3; `auth` is what its `Client` takes."""
    return _python("vonage3", server, scripts, auth)


def second(server: Server, scripts: Path, **auth: str) -> AbstractContextManager[Library]:
    """PyPI `nexmo`, which finds its way by itself: for a place apart; `auth` is what its `Client` takes."""
    return _python("nexmo", server, scripts, auth, built_in=True)


def node_sdk(server: Server, scripts: Path, auth: dict[str, Any]) -> AbstractContextManager[Library]:
    """npm `@vonage/server-sdk`; `auth` is what its `Vonage` takes."""
    options = {"restHost": server.urls["http"], "apiHost": server.urls["http"]}
    return _node("vonage-node", scripts, {"auth": auth, "options": options})


def nexmo(server: Server, scripts: Path, auth: dict[str, Any]) -> AbstractContextManager[Library]:
    """npm `nexmo`; `auth` is what its `Nexmo` takes."""
    host, _, port = server.urls["http"].removeprefix("http://").partition(":")
    options = {"restHost": host, "apiHost": host, "port": int(port)}
    return _node("nexmo-node", scripts, {"auth": auth, "options": options})


def _python(
    vendor: str,
    server: Server,
    scripts: Path,
    auth: dict[str, str],
    script: str = "vonage_client.py",
    *,
    built_in: bool = False,
) -> AbstractContextManager[Library]:
    host = None if built_in else server.urls["https"].removeprefix("https://")
    trusted = str(server.data / "tls" / "ca.pem")
    return library(
        [python_of(vendor), scripts / script],
        {"auth": auth, "host": host},
        REQUESTS_CA_BUNDLE=trusted,
    )


def _node(vendor: str, scripts: Path, config: object) -> AbstractContextManager[Library]:
    return library([node(), scripts / "vonage_client.js", installed(vendor)], config)
