"""Settings: the command line over the environment over a file over defaults; what is wrong is named."""

from pathlib import Path
from typing import Any

import pytest

from textwire.config import BadConfig, address, load


def wrong(given: dict[str, Any], environ: dict[str, str] | None = None, file: str | None = None) -> str:
    with pytest.raises(BadConfig) as bad:
        load(given, file, environ or {})
    return str(bad.value)


def test_defaults_listen_on_loopback_and_keep_everything_in_one_directory() -> None:
    config = load({}, None, {})
    assert (config.http, config.https) == ("127.0.0.1:8080", "127.0.0.1:8443")
    assert config.store == "textwire-data/textwire.db"
    assert config.embedded
    assert not config.allow_plaintext


def test_nearer_sources_win(tmp_path: Path) -> None:
    file = tmp_path / "textwire.toml"
    file.write_text('http = "127.0.0.1:1"\nhttps = "off"\nnode = 3\ntls-cert = "a.pem"\n')
    environ = {
        "TEXTWIRE_HTTP": "127.0.0.1:2",
        "TEXTWIRE_NODE": "4",
        "TEXTWIRE_URL": "not a setting",
        "PATH": "/",
    }
    config = load({"http": "127.0.0.1:3", "data": None}, str(file), environ)
    assert (config.http, config.https, config.node, config.tls_cert) == ("127.0.0.1:3", "off", 4, "a.pem")
    assert load({}, None, environ | {"TEXTWIRE_CONFIG": str(file)}).https == "off"


def test_postgres_is_not_embedded() -> None:
    assert not load({"database": "postgresql://h/db"}, None, {}).embedded


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"http": "off", "https": "off"}, "nobody could reach"),
        ({"tls_key": "k.pem"}, "tls_cert"),
        ({"node": 256}, "node"),
        ({"node": "many"}, "node"),
        ({"country": "zz"}, "country"),
        ({"proxies": "10.0.0.1/8"}, "proxies"),
        ({"proxies": "proxy.example"}, "proxies"),
        ({"stranger_connections": 0}, "stranger_connections"),
        ({"kandy_wait": 10.1}, "kandy_wait"),
        ({"kandy_wait": -1}, "kandy_wait"),
        ({"kandy_wait": "nan"}, "kandy_wait"),
        ({"country": "+49"}, "country"),
        ({"country": "²"}, "country"),
        ({"country": "9999"}, "country"),
        ({"http": "127.0.0.1"}, "http"),
        ({"https": "127.0.0.1:99999"}, "https"),
        ({"http": "127.0.0.1:²"}, "http"),
        ({"webhooks_allow_private": "127.0.0.1"}, "webhooks_allow_private"),
        ({"webhooks_allow_private": "169.254.0.0/16:80"}, "webhooks_allow_private"),
    ],
)
def test_what_cannot_be_is_named(given: dict[str, Any], said: str) -> None:
    assert said in wrong(given)


def test_unknown_settings_are_named_with_their_place(tmp_path: Path) -> None:
    file = tmp_path / "textwire.toml"
    file.write_text("colour = 1\n")
    assert "colour" in wrong({}, file=str(file))
    assert str(file) in wrong({}, file=str(file))
    assert "TEXTWIRE_COLOUR" in wrong({}, {"TEXTWIRE_COLOUR": "red"})
    file.write_text("= broken")
    assert str(file) in wrong({}, file=str(file))
    assert "nowhere.toml" in wrong({}, file=str(tmp_path / "nowhere.toml"))


@pytest.mark.parametrize("country", ["1", "49", "44", "DE", "gb", "972"])
def test_countries_by_calling_code_or_region(country: str) -> None:
    assert load({"country": country}, None, {}).country == country


@pytest.mark.parametrize(
    ("value", "pair"),
    [("0.0.0.0:80", ("0.0.0.0", 80)), ("[::1]:0", ("::1", 0)), (":8080", ("127.0.0.1", 8080)), ("off", None)],
)
def test_addresses(value: str, pair: tuple[str, int] | None) -> None:
    assert address(value, "http") == pair
