"""The checker on its own: an honest campaign passes, and each kind of lie is told by its invariant."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from tests.faults.checker import INVARIANTS, Doubt, Evidence, Happened, Stored, check
from tests.faults.journal import Answer, Attempt, Heard, Intent, Kill, Replied, Submitted

PRICE = 7
PHONE, OURS = "+447712941234", "+447700900001"
OWNER = 900
ORDINARY, DEFERRED, COPIED, STRANDED, RELAYED, INBOUND = 100, 200, 300, 400, 500, 600


def stored(key: int, ref: str, **changes: Any) -> Stored:
    fields: dict[str, Any] = {
        "id": key, "direction": "out", "state": "delivered", "recipient": PHONE, "text": f"{ref} hello", "total": 1,
        "ref": ref, "attempts": 1, "duplicate": False, "reason": "", "price": PRICE, "policy": "resend",
        "sequence": 3, "segments": (key,),
    }  # fmt: skip
    return Stored(**{**fields, **changes})


def attempt(ref: str, *to: str, life: int = 1) -> Attempt:
    return Attempt(ref=ref, life=life, to=to or (PHONE,), text=f"{ref} hello")


def submitted(key: int, attempt: int = 1, life: int = 1, at: int = 10, segment: int = 0) -> Submitted:
    return Submitted(life=life, message=key, segment=segment or key, attempt=attempt, at=at)


def replied(key: int, outcome: Any = "accepted", attempt: int = 1, life: int = 1) -> Replied:
    taken = (key,) if outcome == "accepted" else ()
    return Replied(life=life, message=key, attempt=attempt, outcome=outcome, taken=taken)


def honest() -> Evidence:
    """One kill: an ordinary message, a deferred one, one sent twice and flagged, one that never left, one to us."""
    messages = [
        stored(ORDINARY, "a", total=2, segments=(ORDINARY, ORDINARY + 1)),
        stored(DEFERRED, "b", attempts=2),
        stored(COPIED, "c", attempts=2, duplicate=True),
        stored(STRANDED, "d", state="canceled", attempts=0, reason="canceled", sequence=2),
        stored(RELAYED, "e", recipient=OURS),
        stored(
            INBOUND, "", direction="in", recipient=OURS, text="e hello", price=0, sequence=1, segments=(600,)
        ),
    ]
    happened = [
        Happened(id=f"evt_{m.id + n}", message=m.id, sequence=n, kind="message.sent")
        for m in messages
        for n in range(1, m.sequence + 1)
    ]
    return Evidence(
        window=2,
        attempts=[
            attempt("a"),
            attempt("b"),
            attempt("c"),
            attempt("d"),
            attempt("e", OURS),
            attempt("never"),
        ],
        answers=[
            Answer(ref="a", life=1, status=201, ids=(ORDINARY,)),
            Answer(ref="b", life=1, status=201, ids=(DEFERRED,)),
            Answer(ref="never", life=1, status=503),
        ],
        kills=[Kill(life=1, ready=True, intents=(Intent(owner=OWNER, message=COPIED, attempt=1),))],
        submissions=[
            submitted(ORDINARY),
            submitted(ORDINARY, segment=ORDINARY + 1),
            submitted(DEFERRED),
            submitted(DEFERRED, attempt=2),
            submitted(COPIED),
            submitted(RELAYED),
            submitted(COPIED, attempt=2, life=2, at=30),
        ],
        replies=[
            replied(ORDINARY),
            replied(DEFERRED, "deferred"),
            replied(DEFERRED, attempt=2),
            replied(RELAYED),
        ],
        messages={m.id: m for m in messages},
        doubts=[Doubt(message=COPIED, attempt=1, at=20)],
        told={m.id: m.sequence for m in messages},
        ledger=[
            (0, "topup", 1000),
            (ORDINARY, "message", -2 * PRICE),
            *((key, "message", -PRICE) for key in (DEFERRED, COPIED, STRANDED, RELAYED)),
            (STRANDED, "refund", PRICE),
        ],
        books=[(1000 - 5 * PRICE, 1000 - 5 * PRICE)],
        integrity="ok",
        happened=happened,
        heard=[heard(one, messages) for one in happened] + [heard(happened[0], messages)],
    )


def heard(event: Happened, messages: list[Stored]) -> Heard:
    """The webhook of an event; the last one of a message says what it is now."""
    [about] = [m for m in messages if m.id == event.message]
    state = about.state if event.sequence == about.sequence else "sent"
    return Heard(
        id=event.id,
        message=event.message,
        sequence=event.sequence,
        kind=event.kind,
        state=state,
        genuine=True,
    )


def test_an_honest_campaign_passes() -> None:
    assert check(honest()).violations == {}


def test_the_counters_say_what_happened() -> None:
    assert check(honest()).counters == {
        "attempted": 6, "acked": 2, "ok": 2, "lost": 0, "recovered": 3, "unexpected": 0, "refused": 1,
        "submitted": 7, "deferred": 1, "duplicated_flagged": 1, "duplicated_unflagged": 0, "ambiguous": 1,
        "ambiguous_most_per_kill": 1, "events": 15, "heard": 15, "heard_again": 1, "kills": 1, "kills_while_starting": 0,
    }  # fmt: skip


def changed(key: int, **changes: Any) -> Callable[[Evidence], None]:
    def lie(e: Evidence) -> None:
        e.messages[key] = replace(e.messages[key], **changes)

    return lie


def gone(*keys: int) -> Callable[[Evidence], None]:
    """Messages that the database has lost with everything that belongs to them."""

    def lie(e: Evidence) -> None:
        for key in keys:
            del e.messages[key]
        e.ledger = [line for line in e.ledger if line[0] not in keys]
        e.submissions = [s for s in e.submissions if s.message not in keys]

    return lie


def put(name: str, *more: Any) -> Callable[[Evidence], None]:
    def lie(e: Evidence) -> None:
        setattr(e, name, [*getattr(e, name), *more])

    return lie


def without(name: str, *these: int) -> Callable[[Evidence], None]:
    def lie(e: Evidence) -> None:
        setattr(e, name, [one for n, one in enumerate(getattr(e, name)) if n not in these])

    return lie


def crowd(e: Evidence) -> None:
    e.kills = [
        replace(e.kills[0], intents=tuple(Intent(owner=OWNER, message=m, attempt=1) for m in range(1, 4)))
    ]
    e.doubts, e.messages[COPIED] = [], replace(e.messages[COPIED], duplicate=False, attempts=1)
    e.submissions = e.submissions[:-1]


def broken(e: Evidence) -> None:
    e.integrity = "row 3 missing from index"


def poor(e: Evidence) -> None:
    e.books = [(1, 2)]


def silent(e: Evidence) -> None:
    e.told[DEFERRED] -= 1


LIES: list[tuple[str, str, Callable[[Evidence], None]]] = [
    ("an acknowledged message is lost", "I1 acknowledged is stored", gone(ORDINARY)),
    ("it went to somebody else", "I5 nothing unexpected", changed(COPIED, recipient="+4477129")),
    ("its text is another", "I1 acknowledged is stored", changed(ORDINARY, text="x")),
    ("a segment is missing", "I1 acknowledged is stored", changed(ORDINARY, segments=(ORDINARY,))),
    ("delivered, never submitted", "I2 stored is submitted", without("submissions", 5)),
    ("half of it was never submitted", "I2 stored is submitted", without("submissions", 1)),
    ("ended without a reason", "I2 stored is submitted", changed(STRANDED, reason="")),
    ("it waits for ever", "I2 everything ends", changed(ORDINARY, state="sent")),
    ("a copy that is not flagged", "I3 copies are flagged", changed(COPIED, duplicate=False)),
    ("a copy without doubt before", "I3 copies are flagged", without("doubts", 0)),
    ("doubt that came after the copy", "I3 copies are flagged",
     lambda e: setattr(e, "doubts", [Doubt(message=COPIED, attempt=1, at=31)])),
    ("doubt about another attempt", "I3 copies are flagged",
     lambda e: setattr(e, "doubts", [Doubt(message=COPIED, attempt=2, at=20)])),
    ("a copy against its policy", "I3 copies are flagged", changed(COPIED, policy="hold")),
    ("a third copy", "I3 copies are flagged", put("submissions", submitted(COPIED, attempt=3, life=3, at=40))),
    ("sent again after it was taken", "I3 copies are flagged", put("submissions", submitted(ORDINARY, life=2))),
    ("deferred in another life", "I3 copies are flagged",
     lambda e: setattr(e, "replies", [replied(DEFERRED, "deferred", life=2)])),
    ("more intents than the window has slots", "I4 ambiguity is bounded", crowd),
    ("doubt that no kill explains", "I4 ambiguity is bounded", put("doubts", Doubt(message=ORDINARY, attempt=1, at=9))),
    ("stored, never attempted", "I5 nothing unexpected", without("attempts", 3)),
    ("submitted, not stored", "I5 nothing unexpected", put("submissions", submitted(777))),
    ("delivered to us, and nothing came", "I6 relayed is received", changed(INBOUND, text="something else")),
    ("an event that nobody heard of", "I7 events are heard", without("heard", 1)),
    ("told of what never happened", "I7 events are heard", without("happened", 1)),
    ("told under another name, too", "I7 events are heard",
     lambda e: e.heard.append(replace(e.heard[1], id="evt_1"))),
    ("told as something else", "I7 events are heard",
     lambda e: e.heard.append(replace(e.heard[1], kind="message.failed"))),
    ("badly signed", "I7 events are heard", lambda e: e.heard.append(replace(e.heard[1], genuine=False))),
    ("the highest sequence says something else", "I7 the highest sequence is right",
     changed(COPIED, state="failed")),
    ("a step without its event", "I8 every step is told", silent),
    ("the balance is not the ledger's", "I9 money is right", poor),
    ("charged twice", "I9 money is right", put("ledger", (DEFERRED, "message", -PRICE))),
    ("never charged", "I9 money is right", without("ledger", 2)),
    ("never left, not refunded", "I9 money is right", without("ledger", 6)),
    ("left, refunded all the same", "I9 money is right", put("ledger", (DEFERRED, "refund", PRICE))),
    ("charged for what is not there", "I9 money is right", put("ledger", (777, "message", -PRICE))),
    ("the database is damaged", "I10 integrity", broken),
    ("answered with two messages under one key", "A2 born once",
     put("answers", Answer(ref="a", life=2, status=201, ids=(COPIED,)))),
    ("answered with a server error", "A3 answers are expected", put("answers", Answer(ref="c", life=1, status=500))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "lie"), [one[1:] for one in LIES], ids=[one[0] for one in LIES])
def test_a_lie_is_told_by_its_invariant(name: str, lie: Callable[[Evidence], None]) -> None:
    evidence = honest()
    lie(evidence)
    verdict = check(evidence)
    assert name in verdict.violations
    assert name in verdict.text()


def test_each_invariant_has_a_lie() -> None:
    assert {name for _, name, _ in LIES} == set(INVARIANTS)


def test_a_message_born_twice_is_told() -> None:
    evidence = honest()
    evidence.messages[888] = replace(evidence.messages[ORDINARY], id=888)
    assert "A2 born once" in check(evidence).violations


def test_the_order_of_the_journals_lines_matters_only_within_a_segment() -> None:
    evidence = honest()
    last = evidence.submissions.pop()
    random.Random(1).shuffle(evidence.submissions)
    evidence.submissions.append(last)
    assert "I3 copies are flagged" not in check(evidence).violations
