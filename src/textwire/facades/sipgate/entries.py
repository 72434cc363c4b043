"""A message as an entry of the history."""

from typing import Any, Final

from textwire.domain.message import Message
from textwire.store.marks import Mark

from .times import moment
from .wire import Wire

FAILED: Final = frozenset(("rejected", "failed", "undelivered", "expired", "canceled"))
_TYPED: Final = "SMS"


class Endpoint(Wire, frozen=True, kw_only=True):
    """An extension."""

    extension: str
    type: str = _TYPED


class Routed(Wire, frozen=True, kw_only=True):
    """How it came there."""

    type: str = "ROUTED"
    endpoint: Endpoint


class Entry(Wire, frozen=True, kw_only=True):
    """What the specification and the vendor's library have, and at the end what became of the text in our words."""

    id: str
    source: str
    target: str
    source_alias: str
    target_alias: str
    type: str = _TYPED
    created: str
    last_modified: str
    direction: str
    incoming: bool
    status: str
    connection_ids: list[str]
    read: bool
    archived: bool
    note: str | None
    endpoints: list[Routed]
    starred: bool
    labels: tuple[Any, ...] = ()
    sms_content: str
    scheduled: str | None
    state: str
    reason: str


def entry(message: Message, mark: Mark, extension: str, alias: str) -> Entry:
    """`extension` is the own side's with its alias, "" if it is nobody's."""
    incoming = message.direction == "in"
    return Entry(
        id=str(message.id),
        source=message.sender,
        target=message.recipient,
        source_alias="" if incoming else alias,
        target_alias=alias if incoming else "",
        created=moment(message.created_at),
        last_modified=moment(max(message.updated_at, mark.at)),
        direction="INCOMING" if incoming else "OUTGOING",
        incoming=incoming,
        status="NOPICKUP" if message.state in FAILED else "PICKUP",
        connection_ids=[extension] if extension else [],
        read=bool(mark.read),
        archived=bool(mark.archived),
        note=mark.note or None,
        endpoints=[Routed(endpoint=Endpoint(extension=extension))] if extension else [],
        starred=bool(mark.starred),
        sms_content=message.text,
        scheduled=moment(message.send_at) if message.send_at else None,
        state=message.state,
        reason=message.reason,
    )
