"""Judges a campaign by its journals and its database: the counters and every invariant that does not hold."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

import msgspec

from tests.faults.journal import Answer, Attempt, Heard, Intent, Kill, Replied, Submitted
from tests.faults.load import NOT_NOW

WAITING = frozenset({"scheduled", "queued", "submitting", "ambiguous", "quarantined", "sent"})
ENDED = frozenset({"failed", "expired", "canceled", "rejected"})
COPIES = 2  # a message is sent again once, flagged, and never a third time
TOLD = 5  # violations of one invariant that are spelled out


class Stored(msgspec.Struct, frozen=True, kw_only=True):
    """A message as the database has it at the end; `segments` are the identifiers of its rows."""

    id: int
    direction: str
    state: str
    recipient: str
    text: str
    total: int
    ref: str
    attempts: int
    duplicate: bool
    reason: str
    price: int
    policy: str
    sequence: int
    segments: tuple[int, ...]


class Doubt(msgspec.Struct, frozen=True, kw_only=True):
    """An event message.ambiguous; `at` is in µs on the message clock."""

    message: int
    attempt: int
    at: int


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An event about a message as the database has it; `id` is what webhooks call it."""

    id: str
    message: int
    sequence: int
    kind: str


class Evidence(msgspec.Struct, kw_only=True):
    """All that is known of a campaign. `ledger` is (message, kind, amount), `books` (balance, sum of the ledger)."""

    window: int
    attempts: list[Attempt]
    answers: list[Answer]
    kills: list[Kill]
    submissions: list[Submitted]
    replies: list[Replied]
    messages: dict[int, Stored]
    doubts: list[Doubt]
    told: dict[int, int]  # message → how many events
    ledger: list[tuple[int, str, int]]
    books: list[tuple[int, int]]
    integrity: str
    happened: list[Happened]
    heard: list[Heard]

    def wanted(self) -> dict[str, Attempt]:
        """The attempts by reference; a repetition is the same request."""
        return {attempt.ref: attempt for attempt in self.attempts}

    def acknowledged(self) -> Iterator[tuple[Attempt, int, int]]:
        """(attempt, which recipient, message) of every success that was read."""
        wanted = self.wanted()
        for answer in self.answers:
            for n, message in enumerate(answer.ids):
                yield wanted[answer.ref], n, message

    def outbound(self) -> list[Stored]:
        return [m for m in self.messages.values() if m.direction == "out"]

    def by_segment(self) -> dict[int, list[Submitted]]:
        """The submissions of each segment, in order."""
        found: dict[int, list[Submitted]] = defaultdict(list)
        for submitted in self.submissions:
            found[submitted.segment].append(submitted)
        return found

    def deferred(self) -> set[tuple[int, int, int, int]]:
        """(life, message, attempt, segment) of submissions that the network has definitely put off."""
        definite = {
            (r.life, r.message, r.attempt): set(r.taken) for r in self.replies if r.outcome == "deferred"
        }
        return {
            (s.life, s.message, s.attempt, s.segment)
            for s in self.submissions
            if s.segment not in definite.get((s.life, s.message, s.attempt), {s.segment})
        }

    def incidents(self) -> dict[int, set[tuple[int, int]]]:
        """What each process that died had under way: owner → (message, attempt)."""
        found: dict[int, set[tuple[int, int]]] = defaultdict(set)
        for kill in self.kills:
            for intent in kill.intents:
                found[intent.owner].add((intent.message, intent.attempt))
        return found


def _key(s: Submitted) -> tuple[int, int, int, int]:
    return s.life, s.message, s.attempt, s.segment


def acknowledged_is_stored(e: Evidence) -> Iterator[str]:
    """I1: what was answered with success is stored, whole and as it was asked for."""
    for attempt, n, message in e.acknowledged():
        stored = e.messages.get(message)
        if stored is None:
            yield f"message {message} ({attempt.ref}) was acknowledged and is lost"
        elif (stored.ref, stored.recipient, stored.text) != (attempt.ref, attempt.to[n], attempt.text):
            yield f"message {message} ({attempt.ref}) is stored as something else"
        elif len(stored.segments) != stored.total:
            yield f"message {message} has {len(stored.segments)} of {stored.total} segments"


def stored_is_submitted(e: Evidence) -> Iterator[str]:
    """I2: each stored segment was submitted, or its message has ended with a reason, or waits for its turn."""
    submitted = {s.segment for s in e.submissions}
    for m in e.outbound():
        missing = [s for s in m.segments if s not in submitted]
        if (
            missing
            and m.state not in ("scheduled", "queued", "ambiguous")
            and not (m.state in ENDED and m.reason)
        ):
            yield f"message {m.id} is {m.state} ({m.reason}), yet {len(missing)} segments were never submitted"


def everything_ends(e: Evidence) -> Iterator[str]:
    """I2b: after validity and patience nothing waits any more (promise 3)."""
    for m in e.outbound():
        if m.state in WAITING:
            yield f"message {m.id} still is {m.state} ({m.reason})"


def copies_are_flagged(e: Evidence) -> Iterator[str]:
    """I3: submitted again only after a definite refusal, or flagged and after an ambiguous event; never a third copy."""
    for segment, first, second in duplicates(e):
        message = e.messages.get(first.message)
        if message is None or not message.duplicate:
            yield f"segment {segment} was submitted again in life {second.life}, unflagged"
        elif not any(
            d.message == first.message and d.attempt == first.attempt and d.at <= second.at for d in e.doubts
        ):
            yield f"segment {segment} was submitted again in life {second.life} without an ambiguous event before"
        elif message.policy != "resend":
            yield f"segment {segment} was submitted again, though its policy is {message.policy}"
    deferred = e.deferred()
    for segment, some in e.by_segment().items():
        copies = sum(_key(s) not in deferred for s in some)
        if copies > COPIES:
            yield f"segment {segment} was submitted {copies} times"


def duplicates(e: Evidence) -> Iterator[tuple[int, Submitted, Submitted]]:
    """(segment, submission, the next one) where the first was not definitely put off."""
    deferred = e.deferred()
    for segment, some in e.by_segment().items():
        for first, second in itertools.pairwise(some):
            if _key(first) not in deferred:
                yield segment, first, second


def doubts_are_bounded(e: Evidence) -> Iterator[str]:
    """I4: a kill leaves at most a window of messages ambiguous, and nothing else does."""
    doubted = {(d.message, d.attempt) for d in e.doubts}
    for owner, under_way in e.incidents().items():
        if len(under_way) > e.window:
            yield f"process {owner} died with {len(under_way)} intents, its window is {e.window}"
    explained = set().union(*e.incidents().values()) if e.kills else set()
    for message, attempt in sorted(doubted - explained):
        yield f"message {message} is ambiguous at attempt {attempt}, though no kill explains it"


def nothing_unexpected(e: Evidence) -> Iterator[str]:
    """I5: nothing is stored or submitted that was never attempted."""
    wanted = e.wanted()
    for m in e.outbound():
        attempt = wanted.get(m.ref)
        if attempt is None or m.recipient not in attempt.to:
            yield f"message {m.id} ({m.ref}) was never attempted"
    for message in sorted({s.message for s in e.submissions} - set(e.messages)):
        yield f"message {message} was submitted and is not stored"


def born_once(e: Evidence) -> Iterator[str]:
    """A2: one message per attempt and recipient, however often a key was repeated."""
    born = Counter((m.ref, m.recipient) for m in e.outbound())
    for (ref, recipient), count in born.items():
        if count > 1:
            yield f"{ref} became {count} messages to …{recipient[-4:]}"
    ids: dict[str, tuple[int, ...]] = {}
    for answer in e.answers:
        if answer.ids and ids.setdefault(answer.ref, answer.ids) != answer.ids:
            yield f"{answer.ref} was answered with different messages"


def answers_are_expected(e: Evidence) -> Iterator[str]:
    """A3: success, or "not now"; nothing here gives a reason for anything else."""
    for answer in e.answers:
        if answer.status not in (201, *NOT_NOW):
            yield f"{answer.ref} was answered with {answer.status}"


def relayed_is_received(e: Evidence) -> Iterator[str]:
    """I6: what was delivered to one of our numbers has become its inbound message.

    Single segments only: parts are told apart by eight bits, so that some may rightly wait for others in vain.
    """
    received = {(m.recipient, m.text) for m in e.messages.values() if m.direction == "in"}
    ours = {recipient for recipient, _ in received}
    for m in e.outbound():
        if m.total > 1 or m.state != "delivered" or m.recipient not in ours:
            continue
        if (m.recipient, m.text) not in received:
            yield f"message {m.id} was delivered to our number …{m.recipient[-4:]}, which never got it"


def events_are_heard(e: Evidence) -> Iterator[str]:
    """I7: each event has reached the sink, under one name and rightly signed, and nothing that did not happen."""
    happened = {event.id: event for event in e.happened}
    heard = {one.id for one in e.heard}
    for event in e.happened:
        if event.id not in heard:
            yield f"{event.id} ({event.kind} of message {event.message}) was never heard of"
    for one in e.heard:
        known = happened.get(one.id)
        if known is None:
            yield f"{one.id} ({one.kind} of message {one.message}) was heard of and never happened"
        elif (known.message, known.sequence, known.kind) != (one.message, one.sequence, one.kind):
            yield f"{one.id} was heard of as something else"
        if not one.genuine:
            yield f"{one.id} was not signed as it should be"
    names: dict[tuple[int, int], set[str]] = defaultdict(set)
    for one in e.heard:
        names[one.message, one.sequence].add(one.id)
    for (message, sequence), some in names.items():
        if len(some) > 1:
            yield f"event {sequence} of message {message} has {len(some)} names"


def the_highest_is_right(e: Evidence) -> Iterator[str]:
    """I7b: whoever keeps the highest sequence of each message knows its state."""
    last: dict[int, Heard] = {}
    for one in e.heard:
        if one.message not in last or last[one.message].sequence < one.sequence:
            last[one.message] = one
    for m in e.messages.values():
        if m.id in last and (last[m.id].sequence, last[m.id].state) != (m.sequence, m.state):
            yield f"message {m.id} is {m.state}, the last that was heard of it is {last[m.id].state}"


def told_is_moved(e: Evidence) -> Iterator[str]:
    """I8: each step of a message has its event."""
    for m in e.messages.values():
        if e.told.get(m.id, 0) != m.sequence:
            yield f"message {m.id} has {e.told.get(m.id, 0)} events, its sequence is {m.sequence}"


def money_is_right(e: Evidence) -> Iterator[str]:
    """I9: the ledger's sum is the balance; each message is charged once, and refunded if nobody can have it."""
    for balance, total in e.books:
        if balance != total:
            yield f"a balance is {balance}, its ledger says {total}"
    lines: dict[int, list[tuple[str, int]]] = defaultdict(list)
    for message, kind, amount in e.ledger:
        if message:
            lines[message].append((kind, amount))
    taken = {reply.message for reply in e.replies if reply.taken}
    for m in e.outbound():
        cost = m.price * m.total
        refused = m.state == "rejected" and m.id not in taken and not m.duplicate
        refund = [("refund", cost)] if refused or (m.state in ENDED and m.attempts == 0) else []
        if sorted(lines.pop(m.id, [])) != [("message", -cost), *refund]:
            yield f"message {m.id} ({m.state}) is not charged {cost} once"
    for message in lines:
        yield f"message {message} was charged and is not stored"


def database_is_whole(e: Evidence) -> Iterator[str]:
    """I10: the database finds nothing wrong with itself."""
    if not e.integrity.startswith("ok"):
        yield e.integrity


INVARIANTS: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "I1 acknowledged is stored": acknowledged_is_stored,
    "I2 stored is submitted": stored_is_submitted,
    "I2 everything ends": everything_ends,
    "I3 copies are flagged": copies_are_flagged,
    "I4 ambiguity is bounded": doubts_are_bounded,
    "I5 nothing unexpected": nothing_unexpected,
    "I6 relayed is received": relayed_is_received,
    "I7 events are heard": events_are_heard,
    "I7 the highest sequence is right": the_highest_is_right,
    "I8 every step is told": told_is_moved,
    "I9 money is right": money_is_right,
    "I10 integrity": database_is_whole,
    "A2 born once": born_once,
    "A3 answers are expected": answers_are_expected,
}


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """`counters` in the order in which they are printed; `violations` by invariant, only those that are broken."""

    counters: dict[str, int]
    violations: dict[str, list[str]]

    def text(self) -> str:
        """Both, to read."""
        lines = [" ".join(f"{name} {count}" for name, count in self.counters.items())]
        for name, some in self.violations.items():
            lines.append(f"VIOLATED {name}: {len(some)} times")
            lines += [f"  {one}" for one in some[:TOLD]]
        return "\n".join(lines)


def check(e: Evidence) -> Verdict:
    """The verdict."""
    found = {name: list(broken(e)) for name, broken in INVARIANTS.items()}
    return Verdict(counters=counters(e), violations={name: some for name, some in found.items() if some})


def counters(e: Evidence) -> dict[str, int]:
    """What happened, in messages."""
    acked = {message for _, _, message in e.acknowledged()}
    again = {first.message for _, first, _ in duplicates(e)}
    flagged = {m for m in again if m in e.messages and e.messages[m].duplicate}
    doubted = Counter((d.message, d.attempt) for d in e.doubts)
    stored = {m.id for m in e.outbound()}
    return {
        "attempted": sum(len(attempt.to) for attempt in e.wanted().values()),
        "acked": len(acked),
        "ok": len(acked & stored),
        "lost": len(acked - stored),
        "recovered": len(stored - acked),
        "unexpected": sum(1 for _ in nothing_unexpected(e)),
        "refused": sum(not answer.ids for answer in e.answers),
        "submitted": len(e.submissions),
        "deferred": len(e.deferred()),
        "duplicated_flagged": len(flagged),
        "duplicated_unflagged": len(again - flagged),
        "ambiguous": len(doubted),
        "ambiguous_most_per_kill": max(
            (sum(one in doubted for one in under_way) for under_way in e.incidents().values()), default=0
        ),
        "events": len(e.happened),
        "heard": len({one.id for one in e.heard}),
        "heard_again": len(e.heard) - len({one.id for one in e.heard}),
        "kills": len(e.kills),
        "kills_while_starting": sum(not kill.ready for kill in e.kills),
    }


__all__ = ["Doubt", "Evidence", "Intent", "Stored", "Verdict", "check"]
