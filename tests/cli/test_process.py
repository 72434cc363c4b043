"""The program as people run it: first start, first text, stops of every kind, and starts that cannot be."""

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.needs import require
from tests.serving import COMMAND, STOP_SECONDS, NotStarted, Server, server, textwire

HANDSET, DEMO = "+447700900123", "+16139998877"


def test_from_the_first_start_to_a_delivered_text_and_an_answer(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        assert running.printed.splitlines()[-1].startswith(f"ready {running.url}")
        printed = running.textwire("credentials", "--json")
        assert json.loads(printed.stdout) == running.credentials

        sent = running.textwire("send", "--wait", "--to", HANDSET, "hello")
        assert (sent.returncode, sent.stderr) == (0, "")
        assert sent.stdout.splitlines()[-1].endswith(" delivered")

        once = running.textwire("phone", HANDSET, "--once", "hi", "--to", DEMO)
        assert (once.returncode, once.stderr) == (0, "")
        newest = running.api("GET", "/api/messages")["items"][0]
        assert (newest["direction"], newest["from"], newest["text"]) == ("in", HANDSET, "hi")

        piped = running.textwire("phone", HANDSET, "--json", typed="a reply\n")
        shown = [json.loads(line) for line in piped.stdout.splitlines()]
        assert [(one["direction"], one["text"]) for one in shown] == [
            ("in", "hello"), ("out", "hi"), ("out", "a reply"),
        ]  # fmt: skip
        assert shown[-1]["to"] == DEMO

        assert running.stop() == 0
        assert not (running.data / "ready.json").exists()
        assert [entry["event"] for entry in running.log()] == ["server.started", "server.stopped"]
        secrets = [running.credentials["api"]["key"], running.credentials["kandy"]["password"]]
        assert not any(secret in running.complaints for secret in secrets)


def test_a_phone_shows_a_text_as_it_arrives_and_ctrl_c_ends_it_quietly(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        command = [*COMMAND, "phone", HANDSET, "--linger", "600", "--data", str(running.data)]
        phone = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        assert phone.stdout is not None
        assert phone.stderr is not None
        try:
            for text in ("are you there?", "hello?", "well then"):
                running.api("POST", "/api/messages", {"to": HANDSET, "text": text})
                assert phone.stdout.readline().endswith(f"{DEMO}: {text}\n")
            phone.send_signal(signal.SIGINT)
            assert phone.wait(STOP_SECONDS) == 0
            assert phone.stderr.read() == ""
        finally:
            phone.kill()
            phone.wait()


def test_a_restart_keeps_credentials_and_messages(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        before = running.credentials
        identifier = running.api("POST", "/api/messages", {"to": HANDSET, "text": "hello"})["id"]
    with server(tmp_path) as running:
        assert running.credentials == before
        assert before["api"]["key"] in running.printed
        assert running.api("GET", f"/api/messages/{identifier}")["text"] == "hello"


def test_a_kill_leaves_nothing_that_a_restart_minds(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        identifier = running.api("POST", "/api/messages", {"to": HANDSET, "text": "hello"})["id"]
        running.kill()
        assert (running.data / "ready.json").exists()
        gone = running.textwire("send", "--to", HANDSET, "hello?")
        assert gone.returncode == 1
        assert "textwire serve" in gone.stderr
    with server(tmp_path) as running:
        assert running.api("GET", f"/api/messages/{identifier}")["text"] == "hello"
        assert running.stop() == 0


def test_of_two_servers_on_one_data_directory_the_second_is_refused(tmp_path: Path) -> None:
    with server(tmp_path) as running:
        second = running.textwire("serve", "--http", "127.0.0.1:0", "--https", "off")
        assert second.returncode == 2
        assert second.stdout == ""
        assert second.stderr.count("\n") == 1
        assert "in use by another textwire process" in second.stderr
        assert (running.data / "ready.json").exists()
        assert running.api("GET", "/api/account")


def test_a_taken_port_is_named_and_nothing_is_left_open(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NotStarted) as refused, server(tmp_path, "--http", f"127.0.0.1:{port}"):
            pass
    assert refused.value.code == 2
    assert refused.value.said.count("\n") == 1
    assert f"127.0.0.1:{port}" in refused.value.said
    assert not list((tmp_path / "data").glob("*-wal"))


def test_a_database_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    with server(tmp_path):
        pass
    script = (
        "import apsw, sys; apsw.Connection(sys.argv[1]).execute('insert into schema_version values (9999)')"
    )
    subprocess.run([sys.executable, "-c", script, str(tmp_path / "data" / "textwire.db")], check=True)
    with pytest.raises(NotStarted, match="newer textwire") as refused, server(tmp_path):
        pass
    assert (refused.value.code, refused.value.said.count("\n")) == (2, 1)


@pytest.mark.parametrize(
    "arguments",
    [("--http", "off"), ("--http", "0.0.0.0:0"), ("--tls-cert", "/none", "--https", "127.0.0.1:0")],
)
def test_a_start_that_cannot_be_is_one_line(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with pytest.raises(NotStarted) as refused, server(tmp_path, *arguments):
        pass
    assert (refused.value.code, refused.value.said.count("\n")) == (2, 1)
    assert refused.value.said.startswith("textwire: ")


def test_https_alone_is_enough_for_every_command(tmp_path: Path) -> None:
    with server(tmp_path, "--http", "off", "--https", "127.0.0.1:0") as running:
        assert running.url.startswith("https://127.0.0.1:")
        assert running.api("GET", "/api/account")
        sent = running.textwire("send", "--wait", "--to", HANDSET, "hello")
        assert (sent.returncode, sent.stderr) == (0, "")


def test_what_was_printed_works_as_it_is_pasted(tmp_path: Path) -> None:
    require(shutil.which("curl") and shutil.which("bash"), "curl and bash")
    with server(tmp_path) as running:
        lines = running.printed.replace("\\\n", " ").splitlines()
        calls = [line for line in lines if line.startswith("curl ")]
        answers = []
        for call in calls:
            done = subprocess.run(
                ["bash", "-c", call], capture_output=True, text=True, check=True, timeout=STOP_SECONDS
            )
            answers.append(json.loads(done.stdout.strip() or "null"))
        sent, screen, answer, listed, token, submitted, nothing = answers
        assert sent["to"] == HANDSET
        assert "items" in screen
        assert answer["direction"] == "out"
        assert {one["text"] for one in listed["items"]} == {"Hello from Textwire", "Hello back"}
        assert token["token_type"] == "bearer"
        assert [part["status"] for part in submitted["messages"]] == ["0"]  # Vonage
        assert nothing is None  # sipgate


def test_state_is_private_to_its_owner(tmp_path: Path) -> None:
    with server(tmp_path, "--https", "127.0.0.1:0") as running:
        assert stat.S_IMODE(running.data.stat().st_mode) == 0o700
        for path in running.data.rglob("*"):
            if path.name not in ("ready.json", "ca.pem", "server.pem", "server.json", "tls"):
                assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


def test_a_setting_of_the_environment_counts(tmp_path: Path) -> None:
    with server(tmp_path, environment={"TEXTWIRE_LOG_LEVEL": "error"}) as running:
        assert running.stop() == 0
        assert running.complaints == ""


def test_a_stop_waits_for_a_request_under_way_and_a_second_signal_does_not(tmp_path: Path) -> None:
    with server(tmp_path) as running, connected(running) as raw:
        key = running.credentials["api"]["key"]
        head = f"POST /api/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\nContent-Length: 9\r\n\r\n"
        raw.sendall(head.encode())  # the body never comes
        running.api("GET", "/api/account")  # so that the head before it has been read
        running.process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            running.process.wait(0.5)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(5.0) == 128 + signal.SIGTERM


def test_a_stop_sends_those_home_who_wait_for_a_handset(tmp_path: Path) -> None:
    with server(tmp_path) as running, connected(running) as raw:
        key = running.credentials["api"]["key"]
        path = f"/api/simnet/phones/{HANDSET}/messages?wait=30"
        raw.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n\r\n".encode())
        running.api("GET", "/api/account")
        assert running.stop() == 0
        assert raw.recv(65_536).startswith(b"HTTP/1.1 200 ")
        assert [entry["event"] for entry in running.log()] == ["server.started", "server.stopped"]


def connected(running: Server) -> socket.socket:
    host, _, port = running.url.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=STOP_SECONDS)


def test_a_reader_that_leaves_does_not_stop_the_server(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [
        sys.executable,
        "-m",
        "textwire",
        "serve",
        "--data",
        str(tmp_path / "d"),
        "--http",
        "127.0.0.1:0",
    ]
    process = subprocess.Popen(
        [*command, "--https", "off"], stdout=writing, stderr=subprocess.PIPE, text=True
    )
    os.close(writing)
    assert process.stderr is not None
    try:
        assert "server.started" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) == 0
        assert "server.stopped" in process.stderr.readline()
    finally:
        process.kill()
        process.wait()


def test_a_client_without_a_server_is_one_line(tmp_path: Path) -> None:
    for arguments in (("send", "--to", HANDSET, "x"), ("phone", HANDSET), ("credentials",)):
        done = textwire(*arguments, "--data", str(tmp_path))
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
        assert "`textwire serve`" in done.stderr


def test_the_server_loads_no_large_package_before_it_is_needed(tmp_path: Path) -> None:
    code = (
        "import sys; import textwire.cli.logs, textwire.app; "
        "print(*{'phonenumbers', 'cryptography', 'asyncpg', 'rich'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
