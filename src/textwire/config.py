"""What can be set: command line over TEXTWIRE_* environment over TOML file over defaults."""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from textwire.domain.address import known_country
from textwire.hooks.guard import allowances
from textwire.web.proxies import networks

PREFIX = "TEXTWIRE_"
OFF = "off"


class BadConfig(ValueError):
    """A setting that does not exist or cannot be; the text names it and where it stands."""


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every setting of `textwire serve`; addresses are HOST:PORT (port 0: a free one) or "off"."""

    data: str = "./textwire-data"
    database: str = ""  # "": textwire.db in the data directory
    http: str = "127.0.0.1:8080"
    https: str = "127.0.0.1:8443"
    tls_cert: str = ""
    tls_key: str = ""
    allow_plaintext: bool = False
    origins: str = ""  # of pages elsewhere that may open live sockets: https://app.example,https://…
    proxies: str = ""  # addresses and networks whose X-Forwarded-For is believed, parted by commas
    stranger_connections: int = (
        100  # of one address, without credentials; loopback and proxies have no such bound
    )
    webhooks_allow_private: str = (
        ""  # inner places that webhooks may go to, parted by commas: 10.1.2.0/24:1880
    )
    country: str = "1"  # completes national numbers: a calling code or an ISO region
    kandy_wait: float = (
        2.0  # seconds that the answer to a send over Kandy's wire waits for the network's, 0 to 10
    )
    loop_messages: int = 20  # of two that answer each other in a minute, both ways; 0: nobody is stopped
    node: int = 0  # 0 to 255, different for each process on one database
    seed: int = 0  # the simulated network's dice
    trial_messages: int = 1000  # kept for each user of an account on trial; the oldest that are over go
    window: int = 500  # departures under way in the simulated network
    log_level: str = "info"

    @property
    def directory(self) -> Path:
        return Path(self.data)

    @property
    def store(self) -> str:
        """The --database value that is in force."""
        return self.database or str(self.directory / "textwire.db")

    @property
    def embedded(self) -> bool:
        """Whether the store is the one in the data directory's file."""
        return not self.store.startswith(("postgresql://", "postgres://"))


def load(
    given: Mapping[str, Any], file: str | None = None, environ: Mapping[str, str] = os.environ
) -> Config:
    """The settings in force; `given` are those of the command line that were set. Raises BadConfig."""
    merged: dict[str, Any] = {}
    if file is None:
        file = environ.get(f"{PREFIX}CONFIG")
    if file:
        merged |= _from_file(Path(file))
    merged |= _from_environment(environ)
    merged |= {name: value for name, value in given.items() if value is not None}
    config = _convert(merged, "the command line")
    _check(config)
    return config


def _check(config: Config) -> None:
    """What no type says; raises BadConfig."""
    if not any([address(config.http, "http"), address(config.https, "https")]):
        raise BadConfig("http and https are both off: nobody could reach this server")
    if config.tls_key and not config.tls_cert:
        raise BadConfig("tls_key is set without tls_cert, the certificate that it belongs to")
    if config.stranger_connections < 1:
        raise BadConfig("stranger_connections: must be at least 1")
    if config.loop_messages != 0 and config.loop_messages < 2:
        raise BadConfig("loop_messages: must be 0 (nobody is stopped) or at least 2")
    if config.trial_messages < 1:
        raise BadConfig("trial_messages: must be at least 1")
    try:
        networks(config.proxies)
    except ValueError as error:
        raise BadConfig(f"proxies: {error}") from None
    try:
        allowances(config.webhooks_allow_private)
    except ValueError as error:
        raise BadConfig(f"webhooks_allow_private: {error}") from None
    if not 0 <= config.kandy_wait <= 10:
        raise BadConfig("kandy_wait: must be 0 to 10")
    if not 0 <= config.node <= 255:
        raise BadConfig("node: must be 0 to 255")
    if not known_country(config.country):
        raise BadConfig(f"country: {config.country!r} is neither a calling code nor an ISO region")


def address(value: str, name: str) -> tuple[str, int] | None:
    """(host, port) of a HOST:PORT setting, None for "off"; raises BadConfig."""
    if value == OFF:
        return None
    host, colon, port = value.rpartition(":")
    if not colon or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise BadConfig(f"{name}: {value!r} is not HOST:PORT or {OFF!r}")
    return host.strip("[]") or "127.0.0.1", int(port)


def _from_file(path: Path) -> dict[str, Any]:
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadConfig(f"{path}: {error}") from None
    found = {name.replace("-", "_"): value for name, value in found.items()}
    _convert(found, str(path))
    return found


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in environ.items():
        if not name.startswith(PREFIX) or name in _OTHERS:
            continue
        field = name.removeprefix(PREFIX).lower()
        if field not in Config.__struct_fields__:
            raise BadConfig(f"the environment: there is no setting {name}")
        found[field] = value
    _convert(found, f"the environment ({PREFIX}…)")
    return found


# Variables with the prefix that are not settings of the server.
_OTHERS = frozenset({f"{PREFIX}CONFIG", f"{PREFIX}URL", f"{PREFIX}KEY", f"{PREFIX}TEST_POSTGRES"})


def _convert(found: Mapping[str, Any], where: str) -> Config:
    try:
        return msgspec.convert(dict(found), Config, strict=False)
    except msgspec.ValidationError as error:
        raise BadConfig(f"{where}: {error}") from None
