"""What docs/howto/vonage.md teaches: every block is run as it stands there, in the vendor's environments."""

import shutil
from pathlib import Path

import pytest

from tests.cli.test_docs import HOWTO, Block, blocks, commands, run
from tests.serving import Server

from .apart import need_namespaces
from .library import node
from .packages import installed, python_of

__all__ = ["commands"]  # a fixture of those pages, and of this one

FIRST, *REST = blocks(HOWTO / "vonage.md")


@pytest.fixture
def place(server: Server, tmp_path: Path) -> Path:
    """Where a person would have started the server."""
    (tmp_path / "textwire-data").symlink_to(server.data)
    return tmp_path


@pytest.fixture
def environment(commands: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """With Vonage's command line, and node, to be found."""
    found = installed("vonage-cli") / "node_modules" / ".bin"
    assert node()
    return {**commands, "PATH": f"{found}:{commands['PATH']}", "HOME": str(tmp_path)}


def kept(language: str) -> list[Block]:
    return [block for block in REST if block.language == language]


def shells(*, apart: bool) -> list[str]:
    return [block.text for block in kept("sh") if ("unshare" in block.text) is apart]


def test_the_first_block_is_what_the_others_need() -> None:
    assert Block("sh", 'eval "$(textwire env vonage)"\n') == FIRST
    assert {block.language for block in REST} == {"sh", "json", "python", "js"}


def test_every_block_of_a_shell_works(server: Server, place: Path, environment: dict[str, str]) -> None:
    said = run("\n".join([FIRST.text, *shells(apart=False)]), place, environment)
    assert '"status":"0"' in said
    assert "Current balance: " in said
    assert server.arrives("+447700900123", "Hello from Textwire")
    assert server.arrives("+447700900123", "By the Messages API")
    assert server.api("GET", "/api/account")["settings"]["sms_api"] == "messages"
    assert server.api("GET", "/api/account")["settings"]["callback_method"] == "POST-JSON"


def test_the_python_block_works(server: Server, place: Path, environment: dict[str, str]) -> None:
    program, _, messages = kept("python")  # the second one is about the plugin: tests/client/testing
    (place / "send.py").write_text(program.text)
    said = run(f"{FIRST.text}{python_of('vonage')} send.py", place, environment)
    assert "status='0'" in said
    (place / "messages.py").write_text(messages.text)
    assert "workflow_id='" in run(f"{FIRST.text}{python_of('vonage')} messages.py", place, environment)
    assert server.arrives("+447700900123", "Hello, then")


def test_the_node_block_works(server: Server, place: Path, environment: dict[str, str]) -> None:
    [program] = kept("js")
    (place / "send.js").write_text(program.text)
    found = installed("vonage-node") / "node_modules"
    said = run(f"{FIRST.text}node send.js", place, {**environment, "NODE_PATH": str(found)})
    assert "'message-count': '1'" in said


def test_apart_the_recipe_works(tmp_path: Path, environment: dict[str, str]) -> None:
    need_namespaces()
    [recipe] = shells(apart=True)
    assert "Current balance: 100.00 EUR" in run(recipe, tmp_path, environment)
    shutil.rmtree(tmp_path / "apart")
