"""The key by which this house signs what others may verify: made once, kept sealed, the same for all nodes."""

import asyncio
from collections.abc import Callable
from typing import Final

from textwire.store import accounts
from textwire.store.committer import Unit
from textwire.store.engines.engine import Unavailable
from textwire.store.store import Store

from .keypairs import pair

SETTING: Final = "signing_key"


class SigningKey:
    """An RSA key. One that was sealed under another server's key is replaced: what it has signed counts no longer."""

    def __init__(self, store: Store, seal: Callable[[str], str], unseal: Callable[[str], str]) -> None:
        self._store, self._seal, self._unseal = store, seal, unseal
        self._one, self._pem = asyncio.Lock(), ""

    async def pem(self) -> str:
        """The private key (PKCS #8)."""
        if not self._pem:
            async with self._one:
                self._pem = self._pem or await self._kept() or await self._made()
        return self._pem

    async def _kept(self) -> str:
        """What is kept and can be opened, else ""."""
        sealed = await accounts.setting(self._store.engine, SETTING) or ""
        try:
            return self._unseal(sealed) if sealed else ""
        except ValueError:
            return ""

    async def _made(self) -> str:
        """A new one, unless another node was faster."""
        before = await accounts.setting(self._store.engine, SETTING) or ""
        private, _ = await asyncio.to_thread(pair)
        await self._store.write(_KEEP, (before, self._seal(private)))
        if kept := await self._kept():
            return kept
        raise Unavailable("the nodes of this database have different server keys")


class _Keep:
    """The write: (what was there, what shall be)."""

    async def run(self, unit: Unit, items: list[tuple[str, str]]) -> list[None]:
        for before, sealed in items:
            await accounts.replace_setting(unit, SETTING, before, sealed)
        return [None for _ in items]


_KEEP = _Keep()
