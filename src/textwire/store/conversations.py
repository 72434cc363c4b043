"""The shelf of conversations: messages between one side of ours (a number or sender name) and one remote.

For any facade that shows histories. A conversation belongs to an account; what is unread is each principal's own.
What is read here is as new as the last filing: ask through `switch.conversations`, which files first.
Pages are cut by `last` (conversations) and by identifier (messages), newest first, both exclusive.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from textwire.domain.message import Message

from .engines.engine import Engine, statement
from .events import Writing
from .messages import COLUMNS

_PICK = """c.id, c.account, c.number, c.remote, c.length, c.received, c.first, c.last,
  c.received - coalesce(k.seen, 0), coalesce(k.at, 0)"""
_MESSAGE = ", ".join(f"m.{name}" for name in COLUMNS)
_FROM = "from conversation c left join read_mark k on k.conversation = c.id and k.principal = :principal"
_CUT = "order by c.last desc limit :most"

_PAGE = statement(
    f"select {_PICK} {_FROM} where c.account = :account and c.last < :before {_CUT}",
    args="account int, principal int, before int, most int",
)
_OF_NUMBER = statement(
    f"select {_PICK} {_FROM} where c.account = :account and c.number = :number and c.last < :before {_CUT}",
    args="account int, principal int, number text, before int, most int",
)
_OF_REMOTE = statement(
    f"select {_PICK} {_FROM} where c.account = :account and c.remote = :remote and c.last < :before {_CUT}",
    args="account int, principal int, remote text, before int, most int",
)
_ONE = statement(
    f"select {_PICK} {_FROM} where c.account = :account and c.number = :number and c.remote = :remote",
    args="account int, principal int, number text, remote text",
)
_IS_OURS = statement(
    "select 1 from conversation c where c.account = :account and c.number = :number limit 1",
    args="account int, number text",
)
_MESSAGES = statement(
    f"""select {_MESSAGE} from filed f cross join message m
        where f.conversation = :conversation and f.message < :before and m.id = f.message
        order by f.message desc limit :most""",
    args="conversation int, before int, most int",
)
_IDS = statement(
    """select f.message from filed f where f.conversation = :conversation and f.message < :before
       order by f.message desc limit :most""",
    args="conversation int, before int, most int",
)
_HAS = statement(
    "select f.message from filed f where f.message = :message and f.conversation = :conversation",
    args="conversation int, message int",
)
_READ = statement(
    """insert into read_mark (conversation, principal, upto, seen, at)
       select c.id, r.principal, r.upto, c.received, r.at from {rows} r cross join conversation c
       where c.id = r.conversation
       on conflict (conversation, principal) do update
         set upto = excluded.upto, seen = excluded.seen, at = excluded.at""",
    "conversation int, principal int, upto int, at int",
)


class Conversation(msgspec.Struct, frozen=True):
    """One conversation as a principal sees it.

    `length` counts its messages, `received` the inbound ones, `unread` those of them that came since the
    principal read it (`read_at`, µs on the message clock; 0: never). `first` and `last` are messages.
    """

    id: int
    account: int
    number: str
    remote: str
    length: int
    received: int
    first: int
    last: int
    unread: int
    read_at: int


async def page(
    engine: Engine, account: int, principal: int, *, before: int, limit: int, number: str = "", remote: str = ""
) -> list[Conversation]:  # fmt: skip
    """An account's conversations, the one that was active last first; with one number or remote, if named."""
    named: dict[str, Any] = {"account": account, "principal": principal, "before": before, "most": limit}
    if number and remote:
        found = await one(engine, account, principal, number, remote)
        return [found] if found is not None and found.last < before else []
    if number:
        rows = await engine.read(_OF_NUMBER, **named, number=number)
    elif remote:
        rows = await engine.read(_OF_REMOTE, **named, remote=remote)
    else:
        rows = await engine.read(_PAGE, **named)
    return [Conversation(*row) for row in rows]


async def one(engine: Engine, account: int, principal: int, number: str, remote: str) -> Conversation | None:
    """The conversation of a number of ours with a remote."""
    rows = await engine.read(_ONE, account=account, principal=principal, number=number, remote=remote)
    return Conversation(*rows[0]) if rows else None


async def is_ours(engine: Engine, account: int, address: str) -> bool:
    """Whether an address has stood on our side of a conversation."""
    return bool(await engine.read(_IS_OURS, account=account, number=address))


async def messages(engine: Engine, conversation: int, *, before: int, limit: int) -> list[Message]:
    """The messages of a conversation older than `before`, newest first."""
    rows = await engine.read(_MESSAGES, conversation=conversation, before=before, most=limit)
    return [Message(*row) for row in rows]


async def holds(engine: Engine, conversation: int, message: int) -> bool:
    """Whether a message is one of a conversation."""
    return bool(await engine.read(_HAS, conversation=conversation, message=message))


async def ids(unit: Writing, conversation: int, before: int, most: int) -> list[int]:
    """The identifiers of its messages older than `before`, newest first, at most `most`."""
    return [row[0] for row in await unit.rows(_IDS, conversation=conversation, before=before, most=most)]


async def read(unit: Writing, marks: Sequence[tuple[int, int, int, int]]) -> None:
    """(conversation, principal, upto, at): everything filed so far has been read; `upto` is the position."""
    await unit.run(_READ, marks)
