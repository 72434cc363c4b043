"""The nights of all accounts, in memory: a message of an account without one costs a look at an empty table."""

from typing import Final

import msgspec

from textwire.domain.compliance import QuietHours
from textwire.store import rulings
from textwire.store.engines.engine import Engine

from .hours import Night, night, opens
from .zones import zones_of

REASON: Final = "quiet_hours"
"""Why a message waits, as its reason says."""

_decode = msgspec.json.Decoder(QuietHours).decode


class Nights:
    """What accounts have settled. `refresh` reads it anew: at the start, after a change, and now and then for
    changes that another node made. Writers' threads read it, too: the table is replaced, never changed."""

    def __init__(self) -> None:
        self.of: dict[int, Night] = {}

    async def refresh(self, engine: Engine) -> None:
        """Reads what all accounts have settled."""
        found = await rulings.every(engine, "quiet_hours")
        self.of = {account: night(_decode(value)) for account, value in found.items()}

    def until(self, account: int, klass: str, recipient: str, at: int) -> int:
        """Until when (µs) a message has to wait that could leave at `at`; 0: it may."""
        quiet = self.of.get(account)
        # A short code has no bed.
        if quiet is None or klass in quiet.exempt or recipient[0] != "+":
            return 0
        end = opens(quiet, zones_of(recipient), at)
        return end if end > at else 0
