"""The pages that teach the command line: every block is run as it stands there, in a directory that was empty."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.cli import reference
from tests.needs import require
from tests.serving import START_SECONDS, Server, clean_environment, server, textwire

ROOT = Path(__file__).parents[2]
HOWTO = ROOT / "docs" / "howto"
FREE = {"TEXTWIRE_HTTP": "127.0.0.1:0", "TEXTWIRE_HTTPS": "off"}
USUAL = "http://127.0.0.1:8080"
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGES = ("command-line.md", "first-message.md", "testing-offline.md")
# What a page tells people to run by itself in a terminal of its own.
IN_FRONT = "textwire serve\n"


class Block(NamedTuple):
    language: str
    text: str


def blocks(page: Path) -> list[Block]:
    return [Block(*found) for found in BLOCK.findall(page.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which `textwire` is the one under test, and nothing is set."""
    require(shutil.which("bash") and shutil.which("curl"), "bash and curl")
    folder = tmp_path_factory.mktemp("bin")
    program = folder / "textwire"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m textwire "$@"\n')
    program.chmod(0o755)
    (folder / "python3").symlink_to(sys.executable)
    return clean_environment() | {"PATH": f"{folder}:{os.environ['PATH']}"}


def run(script: str, directory: Path, environment: dict[str, str]) -> str:
    """What a script says that works from its first line to its last."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=directory, env=environment, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=4 * START_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@contextmanager
def home(tmp_path: Path) -> Iterator[tuple[Server, Path]]:
    """A server, and a directory where a person would have started it: its ./textwire-data is the server's."""
    with server(tmp_path) as running:
        place = tmp_path / "home"
        place.mkdir()
        (place / "textwire-data").symlink_to(running.data)
        yield running, place


def test_the_blocks_of_the_pages_are_of_kinds_that_are_run() -> None:
    kinds = {page: {block.language for block in blocks(HOWTO / page)} for page in PAGES}
    assert kinds == {
        "command-line.md": {"sh"}, "first-message.md": {"sh"}, "testing-offline.md": {"sh", "python", "yaml"},
    }  # fmt: skip


@pytest.mark.parametrize("page", ["command-line.md", "first-message.md"])
def test_every_block_works_as_it_stands_there(page: str, tmp_path: Path, commands: dict[str, str]) -> None:
    with home(tmp_path) as (running, place):
        for block in blocks(HOWTO / page):
            if block.text != IN_FRONT:
                run(block.text.replace(USUAL, running.url), place, commands)


def test_the_first_call_of_kandys_page_works(tmp_path: Path, commands: dict[str, str]) -> None:
    with home(tmp_path) as (running, place):
        script = "".join(block.text for block in blocks(HOWTO / "kandy.md") if block.language == "sh")
        said = run(script.replace(USUAL, running.url), place, commands)
        assert '"deliveryStatus":"DeliveredToNetwork"' in said
        assert "hi :)" in said
        inbound = running.api("GET", "/api/messages?direction=in")["items"]
        assert [message["text"] for message in inbound] == ["Hello back"]


def test_the_usual_address_of_the_pages_is_the_one_that_serve_takes() -> None:
    from textwire.config import Config

    assert f"http://{Config().http}" == USUAL
    assert IN_FRONT in {block.text for block in blocks(HOWTO / "first-message.md")}


@pytest.fixture
def offline(tmp_path: Path, commands: dict[str, str]) -> Iterator[tuple[Path, dict[str, str]]]:
    """A directory in which the first block of the page about testing has been run, and what it has exported."""
    first, *_ = blocks(HOWTO / "testing-offline.md")
    names = ("TEXTWIRE_DATA", "TEXTWIRE_URL", "TEXTWIRE_KEY")
    tell = "".join(f'printf "%s\\n" "${name}"\n' for name in names)
    try:
        said = run(first.text + tell, tmp_path, commands).splitlines()
        yield tmp_path, commands | dict(zip(names, said, strict=True))
    finally:
        stop(tmp_path / "textwire-test")


def stop(data: Path) -> None:
    """Ends the server that a page started."""
    if (data / "ready.json").exists():
        os.kill(json.loads((data / "ready.json").read_bytes())["pid"], 15)


def test_the_page_about_testing_works_from_top_to_bottom(offline: tuple[Path, dict[str, str]]) -> None:
    place, environment = offline
    _, *rest = blocks(HOWTO / "testing-offline.md")
    for block in rest:
        if block.language == "sh":
            run(block.text, place, environment)
    [example] = [block.text for block in rest if block.language == "python"]
    (place / "test_example.py").write_text(example)
    tested = run(f"{sys.executable} -m pytest -q -p no:cacheprovider test_example.py", place, environment)
    assert "2 passed" in tested


def test_the_steps_of_the_job_in_continuous_integration_work(
    tmp_path: Path, commands: dict[str, str]
) -> None:
    [job] = [block.text for block in blocks(HOWTO / "testing-offline.md") if block.language == "yaml"]
    steps = re.findall(r"^( +)run: \|\n((?:\1  .*\n)+)", job, re.MULTILINE)
    assert len(steps) == job.count("run:") == 3
    try:
        for indent, script in steps:
            run(script.replace(f"{indent}  ", ""), tmp_path, commands | {"TEXTWIRE_DATA": "textwire-ci"})
    finally:
        stop(tmp_path / "textwire-ci")


def test_the_reference_is_that_of_the_program() -> None:
    wanted = "run: python -m tests.cli.reference"
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page(), wanted


def test_every_command_that_pages_name_is_there() -> None:
    for page in (*HOWTO.glob("*.md"), ROOT / "README.md"):
        for name in re.findall(
            r"(?:`|^|\$\()textwire ([a-z][a-z-]+)(?=[ `\n)])", page.read_text(encoding="utf-8"), re.MULTILINE
        ):
            assert textwire(name, "--help").returncode == 0, f"{page.name}: {name}"


def test_the_readme_s_first_minute_works_in_a_fresh_clone(tmp_path: Path, commands: dict[str, str]) -> None:
    """But for what it downloads: the environment of this run is put where `make run` would make one."""
    require(
        shutil.which("git") and shutil.which("make") and (ROOT / ".git").exists(), "git, make and a checkout"
    )
    fetch, second, curl, _, why = (block.text for block in blocks(ROOT / "README.md"))
    *clone, start = fetch.replace("<this repository>", f"--quiet file://{ROOT}").strip().splitlines()
    assert start == "make run"
    run("\n".join(clone), tmp_path, commands)
    place = tmp_path / "textwire"
    (place / ".venv").mkdir()
    for part in Path(sys.prefix).iterdir():
        if not part.name.startswith(".run"):
            (place / ".venv" / part.name).symlink_to(part)
    (place / ".venv" / ".run").touch()
    environment = commands | FREE | {"PYTHONPATH": str(place / "src"), "VIRTUAL_ENV": ""}
    with (tmp_path / "printed").open("wb") as printed:
        process = subprocess.Popen(
            ["make", "run"], cwd=place, env=environment, stdout=printed, stderr=subprocess.DEVNULL
        )
    try:
        data = place / "textwire-data"
        run(
            f"timeout {START_SECONDS} sh -c 'until test -s {data}/ready.json; do sleep 0.1; done'",
            place,
            commands,
        )
        pid, url = (json.loads((data / "ready.json").read_bytes())[name] for name in ("pid", "http"))
        sent = run(second, place, environment)
        assert sent.splitlines()[-1].endswith(" delivered")
        key = json.loads((data / "credentials.json").read_bytes())["api"]["key"]
        answer = run(curl.replace(USUAL, f"-sS {url}"), place, environment | {"KEY": key})
        assert json.loads(answer)["to"] == "+447700900123"
        run(why.replace(" tail ", " tail --count 3 --after evt_0 "), place, environment)
        os.kill(pid, 15)
        assert process.wait(START_SECONDS) == 0
        assert "ready http" in (tmp_path / "printed").read_text()
    finally:
        process.kill()
        process.wait()
