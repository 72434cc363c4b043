"""Reads the members of a JSON body one by one and gathers what is wrong with them, so that all of it is told at once."""

import re
from collections.abc import Mapping
from typing import Final

from textwire.facades.vonage.problems import Wrong

from . import errors
from .refusals import problem

Members = Mapping[str, object]
_DIGITS: Final = re.compile(r"[0-9]{1,9}", re.ASCII)


class Faults:
    """What is wrong with a body."""

    def __init__(self) -> None:
        self._found: list[tuple[int, Wrong]] = []

    def add(self, code: int, name: str, reason: str) -> None:
        """A member that cannot be so."""
        self._found.append((code, Wrong(name, reason)))

    def settle(self) -> None:
        """Raises Failing if there is anything: what is missing gives it its code, then what is not offered."""
        if not self._found:
            return
        codes = {code for code, _ in self._found}
        first = next(c for c in (errors.MISSING, errors.UNSUPPORTED, errors.INVALID) if c in codes)
        raise problem(first, *(wrong for _, wrong in self._found))


class Reading:
    """An object of the body. `path` stands before the names of its members, as in `failover[0].`

    What should be an object and is none is blamed itself, and nothing that it does not hold.
    """

    def __init__(self, given: object, faults: Faults, path: str = "") -> None:
        self._path = path
        self._given: Members = given if isinstance(given, dict) else {}
        self._faults = faults if isinstance(given, dict) else Faults()
        if not isinstance(given, dict):
            faults.add(errors.INVALID, path.rstrip("."), "must be an object")

    def wrong(self, name: str, reason: str, code: int = errors.INVALID) -> None:
        """A member cannot be so."""
        self._faults.add(code, self._path + name, reason)

    def get(self, name: str) -> object:
        """What is given; None: nothing."""
        return self._given.get(name)

    def inner(self, name: str, needed: bool = False) -> "Reading":
        """An object inside; an empty one if there is none."""
        found, faults = self.get(name), self._faults
        if found is None:
            found, faults = {}, Faults()
            if needed:
                self.wrong(name, "is required", errors.MISSING)
        return Reading(found, faults, f"{self._path}{name}.")

    def objects(self, name: str, most: int) -> "list[Reading] | None":
        """A list of objects; None: there is none."""
        found = self.get(name)
        if found is None:
            return None
        if not isinstance(found, list) or not 0 < len(found) <= most:
            self.wrong(name, f"must be a list of 1 to {most} objects")
            return []
        return [Reading(one, self._faults, f"{self._path}{name}[{n}].") for n, one in enumerate(found)]

    def needed(self, name: str, longest: int) -> str:
        """A text that must be there."""
        if self.get(name) in (None, ""):
            self.wrong(name, "is required", errors.MISSING)
            return ""
        return self.text(name, longest)

    def text(self, name: str, longest: int) -> str:
        """A text of so many characters; "": there is none."""
        found = self.get(name)
        if found is None:
            return ""
        if not isinstance(found, str) or len(found) > longest:
            self.wrong(name, f"must be a string of at most {longest} characters")
            return ""
        return found

    def word(self, name: str, words: tuple[str, ...]) -> str:
        """One of these words; "": there is none."""
        found = self.get(name)
        if found is None:
            return ""
        if not isinstance(found, str) or found not in words:
            self.wrong(name, "must be one of " + ", ".join(words))
            return ""
        return found

    def offered(self, name: str, word: str) -> None:
        """The one word that is offered here, and must be there."""
        found = self.get(name)
        if found in (None, ""):
            self.wrong(name, "is required", errors.MISSING)
        elif found != word:
            self.wrong(name, f"only {word} is offered here", errors.UNSUPPORTED)

    def number(self, name: str, least: int, most: int, usual: int) -> int:
        """A whole number, which may be written as text."""
        found = self.get(name)
        if found is None:
            return usual
        if isinstance(found, str) and _DIGITS.fullmatch(found):
            found = int(found)
        if type(found) is not int or not least <= found <= most:
            self.wrong(name, f"must be a whole number from {least} to {most}")
            return usual
        return found

    def flag(self, name: str) -> None:
        """A boolean that changes nothing here."""
        if not isinstance(self.get(name), bool | None):
            self.wrong(name, "must be true or false")
