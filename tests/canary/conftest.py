"""The journey of canaries is made on both engines."""

from tests.store.conftest import database, kept_database, postgres

__all__ = ["database", "kept_database", "postgres"]
