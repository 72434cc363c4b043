"""Stores and values for the tests of the store: a running committer, calls as verbs, messages by the handful."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from textwire.domain.account import Account, Principal
from textwire.domain.event import Event
from textwire.domain.message import Draft
from textwire.domain.receipt import Receipt
from textwire.store import accounts
from textwire.store.committer import Unit
from textwire.store.engines.engine import Engine, Statement, statement
from textwire.store.messages import Birth, Inbound
from textwire.store.receipts import Kept
from textwire.store.store import Store, engine_for

NOW = 1_800_000_000_000_000  # µs
ACCOUNT, PRINCIPAL = 7, 70
STEP = 1 << 20  # between identifiers: room for the segments of any message

Write = Callable[[Unit], Awaitable[Any]]


class Calls:
    """A verb whose items are writes to make: what each returns is its outcome."""

    async def run(self, unit: Unit, items: list[Write]) -> list[Any]:
        return [await item(unit) for item in items]


CALLS = Calls()


async def do(store: Store, write: Callable[..., Awaitable[Any]], *args: Any, **named: Any) -> Any:
    """One shelf function in a transaction of the committer."""
    return await store.write(CALLS, lambda unit: write(unit, *args, **named))


@contextlib.asynccontextmanager
async def running(database: str | Path | Engine, **limits: Any) -> AsyncIterator[Store]:
    """An open store whose committer runs. A refused fsync fails the test unless it listens with `fatal=`."""
    deaths: list[BaseException] = []
    engine = engine_for(str(database)) if isinstance(database, (str, Path)) else database
    store = Store(engine, **{"fatal": deaths.append, **limits})
    await store.open()
    loop = asyncio.create_task(store.run())
    try:
        yield store
    finally:
        loop.cancel()
        await asyncio.gather(loop, return_exceptions=True)
        await store.close()
    assert not deaths


def sql(text: str) -> Statement:
    """A statement without batch and arguments."""
    return statement(text)


async def ask(store: Store, text: str) -> list[tuple[Any, ...]]:
    """What a query of the test's own finds, as tuples on both engines."""
    return [tuple(row) for row in await store.read(sql(text))]


async def run(store: Store, text: str) -> None:
    """A statement of the test's own, in a transaction."""
    await do(store, _run, sql(text))


async def _run(unit: Unit, wanted: Statement) -> None:
    await unit.run(wanted)


async def settle(store: Store, balance: int = 0, account: int = ACCOUNT) -> None:
    """An account with a user and a balance."""
    await do(store, accounts.insert_account, Account(account, f"demo-{account}", 0, 0, "active", NOW))
    user = Principal(account * 10, account, "user", f"user-{account}", f"{account}@example.test", "Demo")
    await do(store, accounts.insert_principal, user, NOW)
    if balance:
        await do(store, accounts.book, [accounts.Entry(account, account, 0, "deposit", balance, NOW)])


def birth(n: int = 1, **changes: Any) -> Birth:
    """The n-th outbound message of the account; `changes` are fields of its draft."""
    fields: dict[str, Any] = {
        "id": n * STEP, "sender": "+16139998877", "recipient": "+447700900123", "text": f"text {n}",
        "encoding": "gsm7", "parts": (f"text {n}",), "reference": 0, "price": 7_000_000, "birth": "queued",
        "carrier": "simulated", "send_at": 0, "due_at": NOW, "valid_until": NOW + 10**9,
    }  # fmt: skip
    draft = Draft(**{**fields, **changes})
    return Birth(ACCOUNT, PRINCIPAL, draft.sender, draft, NOW)


def inbound(n: int = 1, **changes: Any) -> Inbound:
    """The n-th inbound message."""
    fields: dict[str, Any] = {
        "id": n * STEP, "account": ACCOUNT, "principal": PRINCIPAL, "sender": "+447700900123",
        "recipient": "+16139998877", "text": f"answer {n}", "parts": (f"answer {n}",), "reference": 0,
        "carrier": "simulated", "raw": "", "possible_duplicate": False, "incomplete": False, "at": NOW,
    }  # fmt: skip
    return Inbound(**{**fields, **changes})


def kept(n: int = 1, segment: int = 0, **changes: Any) -> Kept:
    """The n-th receipt, parked unless it names a segment."""
    fields: dict[str, Any] = {
        "carrier": "simulated", "ref": f"ref{n}", "state": "delivered", "at": NOW + n, "error": "", "raw": "",
    }  # fmt: skip
    return Kept(n, segment, Receipt(**{**fields, **changes}))


def event(subject: int = STEP, kind: str = "message.accepted", **changes: Any) -> Event:
    """An event that has no number yet."""
    fields = {
        "account": ACCOUNT,
        "type": kind,
        "subject": subject,
        "sequence": 1,
        "state": "queued",
        "at": NOW,
    }
    return Event(0, **{**fields, **changes})


async def tell(unit: Unit, events: Sequence[Event]) -> None:
    """Has the transaction write events at its end."""
    unit.events.extend(events)
