"""The shelf of messages and their segments."""

from collections.abc import Sequence

import msgspec

from textwire.domain.message import Draft, Message, Segment, Standing, State

from .engines.engine import Engine, statement
from .events import Writing

COLUMNS = tuple(field.name for field in msgspec.structs.fields(Message))
_PICK = ", ".join(f"m.{name}" for name in COLUMNS)
_STANDING_PICK = ", ".join(f"m.{field.name}" for field in msgspec.structs.fields(Standing))
_SEGMENT_PICK = ", ".join(f"m.{field.name}" for field in msgspec.structs.fields(Segment))

_INSERT_OUT = statement(
    """insert into message (id, account, principal, direction, state, sender, recipient, text, encoding, total,
         reference, carrier, price, correlator, batch, klass, on_ambiguous, flash, send_at, valid_until, attempts,
         rights, created_at, updated_at)
       select id, account, principal, 'out', state, sender, recipient, text, encoding, total, reference, carrier,
         price, correlator, batch, klass, on_ambiguous, flash, send_at, valid_until, attempts, rights, at, at
       from {rows} r""",
    """id int, account int, principal int, state text, sender text, recipient text, text text, encoding text,
       total int, reference int, carrier text, price int, correlator text, batch int, klass text,
       on_ambiguous text, flash int, send_at int, valid_until int, attempts int, rights text,
       at int""",
)
_INSERT_IN = statement(
    """insert into message (id, account, principal, direction, state, sender, recipient, text, encoding, total,
         reference, carrier, raw, possible_duplicate, incomplete, created_at, updated_at)
       select id, account, principal, 'in', 'received', sender, recipient, text, encoding, total, reference, carrier,
         raw, duplicate, incomplete, at, at from {rows} r""",
    """id int, account int, principal int, sender text, recipient text, text text, encoding text, total int,
       reference int, carrier text, raw text, duplicate int, incomplete int, at int""",
)
_INSERT_SEGMENTS = statement(
    """insert into segment (id, message, n, text, state, carrier)
       select id, message, n, text, state, carrier from {rows} r""",
    "id int, message int, n int, text text, state text, carrier text",
)
_LOCKED = statement(
    f"select {_PICK} from {{rows}} r cross join message m where m.id = r.id order by m.id {{lock}}",
    "id int",
)
_STANDING = statement(
    f"select {_STANDING_PICK} from {{rows}} r cross join message m where m.id = r.id order by m.id {{lock}}",
    "id int",
)
_OWN = statement(
    f"select {_PICK} from {{rows}} r cross join message m where m.id = r.id and m.account = r.account",
    "id int, account int",
)
_SOME = statement(f"select {_PICK} from {{rows}} r cross join message m where m.id = r.id", "id int")
# Segment n of a message is its identifier + n − 1, so a range finds them all without an index.
_SEGMENTS = statement(
    f"""select {_SEGMENT_PICK} from {{rows}} r cross join segment m
        where m.id >= r.id and m.id < r.id + r.total order by m.id""",
    "id int, total int",
)
_MOVE = statement(
    """update message set state = r.state, reason = r.reason, error = r.error, sequence = r.sequence,
         attempts = r.attempts, possible_duplicate = r.duplicate, updated_at = r.at
       from {rows} r where message.id = r.id""",
    "id int, state text, reason text, error text, sequence int, attempts int, duplicate int, at int",
)
_BIND = statement(
    """update message set state = r.state, reason = r.reason, error = r.error, sequence = r.sequence,
         attempts = r.attempts, possible_duplicate = r.duplicate, updated_at = r.at, ref = r.ref
       from {rows} r where message.id = r.id""",
    """id int, state text, reason text, error text, sequence int, attempts int, duplicate int, at int,
       ref text""",
)
_HOLD = statement(
    """update message set reason = r.reason, send_at = r.send_at, valid_until = r.valid_until, sequence = r.sequence,
         updated_at = r.at
       from {rows} r where message.id = r.id""",
    "id int, reason text, send_at int, valid_until int, sequence int, at int",
)
_MOVE_SEGMENTS = statement(
    "update segment set state = r.state from {rows} r where segment.id = r.id", "id int, state text"
)
_BIND_SEGMENTS = statement(
    """update segment set state = r.state, carrier = r.carrier, ref = r.ref from {rows} r
       where segment.id = r.id""",
    "id int, state text, carrier text, ref text",
)
_STANDING_BY_REF = statement(
    f"""select {_STANDING_PICK} from {{rows}} r cross join message m
        where m.carrier = r.carrier and m.ref = r.ref and m.ref <> '' order by m.id {{lock}}""",
    "carrier text, ref text",
)
_BY_REF = statement(
    f"""select {_SEGMENT_PICK} from {{rows}} r cross join segment m
        where m.carrier = r.carrier and m.ref = r.ref and m.ref <> '' order by m.id""",
    "carrier text, ref text",
)

_PAGE = statement(
    f"""select {_PICK} from message m where m.account = :account and m.id < :before
        order by m.id desc limit :most""",
    args="account int, before int, most int",
)
_WAITING = statement(
    """select m.ref from outbox m where m.topic = 'await' and m.due_at > :now
       order by m.due_at, m.id limit 10000""",
    args="now int",
)


Movable = Message | Standing
Ref = tuple[str, str]  # carrier, its own name for a segment


class Birth(msgspec.Struct, frozen=True, gc=False):
    """A judged draft: who it belongs to and the sender it really has."""

    account: int
    principal: int
    sender: str
    draft: Draft
    at: int


async def insert_out(unit: Writing, births: Sequence[Birth]) -> None:
    """Writes outbound messages, with their segments where there are several."""
    await unit.run(
        _INSERT_OUT,
        [
            (
                d.id, b.account, b.principal, d.birth, b.sender, d.recipient, d.text, d.encoding, d.total,
                d.reference, d.carrier, d.price, d.correlator, d.batch, d.klass, d.on_ambiguous, d.flash,
                d.send_at, d.valid_until, int(d.birth == "submitting"), d.rights, b.at,
            )
            for b in births
            for d in (b.draft,)
        ],
    )  # fmt: skip
    await unit.run(
        _INSERT_SEGMENTS,
        [
            (d.id + n, d.id, n + 1, part, segment_birth(d.birth), d.carrier)
            for b in births
            for d in (b.draft,)
            if d.total > 1
            for n, part in enumerate(d.parts)
        ],
    )


def segment_birth(birth: str) -> State:
    """A segment knows no schedule: it is under way or waits."""
    return "submitting" if birth == "submitting" else "queued"


def only(message: Movable) -> Segment:
    """The only segment of a message that has one: the message itself."""
    state = "queued" if message.state == "scheduled" else message.state
    return Segment(message.id, message.id, 1, "", state, message.carrier, message.ref)


def apart(message: Movable, segments: Sequence[Segment]) -> Sequence[Segment]:
    """Those of a message's segments that have rows of their own."""
    return segments if message.total > 1 else ()


class Inbound(msgspec.Struct, frozen=True, kw_only=True):
    """An inbound message about to be written; `parts` are the texts of its segments."""

    id: int
    account: int
    principal: int
    sender: str
    recipient: str
    text: str
    parts: tuple[str, ...]
    reference: int
    carrier: str
    raw: str
    possible_duplicate: bool
    incomplete: bool
    at: int
    encoding: str = ""


async def insert_in(unit: Writing, messages: Sequence[Inbound]) -> None:
    """Writes inbound messages; each part keeps a row and an identifier of its own (decisions 18)."""
    await unit.run(
        _INSERT_IN,
        [
            (
                m.id, m.account, m.principal, m.sender, m.recipient, m.text, m.encoding, len(m.parts), m.reference,
                m.carrier, m.raw, int(m.possible_duplicate), int(m.incomplete), m.at,
            )
            for m in messages
        ],
    )  # fmt: skip
    await unit.run(
        _INSERT_SEGMENTS,
        [
            (m.id + n, m.id, n + 1, part, "received", m.carrier)
            for m in messages
            if len(m.parts) > 1
            for n, part in enumerate(m.parts)
        ],
    )


async def locked(unit: Writing, ids: Sequence[int]) -> dict[int, Message]:
    """The messages of a batch by identifier, locked in the order of their identifiers."""
    rows = await unit.rows(_LOCKED, [(i,) for i in ids])
    return {row[0]: Message(*row) for row in rows}


async def standing(unit: Writing, ids: Sequence[int]) -> dict[int, Standing]:
    """Where the messages of a batch stand, locked in the order of their identifiers."""
    rows = await unit.rows(_STANDING, [(i,) for i in ids])
    return {row[0]: Standing(*row) for row in rows}


async def segments_of(unit: Writing, messages: Sequence[Movable]) -> dict[int, list[Segment]]:
    """The segments of several messages, in order, by message."""
    found = {m.id: [only(m)] if m.total == 1 else [] for m in messages}
    for row in await unit.rows(_SEGMENTS, [(m.id, m.total) for m in messages if m.total > 1]):
        found[row[1]].append(Segment(*row))
    return found


async def by_ref(unit: Writing, refs: Sequence[Ref]) -> tuple[dict[Ref, Segment], dict[int, Standing]]:
    """Segments by (carrier, ref), and the messages they belong to, locked, as far as they were read for that.

    Of a reference that a carrier has used again, the newest.
    """
    alone = [Standing(*row) for row in await unit.rows(_STANDING_BY_REF, refs)]
    found = {(m.carrier, m.ref): only(m) for m in alone}
    for row in await unit.rows(_BY_REF, refs):
        segment, ref = Segment(*row), (row[5], row[6])
        if ref not in found or found[ref].id < segment.id:
            found[ref] = segment
    return found, {m.id: m for m in alone}


async def save(unit: Writing, messages: Sequence[Movable], at: int) -> None:
    """Writes what may change of a message back."""
    await unit.run(
        _MOVE,
        [
            (m.id, m.state, m.reason, m.error, m.sequence, m.attempts, m.possible_duplicate, at)
            for m in messages
        ],
    )


async def bind(unit: Writing, messages: Sequence[Movable], at: int) -> None:
    """As `save`, with what the carrier calls each."""
    await unit.run(
        _BIND,
        [
            (m.id, m.state, m.reason, m.error, m.sequence, m.attempts, m.possible_duplicate, at, m.ref)
            for m in messages
        ],
    )


async def hold(unit: Writing, messages: Sequence[Message]) -> None:
    """Writes back what changes when a message has to wait."""
    await unit.run(
        _HOLD, [(m.id, m.reason, m.send_at, m.valid_until, m.sequence, m.updated_at) for m in messages]
    )


async def save_segments(unit: Writing, segments: Sequence[Segment]) -> None:
    """Writes state and binding of segments back."""
    await unit.run(_BIND_SEGMENTS, [(s.id, s.state, s.carrier, s.ref) for s in segments])


async def move_segments(unit: Writing, segments: Sequence[Segment]) -> None:
    """Writes the state of segments back; their binding stays, and so does its index."""
    await unit.run(_MOVE_SEGMENTS, [(s.id, s.state) for s in segments])


async def own(engine: Engine, account: int, ids: Sequence[int]) -> dict[int, Message]:
    """Messages of one account by identifier; foreign ones are missing like unknown ones."""
    rows = await engine.read(_OWN, [(i, account) for i in ids])
    return {row[0]: Message(*row) for row in rows}


async def some(engine: Engine, ids: Sequence[int]) -> dict[int, Message]:
    """Messages by identifier, whoever they belong to: for readers of events."""
    rows = await engine.read(_SOME, [(i,) for i in ids])
    return {row[0]: Message(*row) for row in rows}


async def within(unit: Writing, ids: Sequence[int]) -> dict[int, Message]:
    """The same inside a transaction, unlocked."""
    rows = await unit.rows(_SOME, [(i,) for i in ids])
    return {row[0]: Message(*row) for row in rows}


async def segments(engine: Engine, message: Message) -> list[Segment]:
    """The segments of a message, in order."""
    if message.total == 1:
        return [only(message)]
    return [Segment(*row) for row in await engine.read(_SEGMENTS, [(message.id, message.total)])]


async def page(engine: Engine, account: int, *, before: int, limit: int) -> list[Message]:
    """Messages of an account, newest first, older than the identifier `before`."""
    rows = await engine.read(_PAGE, account=account, before=before, most=limit)
    return [Message(*row) for row in rows]


class Outstanding(msgspec.Struct, frozen=True):
    """A segment that a carrier has taken and whose receipt has not come."""

    ref: str
    segment: int
    part: str
    n: int
    message: int
    text: str
    total: int
    reference: int
    sender: str
    recipient: str
    valid_until: int


async def outstanding(engine: Engine, carrier: str, now: int) -> list[Outstanding]:
    """What `carrier` took and has not reported on, of the 10,000 messages that wait the longest."""
    ids = [key for (key,) in await engine.read(_WAITING, now=now)]
    found = await some(engine, ids)
    waiting = [found[key] for key in ids if key in found]
    sent = {m.id: m for m in waiting if m.carrier == carrier and m.state == "sent"}
    parts: dict[int, list[Segment]] = {m.id: [only(m)] if m.total == 1 else [] for m in sent.values()}
    for row in await engine.read(_SEGMENTS, [(m.id, m.total) for m in sent.values() if m.total > 1]):
        parts[row[1]].append(Segment(*row))
    return [_outstanding(m, s) for m in sent.values() for s in parts[m.id] if s.state == "sent"]


def _outstanding(m: Message, s: Segment) -> Outstanding:
    return Outstanding(
        s.ref, s.id, s.text, s.n, m.id, m.text, m.total, m.reference, m.sender, m.recipient, m.valid_until
    )
