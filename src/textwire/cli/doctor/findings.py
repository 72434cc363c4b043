"""What a check finds, and what it looks at."""

import shlex
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from textwire.cli import finding
from textwire.cli.call import Api
from textwire.cli.failures import Failed
from textwire.config import Config

Level = Literal["ok", "warning", "problem"]
LEVELS: Final[tuple[Level, ...]] = ("ok", "warning", "problem")


class Finding(msgspec.Struct, frozen=True):
    """One sentence on one subject, and the one command that mends it ("": nothing is to be done)."""

    check: str
    level: Level
    said: str
    mend: str = ""


class Case(msgspec.Struct, frozen=True):
    """What is looked at: the settings, what the server says of itself, and its API if one may and can ask it."""

    config: Config
    ready: dict[str, Any]
    url: str
    api: Api | None

    @classmethod
    def of(cls, config: Config, url: str | None, key: str | None) -> "Case":
        """What there is; a server that is not there is for the checks to tell."""
        place = config.directory
        try:
            ready = finding.ready(place)
        except Failed:
            ready = {}
        try:
            found = finding.find(config.data, url, key)
        except Failed:
            return cls(config, ready, url or "", None)
        return cls(config, ready, found[0], Api(*found))

    @property
    def place(self) -> Path:
        """The data directory."""
        return self.config.directory

    @property
    def at(self) -> str:
        """What our other commands need to be told to find it."""
        return "" if self.config.data == Config().data else f" --data {shlex.quote(self.config.data)}"
