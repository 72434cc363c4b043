"""The shelf of conversations at a glance: with when they began, when they were active last, and how they end.

Told of one number of ours at a time, or of pairs: for principals that may see some of an account's numbers.
Pages are cut by `last`, newest first, exclusive at both ends.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from textwire.domain.message import Message

from .conversations import Conversation
from .engines.engine import Engine, statement
from .messages import COLUMNS

LONGEST_TEXT = 1_000  # characters of `last_text`

_PICK = f"""c.id, c.account, c.number, c.remote, c.length, c.received, c.first, c.last,
  c.received - coalesce(k.seen, 0), coalesce(k.at, 0), coalesce(k.upto, 0), f.created_at, l.created_at,
  substr(l.text, 1, {LONGEST_TEXT})"""
_JOIN = """left join read_mark k on k.conversation = c.id and k.principal = :principal
  cross join message f cross join message l"""
_ENDS = "f.id = c.first and l.id = c.last"

_OF_NUMBER = statement(
    f"""select {_PICK} from conversation c {_JOIN}
        where c.account = :account and c.number = :number and c.last < :before and c.last > :after and {_ENDS}
        order by c.last desc limit :most""",
    args="account int, principal int, number text, before int, after int, most int",
)
_OF_PAIRS = statement(
    f"""select {_PICK} from {{rows}} r cross join conversation c {_JOIN}
        where c.account = :account and c.number = r.number and c.remote = r.remote and {_ENDS}""",
    "number text, remote text",
    "account int, principal int",
)

_MESSAGE = ", ".join(f"m.{name}" for name in COLUMNS)
_FLOOR = statement(
    """select f.message from filed f where f.conversation = :conversation and f.message < :before
       order by f.message desc limit 1 offset :most""",
    args="conversation int, before int, most int",
)
_ALL = statement(
    f"""select {_MESSAGE} from filed f cross join message m
        where f.conversation = :conversation and f.message < :before and f.message >= :floor and m.id = f.message
          and m.created_at >= :since
        order by f.message desc limit :most""",
    args="conversation int, before int, floor int, since int, most int",
)
_NEW = statement(
    f"""select {_MESSAGE} from filed f cross join message m
        where f.conversation = :conversation and f.message < :before and f.message >= :floor
          and f.received = 1 and f.event > :upto and m.id = f.message and m.created_at >= :since
        order by f.message desc limit :most""",
    args="conversation int, before int, floor int, since int, upto int, most int",
)


class Thread(Conversation, frozen=True):
    """A conversation with more of it. Times are µs on the message clock.

    `upto`: what its principal had read when it read it last; see `messages`.
    """

    upto: int
    first_at: int
    last_at: int
    last_text: str


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """Which messages of a conversation: older than `before`, written at `since` or later, of the `rows` newest of all.

    `upto` at least 0: only received ones that came since a principal had read so far.
    """

    conversation: int
    before: int
    since: int = 0
    upto: int = -1
    rows: int


async def of_number(
    engine: Engine, account: int, principal: int, number: str, *, before: int, after: int, limit: int
) -> list[Thread]:
    """The conversations of a number, the one that was active last first."""
    rows = await engine.read(
        _OF_NUMBER,
        account=account,
        principal=principal,
        number=number,
        before=before,
        after=after,
        most=limit,
    )
    return [Thread(*row) for row in rows]


async def of_pairs(
    engine: Engine, account: int, principal: int, pairs: Sequence[tuple[str, str]]
) -> list[Thread]:
    """The conversations of these (number, remote), in any order."""
    return [Thread(*row) for row in await engine.read(_OF_PAIRS, pairs, account=account, principal=principal)]


async def messages(engine: Engine, span: Span, limit: int) -> tuple[list[Message], int]:
    """Those messages, newest first, at most `limit`; and where the next span begins, 0 at the end."""
    place: dict[str, Any] = {"conversation": span.conversation, "before": span.before}
    end = await engine.read(_FLOOR, **place, most=span.rows - 1)
    floor = int(end[0][0]) if end else 0
    place |= {"floor": floor, "since": span.since, "most": limit}
    if span.upto < 0:
        rows = await engine.read(_ALL, **place)
    else:
        rows = await engine.read(_NEW, **place, upto=span.upto)
    return [Message(*row) for row in rows], floor
