"""The command line as a whole: its table, what it loads, its help and its completion."""

import os
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from tests.serving import COMMAND
from textwire import __version__
from textwire.cli.main import COMMANDS, group, main


def every(command: click.Command, *path: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """A command and all below it, each with the words that lead to it."""
    if path:
        yield path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            below = command.get_command(click.Context(command), name)
            assert below is not None
            yield from every(below, *path, name)


ALL = dict(every(group))


def test_every_command_of_the_table_is_there_and_says_of_itself_what_the_table_says() -> None:
    for name, (_, told) in COMMANDS.items():
        command = ALL[(name,)]
        assert (command.name, command.short_help) == (name, told)


def test_help_lists_the_commands_and_how_to_complete_them() -> None:
    for flag in ("--help", "-h"):
        result = CliRunner().invoke(group, [flag])
        assert result.exit_code == 0
        for name, (_, told) in COMMANDS.items():
            assert f"{name}" in result.stdout
            assert told in result.stdout
        assert "_TEXTWIRE_COMPLETE=bash_source" in result.stdout


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_and_every_option_is_explained(path: tuple[str, ...]) -> None:
    command = ALL[path]
    assert command.help
    names = [parameter.name for parameter in command.params]
    assert len(names) == len(set(names)), "two parameters overwrite each other"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
    assert CliRunner().invoke(group, [*path, "--help"]).exit_code == 0


@pytest.mark.parametrize("path", [p for p in ALL if not isinstance(ALL[p], click.Group)], ids=" ".join)
def test_every_command_answers_in_json_too(path: tuple[str, ...]) -> None:
    has_json = any("--json" in parameter.opts for parameter in ALL[path].params)
    assert has_json is (path != ("serve",))  # whose log is JSON anyway


def test_the_version_is_the_package_s() -> None:
    result = CliRunner().invoke(group, ["--version"], prog_name="textwire")
    assert result.stdout == f"textwire {__version__}\n"


def test_an_unknown_command_is_wrong_use() -> None:
    result = CliRunner().invoke(group, ["sevre"])
    assert result.exit_code == 2
    assert "sevre" in result.stderr


def test_main_exits_with_the_code_of_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["send", "--to", "1"])
    assert ended.value.code == 2
    assert "TEXT" in capsys.readouterr().err


def loaded(*arguments: str) -> set[str]:
    """Modules that a command line has loaded at its end."""
    code = (
        "import atexit, sys; from textwire.cli.main import main; "
        "atexit.register(lambda: print(*sys.modules, sep='\\n', file=sys.stderr)); main(sys.argv[1:])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stderr.split())


def test_help_loads_click_and_nothing_that_takes_long() -> None:
    modules = loaded("--help")
    assert "click" in modules
    ours = {name for name in modules if name.startswith("textwire")}
    assert ours == {"textwire", "textwire.cli", "textwire.cli.main"}
    assert not modules & {"asyncio", "msgspec", "structlog", "http.client", "ssl", "uvloop"}


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_loads_no_server(name: str) -> None:
    assert not loaded(name, "--help") & {
        "textwire.app",
        "textwire.config",
        "structlog",
        "apsw",
        "uvicorn",
        "http.client",
    }


def completed(*words: str) -> list[str]:
    environment = os.environ | {
        "_TEXTWIRE_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(["textwire", *words]),
        "COMP_CWORD": str(len(words)),
    }  # fmt: skip
    done = subprocess.run(COMMAND, capture_output=True, text=True, env=environment, check=True)
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_a_shell_completes_commands_and_options() -> None:
    assert completed("se") == ["serve", "send", "senders"]
    assert completed("numbers", "rel") == ["release"]
    assert completed("send", "--w") == ["--wait"]


def test_a_shell_completes_values_that_are_known_here() -> None:
    assert completed("messages", "list", "--state", "und") == ["undelivered"]
    assert completed("messages", "list", "--state", "sent,und") == ["sent,undelivered"]
    assert completed("numbers", "search", "DE") == ["DE"]
    assert completed("keys", "add", "--scopes", "op") == ["operator"]
    assert "message.received" in completed("hooks", "add", "http://h", "--events", "message.r")
