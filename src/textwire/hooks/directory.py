"""Knows which hooks want an event: the active ones of the accounts, exact as of every look."""

from collections.abc import Callable, Iterable

import structlog
from msgspec.structs import replace

from textwire.domain.event import BIT, Event, own_number
from textwire.domain.message import Message
from textwire.store import hooks
from textwire.store.engines.engine import Engine
from textwire.store.hooks import Hook

MOST_ACCOUNTS = 10_000  # remembered

log = structlog.get_logger("textwire.hooks")


class Readers:
    """The active hooks of one account, by the numbers they are about ("": every number)."""

    __slots__ = ("_by_number", "types")

    def __init__(self, found: Iterable[Hook]) -> None:
        self.types = 0
        self._by_number: dict[str, list[Hook]] = {}
        for hook in found:
            if hook.url:  # a socket is somebody else's to serve
                self.types |= hook.types
                for number in hook.number.split() or [""]:
                    self._by_number.setdefault(number, []).append(hook)

    def takers(self, event: Event, message: Message | None) -> list[Hook]:
        """The webhooks that want an event."""
        bit = BIT[event.type]
        number = own_number(event, message)
        candidates = self._by_number.get("", [])
        if number:
            candidates = candidates + self._by_number.get(number, [])
        return [hook for hook in candidates if hook.types & bit]


NOBODY = Readers(())


class Directory:
    """Reads hooks once, and again when a counter says that one has changed. Secrets are opened on the way."""

    def __init__(self, engine: Engine, unseal: Callable[[str], str]) -> None:
        self._engine, self._unseal = engine, unseal
        self._version = -1
        self._accounts: dict[int, Readers] = {}

    async def look(self, accounts: set[int]) -> dict[int, Readers]:
        """The readers of each of these accounts, no older than the call."""
        version = await hooks.version(self._engine)
        if version != self._version or len(self._accounts) > MOST_ACCOUNTS:
            self._version, self._accounts = version, {}
        known = self._accounts  # another look may put a newer one in its place while this one reads
        unknown = [account for account in accounts if account not in known]
        if unknown:
            known.update(await self._read(unknown))
        return {account: known[account] for account in accounts}

    async def _read(self, unknown: list[int]) -> dict[int, Readers]:
        found: dict[int, list[Hook]] = {account: [] for account in unknown}
        for hook in await hooks.active(self._engine, unknown):
            found[hook.account].append(self.open(hook))
        return {account: Readers(theirs) if theirs else NOBODY for account, theirs in found.items()}

    async def addressed(self, ids: set[int]) -> dict[int, Hook]:
        """The webhooks that directed events go to, whatever their state."""
        return {h.id: self.open(h) for h in await hooks.some(self._engine, ids) if h.url} if ids else {}

    def open(self, hook: Hook) -> Hook:
        """The hook with its secrets readable; with none, if they were sealed under another key."""
        if not hook.secret:
            return hook
        old = self._opened(hook, hook.old_secret) if hook.old_secret else ""
        return replace(hook, secret=self._opened(hook, hook.secret), old_secret=old)

    def _opened(self, hook: Hook, sealed: str) -> str:
        try:
            return self._unseal(sealed)
        except ValueError:
            log.error("hook.secret_unreadable", hook=hook.public_id)
            return ""
