"""What an account has set, in memory: read again a second later at the latest, whoever has changed it."""

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from textwire.domain.account import DEFAULTS, Settings
from textwire.store import accounts
from textwire.store.store import Store

FRESH = 1_000_000  # µs
MOST_KNOWN = 10_000  # accounts

_encode = msgspec.json.Encoder().encode


def read(kept: str) -> Settings:
    """The settings as they are kept. One that is none any more is left out, one that cannot be is its default."""
    if kept == "{}":
        return DEFAULTS
    found = msgspec.json.decode(kept, type=dict[str, msgspec.Raw])
    values = {}
    for field in msgspec.structs.fields(Settings):
        if field.name in found:
            try:
                values[field.name] = msgspec.json.decode(found[field.name], type=field.type)
            except msgspec.ValidationError:
                continue
    return msgspec.structs.replace(DEFAULTS, **values)


class SettingsCache:
    """The settings of accounts. `known` is for the hot path: it never waits."""

    def __init__(self, store: Store, real_now: Callable[[], int]) -> None:
        self._store, self._now = store, real_now
        self._known: OrderedDict[int, tuple[int, Settings]] = OrderedDict()

    async def of(self, account: int) -> Settings:
        """What an account has set."""
        entry = self._known.get(account)
        if entry is not None and entry[0] > self._now():
            return entry[1]
        return self.put(account, read(await accounts.settings(self._store.engine, account)))

    def put(self, account: int, settings: Settings) -> Settings:
        """What was just read or written."""
        self._known[account] = (self._now() + FRESH, settings)
        self._known.move_to_end(account)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return settings
