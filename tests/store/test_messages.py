"""The shelf of messages and their segments."""

import msgspec
import pytest
from msgspec.structs import asdict, replace

from textwire.domain.ids import MAX_INT
from textwire.domain.message import Message, Segment
from textwire.store import messages, outbox
from textwire.store.messages import Outstanding
from textwire.store.store import Store

from .house import ACCOUNT, NOW, PRINCIPAL, STEP, ask, birth, do, inbound

NASTY = "naïve \\u0000 \"quoted\" 'apostrophe' \\ \u2028 😀 \x7f\x01 {rows} :at $1 \ufffd نص"


async def kept(store: Store, n: int = 1) -> Message:
    return (await messages.own(store.engine, ACCOUNT, [n * STEP]))[n * STEP]


async def test_an_outbound_message_comes_back_as_it_was_written(store: Store) -> None:
    born = birth(
        text=NASTY, parts=(NASTY,), sender="ACME Ltd", encoding="ucs2", reference=255, price=MAX_INT,
        birth="scheduled", carrier="smsc-1", send_at=NOW + 5, valid_until=NOW + 9, correlator="my ref",
        batch=77, klass="otp", on_ambiguous="hold", flash=1, rights="assigned",
    )  # fmt: skip
    await do(store, messages.insert_out, [born])
    found = await kept(store)
    said = asdict(found)
    for name in (
        "text",
        "sender",
        "recipient",
        "encoding",
        "reference",
        "price",
        "carrier",
        "send_at",
        "valid_until",
        "correlator",
        "batch",
        "klass",
        "on_ambiguous",
        "flash",
        "rights",
        "id",
        "total",
    ):
        assert said[name] == getattr(born.draft, name), name  # fmt: skip
    assert (found.account, found.principal, found.direction, found.state) == (
        ACCOUNT,
        PRINCIPAL,
        "out",
        "scheduled",
    )
    assert (found.attempts, found.sequence, found.possible_duplicate, found.incomplete) == (0, 1, 0, 0)
    assert (found.reason, found.error, found.raw) == ("", "", "")
    assert found.created_at == found.updated_at == NOW


async def test_a_message_born_with_its_intent_has_made_its_first_attempt(store: Store) -> None:
    await do(store, messages.insert_out, [birth(1, birth="submitting"), birth(2)])
    assert (await kept(store, 1)).attempts == 1
    assert [s.state for s in await messages.segments(store.engine, await kept(store, 1))] == ["submitting"]
    assert [s.state for s in await messages.segments(store.engine, await kept(store, 2))] == ["queued"]


async def test_an_inbound_message_comes_back_as_it_was_written(store: Store) -> None:
    new = inbound(
        text=NASTY, parts=("a", "b"), reference=3, raw="00ff", possible_duplicate=True, incomplete=True
    )
    await do(store, messages.insert_in, [new])
    found = await kept(store)
    assert (found.direction, found.state, found.text, found.raw) == ("in", "received", NASTY, "00ff")
    assert (found.possible_duplicate, found.incomplete, found.total, found.reference) == (1, 1, 2, 3)
    assert (found.sender, found.recipient, found.carrier) == (new.sender, new.recipient, new.carrier)
    assert [(s.id, s.n, s.text, s.state) for s in await messages.segments(store.engine, found)] == [
        (STEP, 1, "a", "received"),
        (STEP + 1, 2, "b", "received"),
    ]


@pytest.mark.parametrize("total", [1, 2, 255])
async def test_segment_n_has_the_messages_identifier_plus_n_less_one(store: Store, total: int) -> None:
    parts = tuple(f"part {n}" for n in range(1, total + 1))
    # Neighbours on both sides, so that a range that is too wide shows.
    await do(
        store,
        messages.insert_out,
        [birth(1, parts=("x", "y")), birth(2, parts=parts), birth(3, parts=("z",))],
    )
    found = await messages.segments(store.engine, await kept(store, 2))
    assert [s.id for s in found] == [2 * STEP + n for n in range(total)]
    assert [s.n for s in found] == list(range(1, total + 1))
    # The text of a single segment is the message's own and is not kept twice.
    assert [s.text for s in found] == ([""] if total == 1 else list(parts))
    assert {s.message for s in found} == {2 * STEP}


async def test_segments_of_several_messages_are_told_apart(store: Store) -> None:
    await do(store, messages.insert_out, [birth(1, parts=("a", "b")), birth(2), birth(3)])
    both = [await kept(store, 1), await kept(store, 2)]
    found = await do(store, messages.segments_of, both)
    assert {key: [s.id for s in parts] for key, parts in found.items()} == {
        STEP: [STEP, STEP + 1],
        2 * STEP: [2 * STEP],
    }
    assert await do(store, messages.segments_of, []) == {}


async def test_an_identifier_is_used_once(store: Store) -> None:
    await do(store, messages.insert_out, [birth(1)])
    with pytest.raises(Exception, match=r"(?i)unique"):
        await do(store, messages.insert_in, [inbound(1)])
    assert (await kept(store)).direction == "out"


async def test_a_state_that_is_none_is_refused_by_the_schema(store: Store) -> None:
    with pytest.raises(Exception, match=r"(?i)check"):
        await do(store, messages.insert_out, [birth(birth="teleported")])
    assert await ask(store, "select count(*) from segment") == [(0,)]


async def test_a_message_is_missing_for_whoever_does_not_own_it(store: Store) -> None:
    await do(store, messages.insert_out, [birth(1)])
    assert await messages.own(store.engine, ACCOUNT, [STEP, 2 * STEP]) == {STEP: await kept(store)}
    assert await messages.own(store.engine, ACCOUNT + 1, [STEP]) == {}
    assert await messages.own(store.engine, ACCOUNT, []) == {}


async def test_locked_finds_what_exists_in_the_order_of_identifiers(store: Store) -> None:
    await do(store, messages.insert_out, [birth(n) for n in (3, 1, 2)])
    found = await do(store, messages.locked, [3 * STEP, 9, STEP, 3 * STEP])
    assert list(found) == [STEP, 3 * STEP]
    assert found[STEP] == await kept(store, 1)


async def test_what_may_change_of_a_message_is_saved_and_nothing_else(store: Store) -> None:
    await do(store, messages.insert_out, [birth(1), birth(2)])
    old, neighbour = await kept(store, 1), await kept(store, 2)
    changed = replace(
        old, state="ambiguous", reason="link_lost", error="0x58", sequence=4, attempts=2, possible_duplicate=1
    )
    await do(store, messages.save, [replace(changed, text="another", price=0, carrier="other")], NOW + 5)
    assert await kept(store, 1) == replace(changed, updated_at=NOW + 5)
    assert await kept(store, 2) == neighbour


async def test_segments_are_saved_one_by_one(store: Store) -> None:
    await do(store, messages.insert_out, [birth(1, parts=("a", "b"))])
    first, second = await messages.segments(store.engine, await kept(store))
    sent = replace(first, state="sent", carrier="smsc-2", ref="abc")
    await do(store, messages.save_segments, [replace(sent, text="other")])
    assert await messages.segments(store.engine, await kept(store)) == [sent, second]


@pytest.mark.parametrize("parts", [("x",), ("x", "y")])
@pytest.mark.parametrize("newest", [("x",), ("x", "y")])
async def test_a_reference_finds_its_segment_and_the_newest_of_those_that_share_it(
    store: Store, parts: tuple[str, ...], newest: tuple[str, ...]
) -> None:
    """Whether a message is its own segment or has several, in any mixture."""
    for n, carrier, own in ((1, "a", parts), (2, "a", newest), (3, "b", parts)):
        await do(store, messages.insert_out, [birth(n, carrier=carrier, parts=own)])
        message = await kept(store, n)
        bound = replace((await messages.segments(store.engine, message))[-1], ref="42", state="sent")
        if message.total == 1:
            await do(store, messages.bind, [replace(message, ref="42", state="sent")], NOW)
        await do(store, messages.save_segments, messages.apart(message, [bound]))
    found, read = await do(store, messages.by_ref, [("a", "42"), ("b", "42"), ("a", "43"), ("a", "")])
    last, other = 2 * STEP + len(newest) - 1, 3 * STEP + len(parts) - 1
    assert {key: segment.id for key, segment in found.items()} == {("a", "42"): last, ("b", "42"): other}
    assert found["a", "42"].state == "sent"
    assert {2 * STEP: newest, 3 * STEP: parts}.keys() & read.keys() == {
        n * STEP for n, own in ((2, newest), (3, parts)) if len(own) == 1
    }


async def test_a_page_is_newest_first_and_goes_on_where_it_ended(store: Store) -> None:
    await do(store, messages.insert_out, [birth(n) for n in range(1, 6)])
    stranger = msgspec.structs.replace(birth(6), account=ACCOUNT + 1)
    await do(store, messages.insert_out, [stranger])
    first = await messages.page(store.engine, ACCOUNT, before=MAX_INT, limit=2)
    second = await messages.page(store.engine, ACCOUNT, before=first[-1].id, limit=9)
    assert [m.id // STEP for m in first + second] == [5, 4, 3, 2, 1]


async def test_outstanding_is_what_a_carrier_took_and_did_not_report_on(store: Store) -> None:
    states = {1: ("sent", "x"), 2: ("sent", "x"), 3: ("sent", "y"), 4: ("ambiguous", "x"), 5: ("sent", "x")}
    births = [birth(n, parts=("a", "b"), carrier=carrier) for n, (_, carrier) in states.items()]
    await do(store, messages.insert_out, births)
    owed = [(n * STEP, "await" if n < 5 else "flight", NOW + 10 - n, 0) for n in states]
    await do(store, outbox.add, owed)
    for n, (state, _) in states.items():
        message = await kept(store, n)
        await do(store, messages.save, [replace(message, state=state)], NOW)
        after = [
            replace(s, state="sent", ref=f"r{s.id}") for s in await messages.segments(store.engine, message)
        ]
        if n == 1:
            after[1] = replace(after[1], state="delivered")
        await do(store, messages.save_segments, after)
    await do(store, messages.insert_out, [birth(6, carrier="x")])
    await do(store, outbox.add, [(6 * STEP, "await", NOW + 20, 0)])
    await do(store, messages.bind, [replace(await kept(store, 6), state="sent", ref="r6")], NOW)
    *found, alone = await messages.outstanding(store.engine, "x", NOW)
    assert (alone.ref, alone.segment, alone.part, alone.n, alone.total) == ("r6", 6 * STEP, "", 1, 1)
    # By the time of the wait's end: 2 before 1, whose second segment has been reported on.
    assert [o.segment for o in found] == [2 * STEP, 2 * STEP + 1, STEP]
    one = await kept(store, 1)
    assert found[-1] == Outstanding(
        f"r{STEP}", STEP, "a", 1, STEP, one.text, 2, 0, one.sender, one.recipient, one.valid_until
    )
    assert await messages.outstanding(store.engine, "x", NOW + 20) == []


async def test_where_messages_stand_is_read_without_their_texts(store: Store) -> None:
    await do(store, messages.insert_out, [birth(n, klass="otp") for n in (3, 1, 2)])
    found = await do(store, messages.standing, [3 * STEP, 9, STEP])
    assert list(found) == [STEP, 3 * STEP]
    whole = await kept(store, 3)
    assert asdict(found[3 * STEP]) == {name: getattr(whole, name) for name in asdict(found[3 * STEP])}
    moved = replace(found[STEP], state="canceled", reason="canceled", sequence=2)
    await do(store, messages.save, [moved], NOW + 1)
    assert await do(store, messages.standing, [STEP]) == {STEP: moved}


async def test_readers_of_events_find_messages_whoever_they_belong_to(store: Store) -> None:
    await do(store, messages.insert_out, [birth(1), msgspec.structs.replace(birth(2), account=8)])
    found = await messages.some(store.engine, [STEP, 2 * STEP, 9])
    assert {key: m.account for key, m in found.items()} == {STEP: ACCOUNT, 2 * STEP: 8}


async def test_the_only_segment_of_a_message_is_the_message_itself(store: Store) -> None:
    await do(store, messages.insert_out, [birth(1, birth="submitting")])
    assert await ask(store, "select count(*) from segment") == [(0,)]
    await do(store, messages.bind, [replace(await kept(store), state="sent", ref="r1")], NOW + 1)
    message = await kept(store)
    only = Segment(STEP, STEP, 1, "", "sent", message.carrier, "r1")
    assert await messages.segments(store.engine, message) == [only]
    assert await do(store, messages.segments_of, [message]) == {STEP: [only]}
    assert messages.apart(message, [only]) == ()


def test_a_segment_is_under_way_or_waits() -> None:
    assert [messages.segment_birth(s) for s in ("submitting", "queued", "scheduled")] == [
        "submitting",
        "queued",
        "queued",
    ]


async def test_the_columns_of_the_table_are_the_fields_of_the_value(store: Store) -> None:
    """A field that no insert names would silently be its default in every row."""
    assert set(messages.COLUMNS) == {f.name for f in msgspec.structs.fields(Message)}
    named = messages._INSERT_OUT.text.split("select")[0] + messages._INSERT_IN.text.split("select")[0]
    moved = messages._MOVE.text
    for name in messages.COLUMNS:
        assert name in named or f"{name} = " in moved, name
