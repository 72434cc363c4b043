"""The client in an environment of its own, put there by pip: what comes with it, and what works."""

import json
import re
import shutil
import subprocess
import sys
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest

from tests.client import programs
from tests.client.fresh import OFFLINE, Fresh, closure, lend_all, run
from tests.client.programs import fetch, line, until
from tests.client.test_distribution import ALLOWED, ROOT
from tests.needs import require
from tests.serving import Server
from textwire_client import testing

EXAMPLES = ROOT / "examples"
TUTORIAL = ROOT / "docs" / "howto" / "tutorial-python.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
USUAL = "http://127.0.0.1:8080"
SERVERS = ("textwire", "apsw", "asyncpg", "psycopg", "uvicorn", "sqlalchemy")
LOADED = """
import importlib.util, json, sys
import textwire_client.async_live, textwire_client.live, textwire_client.testing
textwire_client.Client("http://127.0.0.1:1", "none").close()
names = {name.partition(".")[0] for name in sys.modules}
print(json.dumps([textwire_client.__file__, textwire_client.__version__, sorted(names)]))
"""
FOUND = """
from importlib import metadata, resources
print([one.value for one in metadata.entry_points(group="pytest11") if one.dist.name == "textwire-client"])
print(resources.files("textwire_client").joinpath("py.typed").is_file())
"""


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Fresh:
    """Has the client and what it needs, which pip finds there already: it may fetch nothing."""
    home = tmp_path_factory.mktemp("alone")
    fresh = Fresh(home / "environment")
    fresh.lend("httpcore[asyncio]", "msgspec", "websockets")
    fresh.pip("install", ROOT / "client", build=home / "build")
    return fresh


def test_pip_needs_nothing_but_what_its_http_and_websocket_clients_need(alone: Fresh) -> None:
    assert alone.installed() - alone.names - {"pip", "setuptools"} == {"textwire-client"}
    assert alone.names >= ALLOWED
    assert alone.names.isdisjoint(SERVERS)
    alone.run("-m", "pip", "check", cwd=alone.home)


def test_all_of_it_can_be_imported_without_a_server_a_database_or_pytest(alone: Fresh) -> None:
    place, version, loaded = json.loads(alone.run("-c", LOADED, cwd=alone.home))
    assert Path(place).is_relative_to(alone.site)
    assert version == "0.1.0"
    assert set(loaded).isdisjoint((*SERVERS, "sqlite3", "pytest"))


def test_it_says_that_it_is_typed_and_where_its_plugin_is(alone: Fresh) -> None:
    assert alone.run("-c", FOUND, cwd=alone.home) == "['textwire_client.testing']\nTrue\n"


def test_the_examples_run_with_it(alone: Fresh) -> None:
    with testing.sms() as sms:
        phone, tomorrow = sms.phone(), (sms.clock.now + timedelta(hours=12)).isoformat()

        def example(name: str, *arguments: str) -> AbstractContextManager["subprocess.Popen[str]"]:
            environment = {**sms.environment, "PYTHONPATH": ""}
            return programs.running(EXAMPLES / name, *arguments, python=alone.python, **environment)

        with example("send_later.py", phone.number, "later", tomorrow) as sending:
            line(sending, r"^\d+$")
        with example("sms_starter_app.py", "0") as app:
            url = line(app, r"open (http://\S+)")[1]
            phone.text("hello")
            until(lambda: "hello" in fetch(url)[1])
        with example("auto_reply.py", str(alone.home / "place")) as replying:
            line(replying, "listening")
            phone.text("hello again")
            phone.wait_for("You said hello again", timeout=60)
        with example("console_conversation.py", phone.number) as talk:
            line(talk, "writes to")
            phone.text("still there?")
            line(talk, "still there")


@pytest.fixture
def desk(running: Server, tmp_path: Path) -> Path:
    """A checkout in which the server was started, whose environment has nothing of ours yet but the command."""
    require(shutil.which("bash"), "bash")
    fresh = Fresh(tmp_path / "environment")
    fresh.lend("httpcore[asyncio]", "msgspec", "websockets", "pytest")
    command(fresh, "textwire", f'PYTHONPATH="{ROOT / "src"}" exec {sys.executable} -m textwire')
    command(fresh, "pytest", f"exec {fresh.python} -m pytest -p no:cacheprovider")
    lend_all(closure("hatchling"), tmp_path / "build")
    checkout = tmp_path / "checkout"
    checkout.mkdir()
    for name, place in (("client", ROOT / "client"), ("src", ROOT / "src"), (".venv", fresh.home)):
        (checkout / name).symlink_to(place)
    (checkout / "textwire-data").symlink_to(running.data)
    return checkout


def command(fresh: Fresh, name: str, what: str) -> None:
    made = fresh.home / "bin" / name
    made.write_text(f'#!/bin/sh\n{what} "$@"\n')
    made.chmod(0o755)


def test_the_tutorial_works_from_top_to_bottom_and_prints_what_it_says(running: Server, desk: Path) -> None:
    found = [*BLOCK.findall(TUTORIAL.read_text(encoding="utf-8"))]
    install, test = (text for kind, text in found if kind == "sh")
    *program, login = (text for kind, text in found if kind == "python")
    (desk / "first.py").write_text("".join(program))
    (desk / "test_login.py").write_text(login)
    # Nothing is fetched: pip finds beside it what it builds with.
    script = install.replace(USUAL, running.url).replace(
        "pip install", f"PYTHONPATH={desk.parent / 'build'} pip install"
    )
    said = run(
        ["bash", "-euo", "pipefail", "-c", f"{script}\necho READY\npython first.py\n{test}"], desk, **OFFLINE
    )
    printed = said.partition("READY\n")[2]
    assert printed.startswith("".join(text for kind, text in found if kind == "text"))
    assert f"{login.count('def test_')} passed" in printed
    assert {kind for kind, _ in found} == {"sh", "python", "text"}
