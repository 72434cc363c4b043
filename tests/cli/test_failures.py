"""A command that did not work says so in one line, and its exit code tells which kind it was."""

import click
import pytest
from click.testing import CliRunner

from textwire.cli.failures import Failed, Refused, leaves


@pytest.mark.parametrize(("kind", "code"), [(Failed, 1), (Refused, 2)])
def test_a_failure_is_one_plain_line_on_stderr(kind: type[Failed], code: int) -> None:
    @click.command()
    def command() -> None:
        raise kind("no\nway \x1b[31mout")

    result = CliRunner().invoke(command)
    assert (result.exit_code, result.stdout, result.stderr) == (code, "", "textwire: no way out\n")


def test_leaves_are_the_errors_inside_of_groups_in_their_order() -> None:
    one, two, three = ValueError(), KeyError(), OSError()
    group = ExceptionGroup("", [one, ExceptionGroup("", [two]), three])
    assert list(leaves(group)) == [one, two, three]
    assert list(leaves(one)) == [one]
