"""What each vendor's own clients read from the environment, and which of a vendor's addresses they have built in."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec


class Vendor(msgspec.Struct, frozen=True):
    """`variables` are patterns of the vendor's credentials and of the server's place; what lacks a part is left out."""

    title: str
    hosts: tuple[str, ...]
    variables: Mapping[str, str]


# VONAGE_API_KEY and _SECRET: Python SDK 3, both series of the CLI. VONAGE_SIGNATURE_SECRET: Python SDK 3, which then signs.
# NEXMO_…: PyPI nexmo. VONAGE_APPLICATION_ID, _PRIVATE_KEY: the vendor's examples. VONAGE_URL and VONAGE_HOST are ours.
_VONAGE: Final = {
    "VONAGE_API_KEY": "{api_key}",
    "VONAGE_API_SECRET": "{api_secret}",
    "VONAGE_SIGNATURE_SECRET": "{signature_secret}",
    "VONAGE_APPLICATION_ID": "{application_id}",
    "VONAGE_PRIVATE_KEY": "{private_key}",
    "NEXMO_API_KEY": "{api_key}",
    "NEXMO_API_SECRET": "{api_secret}",
    "VONAGE_URL": "{base}",
    "VONAGE_HOST": "{host}",
}
# The names of the .env of sipgate's Node examples; npm sipgateio heeds the proxy alone, and plain HTTP suits it.
_SIPGATE: Final = {
    "baseURL": "{base}/v2",
    "tokenId": "{token_id}",
    "token": "{token}",
    "smsId": "{sms_id}",
    "HTTPS_PROXY": "{http}",
    "NO_PROXY": "",
}
# Kandy's SDKs read nothing from the environment: these are ours, for programs that hand them on.
_KANDY: Final = {
    "KANDY_BASE_URL": "{base}",
    "KANDY_CLIENT_ID": "{client_id}",
    "KANDY_EMAIL": "{email}",
    "KANDY_PASSWORD": "{password}",
    "KANDY_PROJECT_CLIENT_ID": "{project_client_id}",
    "KANDY_PROJECT_CLIENT_SECRET": "{project_client_secret}",
}
_TRUST: Final = ("NODE_EXTRA_CA_CERTS", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")

VENDORS: Final = {
    "vonage": Vendor("Vonage", ("rest.nexmo.com", "api.nexmo.com"), _VONAGE),
    "sipgate": Vendor("sipgate", ("api.sipgate.com", "login.sipgate.com"), _SIPGATE),
    "kandy": Vendor("Kandy CPaaS", ("oauth-cpaas.att.com", "nvs-apimarket-pro.kandy.io"), _KANDY),
}


def variables(
    vendor: Vendor, found: Mapping[str, Any], ready: Mapping[str, Any], authority: Path, preload: Path
) -> dict[str, str]:
    """Every variable with its value; those about TLS only where the server has HTTPS."""
    parts = {**found, **ready, "base": ready.get("http") or ready.get("https")}
    if "https" in ready:
        parts["host"] = urlsplit(ready["https"]).netloc
    made = dict(_filled(vendor.variables, parts))
    if "https" in ready:
        made |= dict.fromkeys(_TRUST, str(authority)) if authority.exists() else {}
        made["NODE_OPTIONS"] = _node_options(preload)
    return made


def _filled(patterns: Mapping[str, str], parts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, pattern in patterns.items():
        try:
            yield name, pattern.format_map(parts)
        except KeyError:
            continue


def _node_options(preload: Path) -> str:
    """What is set already goes first; Node reads a quoted path as one."""
    own = f'--require "{preload}"'
    inherited = os.environ.get("NODE_OPTIONS", "")
    return inherited if own in inherited else f"{inherited} {own}".strip()
