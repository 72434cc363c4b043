"""The client of sipgate's web application, npm sipgate-rest-api-client-v2 5.30.1 unmodified, with a token of ours.

Of what it calls, that is what there is here; it takes bearer tokens only. Beside it, npm sipgateio with the same token.
"""

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.needs import require

from .packages import installed
from .server import Server
from .sipgate_login import Login
from .test_sipgateio import library

PHONE = "+4915799999127"


class Refused(Exception):
    """What the client has thrown; `status` is that of the answer."""

    def __init__(self, said: dict[str, Any]) -> None:
        super().__init__(said["raised"])
        self.status = said["status"]


class Client:
    """The client in its own process."""

    def __init__(self, process: "subprocess.Popen[str]", url: str, token: str) -> None:
        self._process = process
        self._tell({"url": url, "token": token})

    def call(self, name: str, *given: object) -> Any:
        """What a call returns; raises Refused."""
        return self._tell({"call": name, "with": given})

    def _tell(self, line: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer, "the client's process has ended"
        said = json.loads(answer)
        if "raised" in said:
            raise Refused(said)
        return said["returned"]


@contextmanager
def client(server: Server, scripts: Path, token: str) -> Iterator[Client]:
    """The client with a token, until the end of the block."""
    node = shutil.which("node")
    require(node, "Node, for sipgate's client")
    command = [str(node), str(scripts / "sipgate_rest_client.js"), str(installed("sipgate-rest"))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Client(process, f"{server.url}/v2", token)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def login(server: Server) -> Login:
    """At the path of the API's host, as the vendor's documentation has it."""
    return Login(server.url, server.credentials["sipgate"], "/login/sipgate-apps")


@pytest.fixture
def rest(server: Server, scripts: Path, login: Login) -> Iterator[Client]:
    """The client with a token that may do everything."""
    with client(server, scripts, login.by_password()["access_token"]) as one:
        yield one


def test_it_knows_who_is_there(server: Server, rest: Client) -> None:
    assert rest.call("getUserInfo")["sub"] == "w0"
    assert [one["id"] for one in rest.call("getUsers")["items"]] == ["w0"]
    assert rest.call("getBalance")["currency"] == "EUR"
    assert rest.call("getAccount")["company"] == "demo"
    assert {one["number"] for one in rest.call("getNumbers", "w0")["items"]} <= set(
        server.credentials["numbers"]
    )


def test_it_texts_and_finds_the_text_in_the_history(server: Server, rest: Client) -> None:
    assert [one["id"] for one in rest.call("fetchSms", "w0")["items"]] == ["s0"]
    rest.call("sendSms", "s0", PHONE, "Grüße")
    [shown] = server.shown(PHONE)
    assert shown["text"] == "Grüße"
    found = rest.call("getHistory", {"types": ["SMS"], "limit": 10})["items"]
    assert [one["smsContent"] for one in found if one["target"] == PHONE] == ["Grüße"]


def test_it_chooses_a_caller_id(rest: Client) -> None:
    callers = rest.call("fetchSmsCallerIds", "w0", "s0")["items"]
    own = next(one["id"] for one in callers if one["id"])
    for wanted in (True, False):
        rest.call("setActiveSmsCallerId", "w0", "s0", own, wanted)
        [now] = [
            one["id"] for one in rest.call("fetchSmsCallerIds", "w0", "s0")["items"] if one["defaultNumber"]
        ]
        assert now == (own if wanted else 0)


def test_it_manages_clients(rest: Client) -> None:
    body = {"name": "One", "description": "x", "redirectUris": ["http://localhost/"], "webOrigins": [],
            "privacyUrl": "https://example.com/p", "termsUrl": "https://example.com/t"}  # fmt: skip
    made = rest.call("createOAuth2Client", body)
    assert made in rest.call("getOAuth2Clients")["data"]
    rest.call("setOAuth2Client", made["clientId"], {**body, "name": "Two"})
    assert [one["name"] for one in rest.call("getOAuth2Clients")["data"]] == ["Two"]
    rest.call("deleteOAuth2Client", made["clientId"])
    assert rest.call("getOAuth2Clients") == {"data": []}


def test_a_token_of_less_is_refused_what_it_may_not(server: Server, scripts: Path, login: Login) -> None:
    token = login.by_password(scope="balance:read")["access_token"]
    with client(server, scripts, token) as one:
        assert one.call("getBalance")["currency"] == "EUR"
        with pytest.raises(Refused) as refused:
            one.call("sendSms", "s0", PHONE, "x")
    assert refused.value.status == 403


def test_the_official_library_takes_a_token_too(server: Server, scripts: Path, login: Login) -> None:
    with library(server, scripts, token=login.by_password()["access_token"]) as sipgate:
        assert sipgate.user == "w0"
        sipgate.send(smsId="s0", to="+4915799999128")
    [shown] = server.shown("+4915799999128")
    assert shown["text"] == "Grüße"


def test_the_walk_of_the_official_examples(server: Server, login: Login) -> None:
    """A page, a form, a code, tokens, a refresh, the API: in their fields and their order."""
    place = "http://localhost:3000/oauth"
    client_id, secret = login.register(place)
    told = login.allowed(
        login.address(client_id, place, "balance:read account:read", state="s-1", client_secret=secret)
    )
    assert told["state"] == "s-1"
    proved = {"client_id": client_id, "client_secret": secret}
    pair = login.tokens(**proved, redirect_uri=place, code=told["code"], grant_type="authorization_code")
    again = login.tokens(**proved, refresh_token=pair["refresh_token"], grant_type="refresh_token")
    assert login.call("GET", "/account", again["access_token"])[0] == 200
    assert login.call("GET", "/history", again["access_token"])[0] == 403
    used = {"redirect_uri": place, "code": told["code"], "grant_type": "authorization_code"}
    assert login.ask(**proved, **used)[0] == 400
