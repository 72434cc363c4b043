"""What `serve` prints once it listens: where, every credential, and a first call per API to paste."""

import json
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from .plain import plain

HANDSET: Final = "+447700900123"  # nobody owns it, and its last digits stand for no manners
DEFAULT_DATA: Final = "./textwire-data"
HELLO: Final = "Hello from Textwire"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A server as its user sees it; `ca` is what a client must trust for its HTTPS, if anything."""

    urls: Mapping[str, str]
    data: str
    ca: Path | None = None

    @property
    def base(self) -> str:
        """The URL that the calls use: plain HTTP where there is some."""
        return self.urls.get("http") or self.urls["https"]

    @property
    def secure_only(self) -> bool:
        """Whether the calls use HTTPS with a certificate of the local CA."""
        return "http" not in self.urls and self.ca is not None

    @property
    def curl(self) -> str:
        """The start of a call; -w ends the line, which the body of an answer does not."""
        trust = f" --cacert {shlex.quote(str(self.ca))}" if self.secure_only else ""
        return f"curl -sS -w '\\n'{trust}"

    @property
    def at(self) -> str:
        """What our other commands need to be told to find this server."""
        return "" if self.data == DEFAULT_DATA else f" --data {shlex.quote(self.data)}"


Section = Callable[[Place, dict[str, Any], dict[str, Any]], Iterator[str]]


def listening(place: Place) -> str:
    """Where the server listens."""
    lines = ["Textwire listens on", *(f"  {url}" for url in place.urls.values())]
    if "https" in place.urls and place.ca is not None:
        lines.append(f"  clients of HTTPS trust {place.ca}")
    return "\n".join(lines) + "\n"


def secrets(found: Mapping[str, Any]) -> str:
    """Every credential, one line each: whatever the file holds, as far as it is a table of names and values."""
    lines = [f"Account {found.get('account', '')}, its numbers {' '.join(found.get('numbers', ()))}"]
    for name, entry in found.items():
        if isinstance(entry, dict):
            lines.append(f"  {TITLES.get(name, name)}")
            lines += [f"    {field.replace('_', ' '):<22} {value}" for field, value in entry.items()]
    return plain("\n".join(lines)) + "\n"


def calls(place: Place, found: dict[str, Any]) -> str:
    """A first call per API that the credentials are for; the calls stand at the margin, to be pasted."""
    lines: list[str] = []
    for name, section in SECTIONS.items():
        if isinstance(entry := found.get(name), dict):
            lines += [f"--- {TITLES[name]}", *section(place, entry, found), ""]
    return plain("\n".join(lines))


def pointer(place: Place, kept: Path | None) -> str:
    """For a server that does not print its credentials: where they are, if here."""
    if kept is None:
        return "Credentials: with the server that made the first account of this database\n"
    return f"Credentials: {kept} (shown by: textwire credentials{place.at})\n"


def _own(place: Place, entry: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    auth = f"-H {shlex.quote('Authorization: Bearer ' + entry['key'])}"
    messages, handset = f"{place.base}/api/messages", f"{place.base}/api/simnet/phones/{HANDSET}"
    yield "# send a text to a handset: every number that nobody owns is a simulated one"
    yield from _curl(place, auth, messages, {"to": HANDSET, "text": HELLO})
    yield "# see what the handset shows"
    yield from _curl(place, auth, f"{handset}/messages")
    yield "# let the person with the handset answer"
    yield from _curl(place, auth, f"{handset}/messages", {"to": _number(found), "text": "Hello back"})
    yield "# list both messages"
    yield from _curl(place, auth, messages)
    yield "# the same by hand: be that person in one terminal, send from another"
    yield f"textwire phone{place.at} {HANDSET}"
    yield f"textwire send{place.at} --wait --to {HANDSET} {shlex.quote(HELLO)}"


def _kandy(place: Place, entry: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    yield "# Python, after: pip install cpaassdk pyhumps==1.6.1"
    if place.secure_only:
        yield f"# and with REQUESTS_CA_BUNDLE={shlex.quote(str(place.ca))} in the environment"
    settings = {
        "client_id": entry["project_client_id"], "client_secret": entry["project_client_secret"],
        "base_url": place.base,
    }  # fmt: skip
    text = {
        "type": "sms", "sender_address": _number(found), "destination_address": HANDSET, "message": HELLO,
    }  # fmt: skip
    yield "from cpaassdk import Client"
    yield f"client = Client({json.dumps(settings)})"
    yield f"print(client.conversation.create_message({json.dumps(text)}))"
    yield "# curl: a token for the account's user"
    form = {
        "grant_type": "password", "scope": "openid", "client_id": entry["client_id"],
        "username": entry["email"], "password": entry["password"],
    }  # fmt: skip
    fields = " ".join(f"-d {shlex.quote(f'{name}={value}')}" for name, value in form.items())
    yield f"{place.curl} {place.base}/cpaas/auth/v1/token {fields}"


def _sipgate(place: Place, entry: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    yield "# a text from the extension; answered with 204 and nothing else"
    user = shlex.quote(f"{entry['token_id']}:{entry['token']}")
    text = {"smsId": entry["sms_id"], "recipient": HANDSET, "message": HELLO}
    yield from _curl(place, f"-u {user}", f"{place.base}/v2/sessions/sms", text)


def _vonage(place: Place, entry: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    fields = {
        "api_key": entry["api_key"], "api_secret": entry["api_secret"], "from": _number(found).lstrip("+"),
        "to": HANDSET.lstrip("+"), "text": HELLO,
    }  # fmt: skip
    form = " ".join(f"--data-urlencode {shlex.quote(f'{name}={value}')}" for name, value in fields.items())
    yield f"{place.curl} {place.base}/sms/json {form}"


def _curl(place: Place, auth: str, url: str, body: dict[str, str] | None = None) -> Iterator[str]:
    yield f"{place.curl} {url} {auth}" + ("" if body is None else " \\")
    if body is not None:
        yield f"  -H 'Content-Type: application/json' -d {shlex.quote(json.dumps(body))}"


def _number(found: Mapping[str, Any]) -> str:
    return str(next(iter(found.get("numbers") or ("default",))))


TITLES: Final = {
    "api": "Own API", "kandy": "Kandy CPaaS", "vonage": "Vonage SMS API", "sipgate": "sipgate",
}  # fmt: skip
SECTIONS: Final[dict[str, Section]] = {
    "api": _own, "kandy": _kandy, "vonage": _vonage, "sipgate": _sipgate,
}  # fmt: skip
