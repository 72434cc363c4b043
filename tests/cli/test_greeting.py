"""What a server prints can be pasted as it stands."""

import ast
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from textwire.cli import greeting
from textwire.cli.greeting import SECTIONS, TITLES, Place

HTTP, HTTPS = "http://127.0.0.1:8080", "https://127.0.0.1:8443"
FOUND: dict[str, Any] = {
    "account": "demo",
    "api": {"key": "tw_k"},
    "kandy": {
        "client_id": "PUB-demo.1", "email": "demo@example.test", "password": "pa$$ 'word'",
        "project_client_id": "PRIV-demo.1.Demo", "project_client_secret": "s",
    },
    "sipgate": {"token_id": "token-a1b2c3", "token": "b5b1-x", "sms_id": "s0", "user_id": "w0"},
    "numbers": ["+16139998877", "+447700900001"],
}  # fmt: skip


def place(
    *, urls: dict[str, str] | None = None, data: str = "./textwire-data", ca: str | None = "/d/tls/ca.pem"
) -> Place:
    return Place(urls=urls or {"http": HTTP, "https": HTTPS}, data=data, ca=Path(ca) if ca else None)


def commands(text: str, program: str) -> list[list[str]]:
    """The words of each call of a program, as a shell would read them."""
    lines = text.replace("\\\n", " ").splitlines()
    return [shlex.split(line) for line in lines if line.startswith(f"{program} ")]


def option(words: list[str], name: str) -> list[str]:
    return [words[n + 1] for n, word in enumerate(words) if word == name]


def test_where_it_listens_is_named_with_the_authority_that_https_needs() -> None:
    said = greeting.listening(place())
    assert HTTP in said
    assert HTTPS in said
    assert "/d/tls/ca.pem" in said
    assert "ca.pem" not in greeting.listening(place(ca=None))
    assert "ca.pem" not in greeting.listening(place(urls={"http": HTTP}))


def test_every_credential_is_shown() -> None:
    said = greeting.secrets(FOUND)
    for entry in ("api", "kandy", "sipgate"):
        assert TITLES[entry] in said
        for value in FOUND[entry].values():
            assert value in said
    assert "demo, its numbers +16139998877 +447700900001" in said


def test_credentials_of_an_api_without_a_section_are_shown_too() -> None:
    assert "secret                 x1" in greeting.secrets({"pigeon": {"secret": "x1"}, "numbers": []})


def test_the_own_api_s_calls_send_look_answer_and_list() -> None:
    calls = commands(greeting.calls(place(), FOUND), "curl")
    own = [words for words in calls if "/api/" in words[4]]
    assert [words[4].removeprefix(HTTP) for words in own] == [
        "/api/messages",
        "/api/simnet/phones/+447700900123/messages",
        "/api/simnet/phones/+447700900123/messages",
        "/api/messages",
    ]
    for words in own:
        assert "Authorization: Bearer tw_k" in option(words, "-H")
    bodies = [json.loads(body) for words in own for body in option(words, "-d")]
    assert bodies == [
        {"to": "+447700900123", "text": "Hello from Textwire"},
        {"to": "+16139998877", "text": "Hello back"},
    ]


def test_sipgate_s_call_sends_with_the_token() -> None:
    [call] = [words for words in commands(greeting.calls(place(), FOUND), "curl") if "/v2/" in words[4]]
    assert option(call, "-u") == ["token-a1b2c3:b5b1-x"]
    assert json.loads(option(call, "-d")[0]) == {
        "smsId": "s0", "recipient": "+447700900123", "message": "Hello from Textwire",
    }  # fmt: skip


def test_kandy_s_python_is_python_with_the_project_s_credentials() -> None:
    said = greeting.calls(place(), FOUND)
    start = said.index("from cpaassdk")
    tree = ast.parse(said[start : said.index("# curl: a token")])
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    assert {"PRIV-demo.1.Demo", "s", HTTP, "+16139998877", "+447700900123", "sms"} <= texts


def test_kandy_s_token_call_survives_the_shell_whatever_the_password_is() -> None:
    [words] = [words for words in commands(greeting.calls(place(), FOUND), "curl") if "/cpaas/" in words[4]]
    assert set(option(words, "-d")) == {
        "grant_type=password", "scope=openid", "client_id=PUB-demo.1", "username=demo@example.test",
        "password=pa$$ 'word'",
    }  # fmt: skip


@pytest.mark.parametrize("program", ["curl", "textwire"])
def test_there_are_calls_for_every_program(program: str) -> None:
    assert commands(greeting.calls(place(), FOUND), program)


def test_over_https_alone_the_calls_trust_the_local_authority() -> None:
    said = greeting.calls(place(urls={"https": HTTPS}, ca="/my data/tls/ca.pem"), FOUND)
    assert HTTP not in said
    for words in commands(said, "curl"):
        assert option(words, "--cacert") == ["/my data/tls/ca.pem"]
    assert "REQUESTS_CA_BUNDLE='/my data/tls/ca.pem'" in said


def test_over_https_with_a_certificate_of_one_s_own_nothing_is_to_be_trusted() -> None:
    said = greeting.calls(place(urls={"https": HTTPS}, ca=None), FOUND)
    assert HTTPS in said
    assert "--cacert" not in said
    assert "REQUESTS_CA_BUNDLE" not in said


def test_our_commands_are_told_the_data_directory_unless_it_is_the_usual_one() -> None:
    assert "--data" not in greeting.calls(place(), FOUND)
    for words in commands(greeting.calls(place(data="/my data"), FOUND), "textwire"):
        assert option(words, "--data") == ["/my data"]


def test_only_apis_with_credentials_get_calls() -> None:
    said = greeting.calls(place(), {"api": {"key": "tw_k"}, "numbers": []})
    assert TITLES["api"] in said
    assert TITLES["kandy"] not in said
    assert set(SECTIONS) == set(TITLES)


def test_a_server_that_does_not_print_its_credentials_points_to_them() -> None:
    said = greeting.pointer(place(data="/my data"), Path("/my data/credentials.json"))
    assert "textwire credentials --data '/my data'" in said
    assert "first account" in greeting.pointer(place(), None)
