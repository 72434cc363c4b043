"""The house of sipgate's room, with a person in it."""

from tests.facades.sipgate.conftest import ada, bob, house

__all__ = ["ada", "bob", "house"]
