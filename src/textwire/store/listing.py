"""The shelf of lists of messages: filtered and searched, newest first, each page at a bounded cost.

A list is driven by the narrowest index that its filters allow; the other filters are looked at row by row, in
slices that do not hold the loop up. One page looks at `LOOK` rows at most, then it is as short as it is.
"""

import asyncio
from typing import Any

import msgspec

from textwire.domain.ids import COUNTER_BITS, EPOCH_MS, MAX_INT, NODE_BITS
from textwire.domain.message import STATES, Message

from .engines.engine import Engine, Row, Statement, statement
from .filing import Position
from .messages import COLUMNS, own

LOOK = 4_000  # rows that one page looks at: below 20 ms, whatever it finds
SLICE = 1_000  # of them at a time
FEWEST = 8  # of them, however long their texts are
CHARACTERS = 150_000  # of texts that are searched at a time: a few milliseconds
COMMON = ("delivered", "sent", "submitting", "queued", "received")
ODD = STATES - set(COMMON)  # few enough for an index of their own

Three = tuple[Statement, Statement, Statement]

_PICK = ", ".join(f"m.{name}" for name in COLUMNS)
_WHERE = """(:direction = '' or m.direction = :direction) and (:states = '' or :states like '%,' || m.state || ',%')
        and (:sender = '' or m.sender = :sender) and (:recipient = '' or m.recipient = :recipient)
        and (:ref = '' or m.correlator = :ref) and (:batch = 0 or m.batch = :batch)
        and m.created_at >= :since and m.created_at < :until"""
_ARGS = """account int, before int, floor int, most int, direction text, states text, sender text, recipient text,
  ref text, batch int, since int, until int"""


def _three(condition: str, source: str = "message m", key: str = "m.id", more: str = "") -> Three:
    """For a driver: the floor of a slice, the messages of a slice, and their texts alone."""
    drive = f"from {source} where {condition} and {key} < :before"
    floor = f"select {key} {drive} order by {key} desc limit 1 offset :most"
    if source == "message m":
        rest = f"{drive} and {key} >= :floor and {_WHERE} order by {key} desc limit :most"
    else:
        rest = f"""from {source} cross join message m where {condition} and {key} < :before and {key} >= :floor
          and m.id = {key} and {_WHERE} order by {key} desc limit :most"""
    return (
        statement(floor, args="account int, before int, most int" + more),
        statement(f"select {_PICK} {rest}", args=_ARGS + more),
        statement(f"select m.id, m.text {rest}", args=_ARGS + more),
    )


def _picked(condition: str, wanted: str) -> Three:
    """The same for an index that a planner would pass over for the wider range of identifiers in a slice.

    It sorts a slice, if anything.
    """
    drive = f"from message x where x.account = :account and {condition} and x.id < :before order by x.id desc"
    rest = f"""from (select x.id {drive} limit :look) r cross join message m
      where m.id = r.id and m.id >= :floor and {_WHERE} order by m.id desc limit :most"""
    return (
        statement(
            f"select x.id {drive} limit 1 offset :most", args=f"account int, before int, most int, {wanted}"
        ),
        statement(f"select {_PICK} {rest}", args=f"{_ARGS}, look int"),
        statement(f"select m.id, m.text {rest}", args=f"{_ARGS}, look int"),
    )


_OURS = "m.account = :account"
_ALL_FLOOR, _ALL_PAGE, _ALL_TEXTS = _ALL = _three(_OURS)
_IN_FLOOR, _IN_PAGE, _IN_TEXTS = _IN = _three(f"{_OURS} and m.direction = 'in'")
_ODD_FLOOR, _ODD_PAGE, _ODD_TEXTS = _ODD = _three(
    # The words of the index, term by term: SQLite proves no more than that.
    " and ".join((_OURS, *(f"m.state <> '{state}'" for state in COMMON)))
)
_REF_FLOOR, _REF_PAGE, _REF_TEXTS = _REF = _picked("x.correlator = :ref and x.correlator <> ''", "ref text")
_BATCH_FLOOR, _BATCH_PAGE, _BATCH_TEXTS = _BATCH = _picked("x.batch = :batch and x.batch <> 0", "batch int")
_REMOTE_FLOOR, _REMOTE_PAGE, _REMOTE_TEXTS = _REMOTE = _three(
    "f.account = :account and f.remote = :remote", "filed f", "f.message", ", remote text"
)


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """What a list is to show. `created` is from (inclusive) and until (exclusive), µs on the message clock.

    `remote`: sender or recipient, if it is known never to have been ours. `q` is a part of the text, in any case.
    """

    direction: str = ""
    states: tuple[str, ...] = ()
    sender: str = ""
    recipient: str = ""
    ref: str = ""
    batch: int = 0
    since: int = 0
    until: int = MAX_INT
    remote: str = ""
    q: str = ""


class Found(msgspec.Struct, frozen=True):
    """What a page holds; `before`: where the next one begins, 0 when there is none."""

    messages: list[Message]
    before: int


def _drive(wanted: Filter) -> Three:
    if wanted.ref:
        return _REF
    if wanted.batch:
        return _BATCH
    if wanted.remote:
        return _REMOTE
    if wanted.states and set(wanted.states) <= ODD:
        return _ODD
    return _IN if wanted.direction == "in" else _ALL


async def page(
    engine: Engine, account: int, wanted: Filter, *, before: int, limit: int, position: Position
) -> Found:
    """The page of messages older than `before`. `position` is where filing stood when it was last caught up."""
    lowest = born_since(wanted.since, position)
    if wanted.until < MAX_INT:
        before = min(before, _identifier(wanted.until - position.skew_low + 1000) + _WIDTH)
    search = _Search(engine, account, wanted)
    found: list[Message] = []
    looked, slice_ = 0, max(1, SLICE // 8) if wanted.q else SLICE
    while looked < LOOK:
        floor = await search.floor(before, slice_)
        found += await search.slice(max(floor, lowest), before, limit + 1 - len(found), slice_)
        if len(found) > limit:
            return Found(found[:limit], found[limit - 1].id)
        if floor <= lowest:
            return Found(found, 0)
        before, looked = floor, looked + slice_
        slice_ = search.next_slice(slice_)
        await asyncio.sleep(0)
    return Found(found, before)


class _Search:
    """One page's way through its rows."""

    def __init__(self, engine: Engine, account: int, wanted: Filter) -> None:
        self._engine, self._account, self._q = engine, account, wanted.q.casefold()
        self._floor, self._page, self._texts = _drive(wanted)
        self._given: dict[str, Any] = {
            "account": account, "direction": wanted.direction, "states": f",{','.join(wanted.states)},"
            if wanted.states else "", "sender": wanted.sender, "recipient": wanted.recipient, "ref": wanted.ref,
            "batch": wanted.batch, "since": wanted.since, "until": wanted.until, "remote": wanted.remote,
        }  # fmt: skip
        self._characters = 0

    async def floor(self, before: int, rows: int) -> int:
        """The identifier of the row that is `rows` rows on, 0 when there are not so many."""
        found = await self._read(self._floor, before=before, most=rows - 1)
        return int(found[0][0]) if found else 0

    async def slice(self, floor: int, before: int, most: int, rows: int) -> list[Message]:
        """The newest messages among those from `floor` on that pass."""
        if not self._q:
            read = await self._read(self._page, floor=floor, before=before, most=most, look=rows)
            return [Message(*row) for row in read]
        texts = await self._read(self._texts, floor=floor, before=before, most=rows, look=rows)
        self._characters = sum(len(row[1]) for row in texts)
        ids = [row[0] for row in texts if self._q in row[1].casefold()][:most]
        whole = await own(self._engine, self._account, ids)
        return [whole[key] for key in ids if key in whole]

    def next_slice(self, rows: int) -> int:
        """How many rows to look at next: fewer of long texts."""
        if not self._q:
            return SLICE
        return min(SLICE, max(FEWEST, rows * CHARACTERS // max(self._characters, 1)))

    async def _read(self, wanted: Statement, **more: int) -> list[Row]:
        given = {**self._given, **more}
        return await self._engine.read(wanted, **{name: given[name] for name, _ in wanted.args})


_WIDTH = 1 << NODE_BITS + COUNTER_BITS


def born_since(since: int, position: Position) -> int:
    """The least identifier of a filed message that was written at `since` (µs, message clock) or later."""
    return _identifier(since - position.skew_high) if since else 0


def _identifier(us: int) -> int:
    """The least identifier that is drawn at a time (µs)."""
    return min(max(us // 1000 - EPOCH_MS, 0) * _WIDTH, MAX_INT - _WIDTH)
