"""What the SDKs really send, byte by byte, against the server as people start it: paths, bodies, heads, TLS."""

import base64
import json
import socket
import ssl
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus, urlsplit

import pytest

from tests.serving import Server, server

from .test_status_table import has_cors

DID, TO = "+16139998877", "+16131234567"
SECONDS = 20.0
LOGIN = "/cpaas/auth/v1/token"
ASKED = ("Origin: https://page.example", "Access-Control-Request-Method: DELETE",
         "Access-Control-Request-Headers: authorization,content-type,x-cpaas-agent")  # fmt: skip


class Said(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        assert self.headers["content-type"] == "application/json"
        return json.loads(self.body)


class Wire:
    """One user of a running server, whose every byte is written by hand."""

    def __init__(self, running: Server) -> None:
        self._running = running
        self.kandy: dict[str, str] = running.credentials["kandy"]
        said = self.login(self.form("password"))
        assert said.status == 200, said
        self.token = str(said.json["access_token"])
        self.user = _claims(said.json["id_token"])["preferred_username"]
        self.sms = f"/cpaas/smsmessaging/v1/{self.user}"
        self.channels = f"/cpaas/notificationchannel/v1/{self.user}/channels"

    def form(self, grant: str, space: str = "%20") -> str:
        """The form of a login with `%20` or `+` for a blank."""
        quoted = quote if space == "%20" else quote_plus
        kandy = self.kandy
        fields = {
            "password": {"client_id": kandy["client_id"], "username": kandy["email"], "password": kandy["password"]},
            "client_credentials": {
                "client_id": kandy["project_client_id"], "client_secret": kandy["project_client_secret"],
            },
        }[grant]  # fmt: skip
        fields |= {"grant_type": grant, "scope": "openid regular_call"}
        return "&".join(f"{name}={quoted(value, safe='')}" for name, value in fields.items())

    def login(self, form: str, *lines: str) -> Said:
        kind = "Content-Type: application/x-www-form-urlencoded"
        return self.speak("POST", LOGIN, form.encode(), kind, *lines)

    def ask(self, method: str, path: str, body: bytes | None = None, *lines: str) -> Said:
        """With the token, as the SDKs do; without a body there is no Content-Length either."""
        mine = (f"Authorization: Bearer {self.token}", "Content-Type: application/json", "X-Cpaas-Agent: x/1")
        return self.speak(method, path, body, *mine, *lines)

    def send(self, sender: str) -> Said:
        body = {"outboundSMSMessageRequest": {"address": [TO], "outboundSMSTextMessage": {"message": "hi"}}}
        return self.ask("POST", f"{self.sms}/outbound/{sender}/requests", json.dumps(body).encode())

    def speak(
        self, method: str, target: str, body: bytes | None, *lines: str, version: str = "1.1", secure: bool = False
    ) -> Said:  # fmt: skip
        """One request, written as it stands, on a connection of its own."""
        url = urlsplit(self._running.urls["https" if secure else "http"])
        length = () if body is None else (f"Content-Length: {len(body)}",)
        head = "\r\n".join(
            (f"{method} {target} HTTP/{version}", f"Host: {url.netloc}", *length, *lines, "", "")
        )
        return self.raw(head.encode("latin-1") + (body or b""), method, secure=secure)

    def raw(self, octets: bytes, method: str, *, secure: bool = False) -> Said:
        url = urlsplit(self._running.urls["https" if secure else "http"])
        assert url.hostname
        assert url.port
        with socket.create_connection((url.hostname, url.port), SECONDS) as plain:
            line = self._running.trust().wrap_socket(plain, server_hostname=url.hostname) if secure else plain
            line.sendall(octets)
            answer = HTTPResponse(line, method=method)
            answer.begin()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Said(answer.status, headers, answer.read())


def _claims(token: str) -> dict[str, Any]:
    """As the PHP SDK reads them: plain base64."""
    payload = token.split(".")[1]
    read: dict[str, Any] = json.loads(base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True))
    return read


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    with server(tmp_path_factory.mktemp("wire"), "--https", "127.0.0.1:0") as running:
        yield Wire(running)


def refusal(said: Said) -> tuple[int, str, list[str]]:
    exception = said.json["requestError"]["serviceException"]
    assert has_cors(said.headers)
    return said.status, exception["messageId"], exception["variables"]


@pytest.mark.parametrize("space", ["%20", "+"])
@pytest.mark.parametrize("grant", ["password", "client_credentials"])
@pytest.mark.parametrize("header", [(), ("Authorization: Bearer null",), ("Authorization: Bearer ",)])
def test_logins_of_every_sdk_are_understood(
    wire: Wire, grant: str, space: str, header: tuple[str, ...]
) -> None:
    said = wire.login(wire.form(grant, space), *header)
    assert said.status == 200
    assert has_cors(said.headers)
    assert _claims(said.json["id_token"])["services-identity"].count("@") == 1


SENDERS = [DID, f"%2B{DID[1:]}", f"tel:{DID}", f"sip:{DID}@domain", f"sip:{DID[1:]}@domain", "default"]


@pytest.mark.parametrize("sender", SENDERS)
def test_numbers_in_paths_arrive_raw_or_escaped(wire: Wire, sender: str) -> None:
    said = wire.send(sender)
    assert said.status == 201
    request = said.json["outboundSMSMessageRequest"]
    assert request["senderAddress"] == DID
    assert request["resourceURL"].startswith(
        f"{wire.sms}/remoteAddresses/{TO}/localAddresses/{DID}/messages/SM1-"
    )


def test_the_users_own_id_is_a_sender(wire: Wire) -> None:
    assert wire.send(wire.user).json["outboundSMSMessageRequest"]["senderAddress"] == DID


def channel(wire: Wire) -> str:
    data = {"x-webhookURL": "https://app.example/hook"}
    body = {"notificationChannel": {"channelType": "webhooks", "channelData": data}}
    said = wire.ask("POST", wire.channels, json.dumps(body).encode())
    assert said.status == 201
    return str(said.json["notificationChannel"]["resourceURL"])


BODIES: dict[str, tuple[bytes | None, tuple[str, ...]]] = {
    "Node and PHP: none": (None, ()),
    "Python: of length 0": (b"", ()),
    "Ruby: null": (b"null", ("Connection: close",)),
    "null in chunks": (None, ("Transfer-Encoding: chunked",)),
    "an object": (b"{}", ()),
    "junk": (b"\xff{", ()),
}


@pytest.mark.parametrize("label", BODIES)
def test_bodies_of_gets_and_deletions_do_not_matter(wire: Wire, label: str) -> None:
    body, lines = BODIES[label]
    url = channel(wire)
    tail = b"4\r\nnull\r\n0\r\n\r\n" if "Transfer-Encoding: chunked" in lines else b""

    def ask(method: str, path: str) -> Said:
        if not tail:
            return wire.ask(method, path, body, *lines)
        mine = f"Authorization: Bearer {wire.token}\r\nContent-Type: application/json\r\n{lines[0]}"
        return wire.raw(f"{method} {path} HTTP/1.1\r\nHost: x\r\n{mine}\r\n\r\n".encode() + tail, method)

    assert ask("GET", wire.channels).status == 200
    assert ask("GET", f"{wire.sms}/inbound/subscriptions").status == 200
    assert ask("GET", url).status == 200
    gone = ask("DELETE", url)
    assert (gone.status, gone.body) == (204, b"")
    assert "content-length" not in gone.headers  # RFC 9110 §8.6
    assert refusal(ask("DELETE", url)) == (404, "SVC0004", ["resourceURL"])


def test_a_connection_is_closed_for_who_asks_for_that_and_kept_for_the_others(wire: Wire) -> None:
    path = f"{wire.sms}/inbound/subscriptions"
    assert wire.ask("GET", path, None, "Connection: close").headers["connection"] == "close"
    assert "connection" not in wire.ask("GET", path).headers


@pytest.mark.parametrize("accept", [(), ("Accept: */*",), ("Accept: application/json, text/plain, */*",)])
def test_whatever_is_accepted_the_answer_is_json(wire: Wire, accept: tuple[str, ...]) -> None:
    assert wire.ask("GET", wire.channels, None, *accept).json["notificationChannelList"]


def test_after_a_failed_login_ruby_hears_401_in_the_vendors_words(wire: Wire) -> None:
    path = "/cpaas/smsmessaging/v1//outbound/default/requests"
    said = wire.speak("POST", path, b"null", "Authorization: Bearer ", "Content-Type: application/json")
    assert refusal(said) == (401, "SVC0001", ["unauthorized"])


@pytest.mark.parametrize("secure", [False, True])
def test_a_page_elsewhere_may_ask_for_everything(wire: Wire, secure: bool) -> None:
    for path in (
        LOGIN,
        wire.channels,
        f"{wire.sms}/outbound/{DID}/requests",
        "/cpaas/nothing",
        "/cpaas/%ff",
        "/cpaas//",
    ):
        said = wire.speak("OPTIONS", path, None, *ASKED, secure=secure)
        assert (said.status, said.body) == (204, b""), path
        assert has_cors(said.headers), path


def test_refusals_and_answers_over_tls_have_their_cors_headers_too(wire: Wire) -> None:
    assert refusal(wire.speak("GET", wire.channels, None, "Origin: https://x", secure=True))[0] == 401
    mine = f"Authorization: Bearer {wire.token}"
    assert has_cors(wire.speak("GET", wire.channels, None, mine, secure=True).headers)


TOKENS = [
    "",
    "Bearer",
    "Bearer ",
    "Bearer null",
    "Bearer undefined",
    "Basic eDp5",
    "Bearer a.b.c",
    "Bearer " + "A" * 15_000,
]


@pytest.mark.parametrize("credential", TOKENS, ids=lambda given: given[:16] or "empty")
def test_what_is_no_token_is_a_401_in_the_vendors_words(wire: Wire, credential: str) -> None:
    said = wire.speak("GET", wire.channels, None, f"Authorization: {credential}")
    assert refusal(said) == (401, "SVC0001", ["unauthorized"])
    assert said.headers["www-authenticate"] == "Bearer"


def test_a_head_of_a_megabyte_reaches_no_door_and_harms_nobody(wire: Wire) -> None:
    said = wire.speak("GET", wire.channels, None, "Authorization: Bearer " + "A" * 1_048_576)
    assert said.status == 431  # the shell's, in plain text: no door has seen it
    assert said.headers["content-type"].startswith("text/plain")
    assert wire.ask("GET", wire.channels).status == 200


def test_two_credentials_are_none(wire: Wire) -> None:
    mine = f"Authorization: Bearer {wire.token}"
    assert refusal(wire.speak("GET", wire.channels, None, mine, mine))[0] == 401


def test_a_target_in_absolute_form_is_the_same_path(wire: Wire) -> None:
    assert wire.ask("GET", f"http://oauth-cpaas.att.com{wire.channels}").status == 200


def test_http_1_0_is_answered(wire: Wire) -> None:
    mine = f"Authorization: Bearer {wire.token}"
    assert wire.speak("GET", wire.channels, None, mine, version="1.0").status == 200


def test_the_certificate_is_good_for_the_vendors_names(wire: Wire) -> None:
    """The demo page has one host name and no port: whoever maps it here needs a certificate that fits."""
    url = urlsplit(wire._running.urls["https"])
    assert url.port
    with socket.create_connection(("127.0.0.1", url.port), SECONDS) as plain:
        name = "oauth-cpaas.att.com"
        with wire._running.trust().wrap_socket(plain, server_hostname=name) as secure:
            assert isinstance(secure, ssl.SSLSocket)
            assert secure.version() in ("TLSv1.2", "TLSv1.3")
