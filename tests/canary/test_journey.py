"""A journey through every door with unique strings for all that is private: none of them is written anywhere.

Every log level is on, and whatever can fail is made to, with errors whose words are the strings themselves.
"""

import asyncio
import base64
import contextlib
import json
import secrets
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.canaries import found_in
from tests.serving import COMMAND, NotStarted, Server, clean_environment, server

from . import saboteur

NUMBERS = iter(f"+4477{secrets.randbelow(10**4):04d}{n:04d}" for n in range(1_000, 2_000))


class Canaries:
    """Strings that occur nowhere else, each with the place where it was set free."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}

    def new(self, place: str, form: str = "canary-{}") -> str:
        one = form.format(secrets.token_hex(8))
        self.known[one] = place
        return one

    def number(self, place: str) -> str:
        one = next(NUMBERS)
        self.known[one] = place
        return one

    def text(self, place: str, word: str = "") -> str:
        """A text; `word` has the saboteur break what handles it."""
        return f"{word} {self.new(place)} ünd 😀 '\"\\"

    def written_in(self, written: str) -> list[str]:
        return [f"{self.known[one]}: {one}" for one in found_in(written, self.known)]


class Caller:
    """Calls a server in any way that there is, and does not mind how it ends."""

    def __init__(self, running: Server) -> None:
        self.running, self.statuses = running, set[int]()

    def http(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None, **headers: str
    ) -> Any:
        given = {"Authorization": f"Bearer {self.running.credentials['api']['key']}"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        if raw is None and body is not None:
            raw = json.dumps(body).encode()
            given.setdefault("Content-Type", "application/json")
        request = urllib.request.Request(
            self.running.url + urllib.parse.quote(path, "/?&=%+"), raw, given, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                self.statuses.add(answer.status)
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            self.statuses.add(error.code)
            with contextlib.suppress(ValueError):
                return json.loads(error.read())

    def bytes(self, *pieces: bytes) -> None:
        """Whatever, on a connection of its own."""
        port = urllib.parse.urlsplit(self.running.url).port
        with socket.create_connection(("127.0.0.1", port), timeout=10) as wire, contextlib.suppress(OSError):
            for piece in pieces:
                wire.sendall(piece)
            wire.settimeout(1)
            wire.recv(65_536)

    async def live(self, query: str, frames: int, say: Any = None, **headers: str) -> None:
        """A live socket that hears so many frames, if it gets that far."""
        url = self.running.url.replace("http", "ws") + "/api/live" + query
        with contextlib.suppress(InvalidStatus, ConnectionClosed, TimeoutError):
            async with asyncio.timeout(5), connect(url, additional_headers=headers) as one:
                if say is not None:
                    await one.send(say)
                for _ in range(frames):
                    await one.recv()


@contextlib.contextmanager
def sink(answer: bytes) -> Any:
    """A webhook's receiver that refuses everything, with these words."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(500, answer.decode())
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:
            """Stay silent."""

    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{receiver.server_address[1]}"
    finally:
        receiver.shutdown()
        receiver.server_close()
        thread.join()


def own_api(caller: Caller, some: Canaries, hook: str) -> None:
    """Good calls, bad ones and ones that break."""
    own = caller.running.credentials["numbers"][0]
    token = some.new("token in a hook's URL")
    caller.http("POST", "/api/hooks", {"url": f"{hook}/{token}?key={token}", "events": ["message.delivered"]})
    closed = {"url": f"http://127.0.0.1:9/{token}", "events": ["message.accepted"]}
    caller.http("POST", "/api/hooks", closed)
    caller.http(
        "POST", "/api/hooks", {"url": f"http://10.0.0.1/{some.new('a blocked URL')}", "events": ["x"]}
    )
    for word in ("", "BREAK-VIEW", "BREAK-LIVE", "BREAK-POST"):
        said = {"to": some.number("recipient"), "text": some.text("text", word), "ref": some.new("ref")}
        sent = caller.http("POST", "/api/messages", said, Idempotency_Key=some.new("idempotency key"))
        caller.http("GET", f"/api/messages/{(sent or {}).get('id', 1)}")
    caller.http(
        "POST", "/api/messages", {"to": some.number("list") + "x", "text": some.text("bad recipient")}
    )
    caller.http("POST", "/api/messages", {"to": own, "text": some.text("text to ourselves")})
    caller.http("POST", "/api/messages", {"to": own, "text": some.text("too long") * 2_000})
    caller.http("POST", "/api/messages", {"to": own, "from": some.new("sender"), "text": some.text("sender")})
    caller.http("POST", "/api/messages", raw=f'{{"to": "{some.number("bad JSON")}", "text": '.encode())
    caller.http(
        "POST", "/api/messages", raw=some.text("a body that is no JSON").encode(), Content_Type="text/x"
    )
    caller.http("GET", "/api/messages?q=" + some.new("search"))
    caller.http("GET", f"/api/messages?to={some.number('filter')}&BREAK-LOOP=1&from={some.number('filter')}")
    caller.http("GET", "/api/messages?BREAK-LOOP=1", Authorization=f"Bearer {some.new('key', 'tw_{}')}")
    caller.http("GET", "/api/account", Authorization=f"Bearer {some.new('wrong key', 'tw_{}')}")
    basic = base64.b64encode(some.new("Basic").encode()).decode()
    some.known[basic] = "Basic, encoded"
    caller.http("GET", "/api/account", Authorization=f"Basic {basic}", Cookie=f"session={some.new('cookie')}")
    caller.http("GET", "/api/account?access_token=" + some.new("token"))
    for path in ("/api/simnet/phones/{}", "/api/numbers/{}", "/api/opt-outs/{}", "/nowhere/{}", "/api/x/{}"):
        for method in ("GET", "PATCH", "PUT", "DELETE"):
            caller.http(method, path.format(some.number(f"{method} {path}")), {"state": some.new("state")})
    phone = f"/api/simnet/phones/{some.number('a phone')}/messages"
    caller.http("POST", phone, {"to": own, "text": some.text("inbound")})
    caller.http("POST", phone, {"to": own, "text": some.text("inbound", "BREAK-VIEW")})
    caller.http("GET", "/api/messages?limit=100")


def kandy(caller: Caller, some: Canaries) -> None:
    """A user's life at Kandy's API."""
    given = caller.running.credentials["kandy"]
    form = {
        "grant_type": "password",
        "client_id": given["client_id"],
        "scope": "openid",
        "username": given["email"],
    }
    for password in (some.new("password"), "BREAK-LOGIN" + some.new("password"), given["password"]):
        body = urllib.parse.urlencode({**form, "password": password}).encode()
        said = caller.http(
            "POST", "/cpaas/auth/v1/token", raw=body, Content_Type="application/x-www-form-urlencoded"
        )
    assert "access_token" in said, said
    for name in ("access_token", "id_token", "refresh_token"):
        some.known[said[name]] = name
    token = f"Bearer {said['access_token']}"
    claims = said["id_token"].split(".")[1]
    user = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["preferred_username"]
    sms = f"/cpaas/smsmessaging/v1/{user}"
    for to in (some.number("Kandy's recipient"), some.number("Kandy's bad recipient") + "x"):
        text = {"message": some.text("Kandy's text")}
        wanted = {"address": [to], "clientCorrelator": some.new("correlator"), "outboundSMSTextMessage": text}
        body = {"outboundSMSMessageRequest": wanted}
        caller.http("POST", f"{sms}/outbound/default/requests", body, Authorization=token)
    channel = {
        "channelType": "webhooks", "clientCorrelator": some.new("correlator"),
        "channelData": {
            "x-webhookURL": f"http://127.0.0.1:9/{some.new('channel URL')}", "x-authorization": some.new("channel"),
        },
    }  # fmt: skip
    caller.http(
        "POST",
        f"/cpaas/notificationchannel/v1/{user}/channels",
        {"notificationChannel": channel},
        Authorization=token,
    )
    caller.http("GET", f"{sms}/BREAK-LOOP?{some.new('query')}=BREAK-LOOP", Authorization=token)
    caller.http("GET", f"{sms}/x", Authorization=f"Bearer {some.new('token', 'eyJ{}.eyJx.z')}")


def vendors(caller: Caller, some: Canaries) -> None:
    """Credentials of another account's that are given out, used, misused and ended."""
    opened = caller.http("POST", "/api/accounts", {"name": f"c{secrets.token_hex(6)}", "balance": "9"},
                         Idempotency_Key=some.new("idempotency key"))  # fmt: skip
    own = {"Authorization": f"Bearer {opened['key']}"}
    wished = {"api_secret": True, "signature_secret": True}
    made = caller.http(
        "POST", "/api/account/vonage", wished, Idempotency_Key=some.new("idempotency key"), **own
    )
    user = caller.http("POST", "/api/users", {"email": f"{some.new('e-mail')}@example.test"}, **own)
    wanted = {"user": user["id"], "name": some.new("name of a token"), "scopes": ["all"]}
    token = caller.http("POST", "/api/tokens", wanted, **own)
    some.known |= dict.fromkeys((opened["key"], user["password"], token["token"]), "given out")
    for given in (opened["vonage"], made):
        some.known |= dict.fromkeys(
            (given["api_secret"], given["signature_secret"]), "given out to Vonage's clients"
        )
    for secret in (opened["vonage"]["api_secret"], made["api_secret"], some.new("api_secret")):
        sms = {"api_key": made["api_key"], "api_secret": secret, "from": "Acme"}
        caller.http(
            "POST",
            "/sms/json",
            sms | {"to": some.number("Vonage's recipient"), "text": some.text("Vonage's")},
        )
    for secret in (token["token"], some.new("wrong token")):
        basic = base64.b64encode(f"{token['id']}:{secret}".encode()).decode()
        some.known[basic] = "a token as Basic has it"
        caller.http("GET", "/v2/users", Authorization=f"Basic {basic}")
    caller.http("POST", "/api/account/vonage", {"end_old": True}, **own)
    caller.http("DELETE", f"/api/tokens/{token['id']}", **own)
    for bad in (
        {"user": some.new("user"), "name": "x", "scopes": [some.new("scope")]},
        {some.new("field"): 1},
    ):
        caller.http("POST", "/api/tokens", bad, **own)


async def sockets(caller: Caller, some: Canaries) -> None:
    """Live sockets that are let in, refused and broken."""
    key = caller.running.credentials["api"]["key"]
    token = some.new("access token", "tw_{}")
    bearer = {"Authorization": f"Bearer {key}"}
    await caller.live(f"?access_token={token}", 1)
    await caller.live("", 1, Authorization=f"Bearer {token}")
    await caller.live(f"?after={some.new('after')}", 1, **bearer)
    await caller.live("", 1, Origin=f"https://{some.new('origin')}.example", **bearer)
    await caller.live(f"?access_token={key}&after=0", 60, some.text("said to a socket"))
    await caller.live("?after=0", 1, "x" * 70_000 + some.text("too much said"), **bearer)


def wires(caller: Caller, some: Canaries) -> None:
    """What no client would send."""
    one = some.new("raw bytes").encode()
    host = b"Host: x\r\n\r\n"
    caller.bytes(b"GET /" + one + b" HTTP/9.9\r\n" + host)
    caller.bytes(b"GET /" + one + b" HTTP/1.1\r\nHost: " + one + b" x\r\n\r\n")
    caller.bytes(b"POST /api/messages HTTP/1.1\r\nContent-Length: 99\r\nX: " + one + b"\r\n" + host + one)
    caller.bytes(one * 3_000)
    caller.bytes(b"\x16\x03\x01" + one)
    upgrade = b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    upgrade += b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n" + host
    key = caller.running.credentials["api"]["key"].encode()
    caller.bytes(b"GET /api/live?x=" + one + b" HTTP/1.1\r\n" + upgrade)
    caller.bytes(b"GET /api/live?access_token=" + key + b" HTTP/1.1\r\n" + upgrade, b"\xff" + one)


def commands(running: Server, some: Canaries) -> str:
    """The command line; what it writes to stderr, and to stdout when it says that something went wrong."""
    wrong = some.new("a key from the environment", "tw_{}")
    ways = [
        ("send", "--to", some.number("textwire send"), some.text("textwire send")),
        ("send", "--to", "+1", some.text("textwire send, refused")),
        (
            "phone",
            some.number("textwire phone"),
            "--once",
            some.text("textwire phone"),
            "--to",
            "+16139998877",
        ),
        ("messages", "list"),
    ]
    written = ""
    for way in ways:
        done = running.textwire(*way)
        written += done.stderr.replace(" ".join(way), "")
        assert "Traceback" not in done.stderr
    environment = clean_environment() | {"TEXTWIRE_KEY": wrong, "TEXTWIRE_URL": running.url}
    bad = subprocess.run(
        [*COMMAND, "send", "--to", "+447700900123", "x"], capture_output=True, text=True, env=environment,
        timeout=60, check=False,
    )  # fmt: skip
    assert bad.returncode != 0
    return written + bad.stderr + bad.stdout


async def test_nothing_private_is_written_whatever_is_called_and_whatever_fails(
    database: str, tmp_path: Path
) -> None:
    some = Canaries()
    arguments = ("--database", database, "--log-level", "debug")
    with (
        sink(some.new("a receiver's answer").encode()) as hook,
        server(tmp_path, *arguments, environment=saboteur.environment(tmp_path)) as running,
    ):
        given = running.credentials
        for name, value in (("key", given["api"]["key"]), ("password", given["kandy"]["password"])):
            some.known[value] = name
        some.known |= dict.fromkeys(given["numbers"], "an owned number")
        caller = Caller(running)
        await asyncio.to_thread(own_api, caller, some, hook)
        await asyncio.to_thread(kandy, caller, some)
        await asyncio.to_thread(vendors, caller, some)
        await sockets(caller, some)
        await asyncio.to_thread(wires, caller, some)
        told = await asyncio.to_thread(commands, running, some)
        with urllib.request.urlopen(running.url + "/metrics", timeout=30) as answer:
            metrics = answer.read().decode()
        greeting = running.printed
        await asyncio.to_thread(running.stop)
        log, printed = running.complaints, running.printed.removeprefix(greeting)
    assert {200, 201, 400, 401, 404, 500} <= caller.statuses, "the journey was not made"
    entries = [json.loads(line) for line in log.splitlines()]
    assert all(isinstance(entry["at"], str) and entry["at"].endswith("Z") for entry in entries)
    events = {entry["event"] for entry in entries}
    assert {
        "web.failed",
        "hook.failed",
        "live.failed",
        "store.observer_failed",
        "thread.failed",
        "unraisable",
    } <= events
    assert len(some.known) > 100
    assert some.written_in(log) == []
    assert some.written_in(printed) == []
    assert some.written_in(metrics) == []
    secret = {one: place for one, place in some.known.items() if "textwire" not in place}
    assert found_in(told, secret) == []


def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    some = Canaries()
    url = f"postgresql://someone:{some.new('password of the database')}@127.0.0.1:1/textwire"
    with (
        pytest.raises(NotStarted) as caught,
        server(tmp_path, "--log-level", "debug", environment={"TEXTWIRE_DATABASE": url}),
    ):
        pass
    assert some.written_in(caught.value.said + (tmp_path / "server.out").read_text()) == []
    assert "database" in caught.value.said


def test_a_canary_that_is_written_would_be_found() -> None:
    some = Canaries()
    text, number = some.text("a text"), some.number("a number")
    [inside] = [one for one, place in some.known.items() if place == "a text"]
    for written in (text, json.dumps({"to": text}), urllib.parse.quote(text)):
        assert some.written_in(written) == [f"a text: {inside}"]
    for written in (number, number[1:], f"tel:{number}", urllib.parse.quote(number)):
        assert some.written_in(written) == [f"a number: {number}"]
