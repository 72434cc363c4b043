"""A progress bar for long work: on stderr, and only on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

Moved = Callable[[int, int], None]
"""Told (done, in all)."""


@contextmanager
def progress(label: str) -> Iterator[Moved]:
    """A bar that is moved by calls of what this gives."""
    if not sys.stderr.isatty():
        yield lambda done, total: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def moved(done: int, total: int) -> None:
            bar.length = max(total, 1)
            bar.update(done - bar.pos)

        yield moved
