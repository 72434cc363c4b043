"""Opens an engine and its group committer: the one object through which the house reads and writes."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import structlog

from .committer import Committer, Verb
from .engines.engine import Engine
from .engines.sqlite import SQLite

FSYNC_EXIT = 70  # EX_SOFTWARE

log = structlog.get_logger("textwire.store")


def engine_for(database: str) -> Engine:
    """The engine that a --database value names: a postgresql:// URL or the path of a SQLite file."""
    if database.startswith(("postgresql://", "postgres://")):
        # Imported here: whoever runs on the embedded store need not carry asyncpg in memory.
        from .engines.postgres import Postgres

        return Postgres(database)
    return SQLite(Path(database.removeprefix("sqlite:///").removeprefix("sqlite:")))


def stop_at_once(error: BaseException) -> None:
    """After an fsync error nothing we know of the disk is true: end the process (reliability A4)."""
    log.critical("store.fsync_failed", error=str(error))
    os._exit(FSYNC_EXIT)


class Store:
    """The engine, open and migrated, with its committer. `run()` is the committer's loop."""

    def __init__(
        self, engine: Engine, *, fatal: Callable[[BaseException], None] = stop_at_once, **limits: Any
    ) -> None:
        self.engine = engine
        self.committer = Committer(engine, fatal=fatal, **limits)
        self.write = self.committer.write
        self.write_all = self.committer.write_all
        self.read = engine.read
        self.run = self.committer.run

    async def open(self) -> None:
        """Connects, checks and migrates; raises Unavailable with the reason."""
        try:
            await self.engine.open()
            await self.engine.migrate()
        except BaseException:
            await self.engine.close()
            raise

    async def close(self) -> None:
        """Commits what still waits and closes; later writes and reads raise Unavailable."""
        await self.committer.close()
        await self.engine.close()


__all__ = ["FSYNC_EXIT", "Store", "Verb", "engine_for", "stop_at_once"]
