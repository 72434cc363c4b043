"""The Node-RED tutorial "Sending and Receiving SMS" with node-red 4.1.15 and node-red-contrib-nexmo 3.1.1, unmodified from npm.

Their address is built in. Here a script leads them to the server, which is what `textwire env` sets up; at the end all of it
is run once more where rest.nexmo.com is this machine, with nothing at all between Node-RED and the server.
"""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server
from tests.serving import server as serving

from .apart import apart, run_apart
from .node_red import NodeRed, node_red
from .shell import shell

PHONE = "+447700900123"
CREDENTIALS = "basic"
MOST = 20  # texts that two who answer each other may have in a minute


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    https = "127.0.0.1:443" if apart() else "127.0.0.1:0"
    with serving(tmp_path_factory.mktemp("server"), "--https", https) as running:
        yield running


@pytest.fixture(scope="module")
def red(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[NodeRed]:
    place = tmp_path_factory.mktemp("node-red")
    if apart():
        trusted = str(server.data / "tls" / "ca.pem")
        with node_red(place, [], NODE_EXTRA_CA_CERTS=trusted) as one:
            yield one
    else:
        with node_red(place, shell(server, "vonage", [])) as one:
            yield one


@pytest.fixture(scope="module")
def number(server: Server, red: NodeRed) -> str:
    """What the tutorial clicks in the dashboard: a number, bought, whose texts go to Node-RED's /sms."""
    wanted = {"country": "GB", "features": "SMS,VOICE", "type": "mobile-lvn"}
    found = vonage(server, "GET", "/number/search", **wanted)["numbers"][0]["msisdn"]
    chosen = {"country": "GB", "msisdn": found}
    assert vonage(server, "POST", "/number/buy", **chosen)["error-code"] == "200"
    place = f"{red.url}/sms"  # nothing answers there yet
    assert vonage(server, "POST", "/number/update", **chosen, moHttpUrl=place)["error-code"] == "200"
    return str(found)


def vonage(server: Server, method: str, path: str, **fields: str) -> Any:
    """A call of the vendor's API with the first account's key."""
    kept = server.credentials["vonage"]
    query = urllib.parse.urlencode({**fields, "api_key": kept["api_key"], "api_secret": kept["api_secret"]})
    request = urllib.request.Request(f"{server.url}{path}?{query}", method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read())


def tab(server: Server, *nodes: dict[str, Any], secret: str | None = None) -> list[dict[str, Any]]:
    """A canvas with the configuration node of the credentials, as "Basic Auth" of the tutorial makes it."""
    kept = server.credentials["vonage"]
    basic = {
        "id": CREDENTIALS, "type": "nexmobasic", "name": "",
        "credentials": {"apikey": kept["api_key"], "apisecret": secret or kept["api_secret"]},
    }  # fmt: skip
    placed = [{"z": "tab", "x": 100, "y": 100, "wires": [], **one} for one in nodes]
    return [{"id": "tab", "type": "tab", "label": "SMS"}, basic, *placed]


def send_sms(name: str, to: str, sender: str, text: str, *following: str, **more: Any) -> dict[str, Any]:
    """A "Send SMS" node."""
    fields = {"creds": CREDENTIALS, "to": to, "fr": sender, "text": text, "unicode": False}
    return {"id": name, "type": "sendsms", **fields, "wires": [list(following)], **more}


def debug(name: str, complete: str = "true") -> dict[str, Any]:
    return {
        "id": name, "type": "debug", "active": True, "tosidebar": True, "console": False, "tostatus": False,
        "complete": complete, "targetType": "full" if complete == "true" else "msg",
    }  # fmt: skip


def sending(text: str, **more: Any) -> list[dict[str, Any]]:
    """The tutorial's first flow: inject, Send SMS, debug."""
    inject = {"id": "inject", "type": "inject", "payloadType": "date", "props": [{"p": "payload"}]}
    return [
        {**inject, "wires": [["send"]]},
        send_sms("send", PHONE[1:], "447700900001", text, "answer", **more),
        debug("answer"),
    ]


def answering() -> list[dict[str, Any]]:
    """The tutorial's second flow: a webhook that texts back."""
    return [
        {"id": "in", "type": "http in", "url": "/sms", "method": "get", "wires": [["told", "ok", "reply"]]},
        {"id": "ok", "type": "http response"},
        debug("told", "payload"),
        send_sms("reply", "{{msg.payload.msisdn}}", "{{msg.payload.to}}", "You said {{msg.payload.text}}"),
    ]


def test_the_first_flow_sends_a_text_and_shows_the_answer(server: Server, red: NodeRed) -> None:
    red.deploy(tab(server, *sending("Hello World")))
    red.press("inject")
    shown = red.heard("answer")
    assert (shown["message-count"], shown["messages"][0]["status"]) == ("1", "0")
    [text] = [one for one in server.shown(PHONE) if one["text"] == "Hello World"]
    assert text["from"] == "+447700900001"


def test_the_box_for_unicode_keeps_what_gsm_lacks(server: Server, red: NodeRed) -> None:
    red.deploy(tab(server, *sending("Hello 😀", unicode=True)))
    red.press("inject")
    assert red.heard("answer")["messages"][0]["status"] == "0"
    assert server.arrives(PHONE, "Hello 😀")


def test_a_wrong_secret_is_shown_as_an_answer(server: Server, red: NodeRed) -> None:
    red.deploy(tab(server, *sending("never"), secret="Wrong0Secret"))
    red.press("inject")
    assert red.heard("answer")["messages"] == [{"status": "4", "error-text": "Bad Credentials"}]


def test_the_second_flow_texts_back_what_a_person_has_typed(
    server: Server, red: NodeRed, number: str
) -> None:
    red.deploy(tab(server, *sending("Hello World"), *answering()))
    server.types(PHONE, f"+{number}", "Hi there")
    told = red.heard("told")
    assert (told["msisdn"], told["to"], told["text"]) == (PHONE[1:], number, "Hi there")
    assert (told["type"], told["keyword"]) == ("text", "HI")
    assert server.arrives(PHONE, "You said Hi there")
    [reply] = [one for one in server.shown(PHONE) if one["text"] == "You said Hi there"]
    assert reply["from"] == f"+{number}"


def test_what_the_nodes_template_makes_of_a_text_is_passed_on(
    server: Server, red: NodeRed, number: str
) -> None:
    """It escapes for HTML, which is its own affair."""
    red.deploy(tab(server, *answering()))
    server.types(PHONE, f"+{number}", "Tom & Jerry's é")
    assert server.arrives(PHONE, "You said Tom &amp; Jerry&#39;s é")


def test_the_second_flow_pointed_at_itself_comes_to_rest(server: Server, red: NodeRed, number: str) -> None:
    """Another number of one's own texts it, whose texts come to the same flow."""
    other = "447700900001"
    place = {"country": "GB", "msisdn": other, "moHttpUrl": f"{red.url}/sms"}
    assert vonage(server, "POST", "/number/update", **place)["error-code"] == "200"
    [inlet, ok, told, reply] = answering()
    red.deploy(tab(server, inlet, ok, told, {**reply, "wires": [["sent"]]}, debug("sent")))
    said = vonage(server, "POST", "/sms/json", **{"from": other, "to": number, "text": "hello"})
    assert said["messages"][0]["status"] == "0"
    taken = 1
    while (answer := red.heard("sent")["messages"][0])["status"] == "0":
        taken += 1
        assert taken <= MOST, "nobody stops them"
    assert (answer["status"], answer["error-text"]) == ("6", "Unroutable message - rejected")
    assert taken >= MOST - 1


def test_apart_it_all_works_where_the_vendors_names_are_this_machine(tmp_path: Path) -> None:
    said = run_apart(tmp_path, "rest.nexmo.com api.nexmo.com", "node-red", "tests/vendors/test_node_red.py")
    assert "6 passed" in said
