"""What tells events runs once per engine, on the store's own fixtures."""

from tests.store.conftest import database, kept_database, postgres, store

__all__ = ["database", "kept_database", "postgres", "store"]
