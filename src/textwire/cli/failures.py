"""What a command that did not work says, in one line, and with which exit code."""

from collections.abc import Iterator
from typing import IO, Any

import click

from .plain import line


class Failed(click.ClickException):
    """It was tried: ends the command with one line on stderr and exit code 1; never a traceback."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        """The line."""
        click.echo(f"textwire: {line(self.message)}", file=file, err=True)


class Refused(Failed):
    """It cannot be done so: the command line, a setting, or what the machine has. Exit code 2."""

    exit_code = 2


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The errors inside of exception groups, which is how tasks that ran together hand them on."""
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from leaves(inner)
    else:
        yield error
