"""The signing key: one for all nodes, sealed, and made anew only when nobody can open it any more."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.store.conftest import database, kept_database, postgres
from tests.store.house import ask, running
from textwire.access.seal import Seal
from textwire.access.signing import SigningKey
from textwire.store.engines.engine import Unavailable
from textwire.store.store import Store

__all__ = ["database", "kept_database", "postgres"]

SEAL, OTHER = Seal(b"s" * 32), Seal(b"o" * 32)


@pytest.fixture
async def store(database: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with running(database) as one:
        yield one


def signing(store: Store, seal: Seal = SEAL) -> SigningKey:
    return SigningKey(store, seal.seal, seal.open)


async def test_all_that_ask_at_once_get_the_same_key_and_so_do_later_ones(store: Store) -> None:
    nodes = [signing(store) for _ in range(3)]
    found = set(await asyncio.gather(*(node.pem() for node in nodes for _ in range(3))))
    assert found == {await signing(store).pem()}
    [pem] = found
    assert pem.startswith("-----BEGIN PRIVATE KEY-----")
    [(kept,)] = await ask(store, "select value from setting where name = 'signing_key'")
    assert kept.startswith("s1.")
    assert "PRIVATE" not in kept


async def test_a_key_that_nobody_can_open_is_replaced(store: Store) -> None:
    before = await signing(store).pem()
    after = await signing(store, OTHER).pem()
    assert before != after
    assert await signing(store, OTHER).pem() == after


async def test_nodes_with_different_server_keys_do_not_fight(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is second between look and write does not overwrite what the first has made."""
    from textwire.store import accounts

    await signing(store).pem()
    asked = accounts.setting
    calls = iter((None, None))

    async def blind(engine: object, name: str) -> str | None:
        return next(calls) if calls.__length_hint__() else await asked(store.engine, name)

    monkeypatch.setattr(accounts, "setting", blind)
    with pytest.raises(Unavailable, match="different server keys"):
        await signing(store, OTHER).pem()
