"""The port that a database engine implements: one transaction at a time, batches in, rows out."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol, TypeVar

import msgspec

T = TypeVar("T")
Row = tuple[Any, ...]
Rows = Sequence[Row]

COLUMN_TYPES = {"int": "bigint", "text": "text"}


class Unavailable(Exception):
    """Nothing can be stored or read now (disk full, database gone); what was answered before is safe."""


class Fatal(Exception):
    """The disk refused an fsync: what the kernel holds is unknown, so this process must not go on."""


class Again(Exception):
    """Another node was faster with what this transaction has read: its batch must be read and judged again."""


class Statement(msgspec.Struct, frozen=True):
    """One SQL text for both engines, fed with a batch of rows.

    `{rows}` in the text stands for the row source, a table whose columns are `columns`; `:name` for one of the
    single values `args`. After a select from a table named `m`, `{lock}` stands for the engine's row lock and
    `{skip}` for the lock that passes over rows that others have locked.

    A query that must stop early at an index (claims, pages) takes its bounds as values: behind a row source
    the planner has to sort everything that is due first.
    """

    text: str
    columns: tuple[tuple[str, str], ...] = ()
    args: tuple[tuple[str, str], ...] = ()


def statement(text: str, columns: str = "", args: str = "") -> Statement:
    """A Statement from its text and "name type, name type" for the batch and for the single values."""
    return Statement(text, _typed(columns), _typed(args))


def _typed(names: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, COLUMN_TYPES[kind]) for name, kind in (c.split() for c in names.split(",") if c))


class Transaction(Protocol):
    """What a verb may do inside a write transaction; it never waits for the outside world."""

    async def rows(self, statement: Statement, rows: Rows = (), **args: Any) -> list[Row]:
        """Runs the statement once for the whole batch and returns what it selects or returns."""
        ...

    async def run(self, statement: Statement, rows: Rows = (), **args: Any) -> None:
        """Runs the statement once for the whole batch; nothing happens when a row source gets no rows."""
        ...


class Engine(Protocol):
    """One database. Raises Unavailable or Fatal; any other error is the fault of what was written."""

    name: str
    exclusive: bool  # whether one process at a time owns the database

    async def open(self) -> None:
        """Connects and checks that the database can keep our promises; raises Unavailable with the reason."""
        ...

    async def migrate(self) -> None:
        """Brings the schema up to date; raises Unavailable when it is newer than this program."""
        ...

    async def transact(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Runs `work` in one write transaction and returns its result after the commit is durable."""
        ...

    async def read(self, statement: Statement, rows: Rows = (), **args: Any) -> list[Row]:
        """One small indexed read outside the writer's transaction: sees what is committed."""
        ...

    async def forget(self) -> bool:
        """Leaves nothing of deleted rows outside the tables, as far as that is in our hands; False: not now."""
        ...

    async def close(self) -> None: ...
