"""The client of sipgate's web application, npm sipgate-rest-api-client-v2 5.30.1 unmodified, with a token of ours.

Of what it calls, that is what there is here; it takes bearer tokens only. Beside it, npm sipgateio with the same token.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.serving import Server

from .library import Library, library, node
from .packages import installed
from .sipgate_login import Login
from .test_sipgateio import connected, send

PHONE = "+4915799999127"


def client(server: Server, scripts: Path, token: str) -> AbstractContextManager[Library]:
    """The client with a token."""
    command = [node(), scripts / "sipgate_rest_client.js", installed("sipgate-rest")]
    return library(command, {"url": f"{server.url}/v2", "token": token})


@pytest.fixture(scope="module")
def login(server: Server) -> Login:
    """At the path of the API's host, as the vendor's documentation has it."""
    return Login(server.url, server.credentials["sipgate"], "/login/sipgate-apps")


@pytest.fixture
def rest(server: Server, scripts: Path, login: Login) -> Iterator[Library]:
    """The client with a token that may do everything."""
    with client(server, scripts, login.by_password()["access_token"]) as one:
        yield one


def test_it_knows_who_is_there(server: Server, rest: Library) -> None:
    assert rest.call("getUserInfo")["sub"] == "w0"
    assert [one["id"] for one in rest.call("getUsers")["items"]] == ["w0"]
    assert rest.call("getBalance")["currency"] == "EUR"
    assert rest.call("getAccount")["company"] == "demo"
    assert {one["number"] for one in rest.call("getNumbers", "w0")["items"]} <= set(
        server.credentials["numbers"]
    )


def test_it_texts_and_finds_the_text_in_the_history(server: Server, rest: Library) -> None:
    assert [one["id"] for one in rest.call("fetchSms", "w0")["items"]] == ["s0"]
    rest.call("sendSms", "s0", PHONE, "Grüße")
    [shown] = server.shown(PHONE)
    assert shown["text"] == "Grüße"
    found = rest.call("getHistory", {"types": ["SMS"], "limit": 10})["items"]
    assert [one["smsContent"] for one in found if one["target"] == PHONE] == ["Grüße"]


def test_it_chooses_a_caller_id(rest: Library) -> None:
    callers = rest.call("fetchSmsCallerIds", "w0", "s0")["items"]
    own = next(one["id"] for one in callers if one["id"])
    for wanted in (True, False):
        rest.call("setActiveSmsCallerId", "w0", "s0", own, wanted)
        [now] = [
            one["id"] for one in rest.call("fetchSmsCallerIds", "w0", "s0")["items"] if one["defaultNumber"]
        ]
        assert now == (own if wanted else 0)


def test_it_manages_clients(rest: Library) -> None:
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
        assert one.raised("sendSms", "s0", PHONE, "x")["status"] == 403


def test_the_official_library_takes_a_token_too(server: Server, scripts: Path, login: Login) -> None:
    with connected(server, scripts, token=login.by_password()["access_token"]) as sipgate:
        assert sipgate.ready == "w0"
        send(sipgate, smsId="s0", to="+4915799999128")
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
