"""What happens to a segment once the network has it: the way to the handset, the waiting, the receipt, the answer."""

from typing import Literal, TypeAlias

import msgspec

from textwire.simnet import exchange
from textwire.simnet.exchange import Effect, MoSegment, Report, ReportState, Submission, Texted
from textwire.simnet.handset import Shown
from textwire.simnet.manners import PLAIN, SECOND, Manner, PhoneState
from textwire.simnet.phones import Phones
from textwire.simnet.sky import Sky
from textwire.simnet.timeline import Timeline
from textwire.text.segments import cut

PERSON_VALIDITY_US = 72 * 3600 * SECOND
"""How long a text from handset to handset waits for one that is off."""

MAX_TEXT = 4_000
"""Characters in a person's text, or an answer: never more than 255 segments.

Two segments in a row hold more than 67 UTF-16 units even if no cluster of characters is torn, a character is at
most two units, and 127 pairs hold more than 4,300 characters.
"""

FAILURES: dict[PhoneState, str] = {"full": exchange.MEMORY_FULL, "gone": exchange.UNKNOWN_SUBSCRIBER}

Origin: TypeAlias = Literal["carrier", "person", "answer"]


class Flight(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A segment on its way to a handset. `expiring`: its end of validity is on the timeline already."""

    ref: str
    submission: Submission
    manner: Manner = PLAIN
    origin: Origin = "carrier"
    expiring: bool = False


class Expiry(msgspec.Struct, frozen=True, gc=False):
    """The end of a segment's validity, in case its handset is still off."""

    number: str
    ref: str


class Delivery:
    """Moves what is on the timeline; times are integer microseconds UTC."""

    def __init__(self, sky: Sky, phones: Phones) -> None:
        self.sky = sky
        self.phones = phones
        self.timeline: Timeline[Flight | Expiry | Report | Texted] = Timeline()
        self._held: dict[str, dict[str, Flight]] = {}
        self._reference = 0
        self._carried = 0

    def launch(self, ref: str, submission: Submission, manner: Manner, now: int) -> int:
        """Send a segment on its way; when it will arrive."""
        at = now + self.sky.delivery()
        self.timeline.push(at, Flight(ref=ref, submission=submission, manner=manner))
        return at

    def advance(self, now: int, limit: int) -> list[Effect]:
        """Let at most `limit` of the things due happen."""
        effects: list[Effect] = []
        for at, item in self.timeline.take(now, limit):
            if isinstance(item, Flight):
                self._arrive(at, item, effects)
            elif isinstance(item, Expiry):
                self._expire(at, item, effects)
            else:
                effects.append(item)
        return effects

    def release(self, number: str, now: int) -> None:
        """What was held for a handset sets out again."""
        for flight in self._held.pop(number, {}).values():
            self.timeline.push(now + self.sky.delivery(), flight)

    def strand(self, now: int) -> None:
        """What is on its way to a handset ends undelivered; what has left one, and receipts, still come."""
        items = self.timeline.drain()
        items += [(now, flight) for flights in self._held.values() for flight in flights.values()]
        self._held.clear()
        for at, item in items:
            if isinstance(item, Report | Texted):
                self.timeline.push(at, item)
            elif isinstance(item, Flight) and item.submission.receipt:
                error = exchange.NETWORK_RESET
                report = Report(ref=item.ref, state="undelivered", error=error, at=now)
                self.timeline.push(now, report)

    def write(self, number: str, to: str, text: str, now: int, *, owned: bool, answers: str = "") -> Shown:
        """A handset texts `to`; `answers` is the reference of what it answers by itself, if it does."""
        text = _storable(text)
        shown = self.phones.show(number, "out", to, text, now)
        if owned:
            at = now + self.sky.delivery()
            ref = f"{answers}-answer" if answers else ""
            segments = self._segments(text)
            self.timeline.push(at, Texted(sender=number, recipient=to, segments=segments, at=at, ref=ref))
        else:
            self.carry(number, to, text, now, origin="answer" if answers else "person")
        return shown

    def write_octets(self, number: str, to: str, header: str, data: str, now: int, *, owned: bool) -> Shown:
        """A handset sends what is no text; handsets show it as hex, header and all."""
        shown = self.phones.show(number, "out", to, header + data, now)
        if owned:
            at = now + self.sky.delivery()
            segment = MoSegment("", data=data, header=header)
            self.timeline.push(at, Texted(sender=number, recipient=to, segments=(segment,), at=at))
        else:
            self.carry(number, to, header + data, now, origin="person")
        return shown

    def carry(self, number: str, to: str, text: str, now: int, *, origin: Origin) -> None:
        """From handset to handset there are neither segments nor receipts."""
        self._carried += 1
        until = now + PERSON_VALIDITY_US
        submission = Submission(
            key=0, attempt=1, sender=number, recipient=to, text=text, valid_until=until, receipt=False
        )
        flight = Flight(ref=f"carried-{self._carried}", submission=submission, origin=origin)
        self.timeline.push(now + self.sky.delivery(), flight)

    def _arrive(self, at: int, flight: Flight, effects: list[Effect]) -> None:
        if flight.submission.owned:
            self._relay(at, flight, effects)
            return
        state = self.phones.state_of(flight.submission.recipient)
        if state == "off":
            self._hold(at, flight, effects)
        elif state in FAILURES:
            self._report(at, flight, "undelivered", FAILURES[state], effects)
        else:
            self._report(at, flight, "delivered", "", effects)
            self._show(at, flight, state)

    def _relay(self, at: int, flight: Flight, effects: list[Effect]) -> None:
        self._report(at, flight, "delivered", "", effects)
        submission = flight.submission
        segments = (MoSegment(submission.text, submission.concat),)
        sender, recipient = submission.sender, submission.recipient
        effects.append(Texted(sender=sender, recipient=recipient, segments=segments, at=at, ref=flight.ref))

    def _show(self, at: int, flight: Flight, state: PhoneState) -> None:
        submission = flight.submission
        sender, number = submission.sender, submission.recipient
        whole = self.phones.receive(number, sender, submission.text, submission.concat, at)
        if whole is None or state != "answering" or flight.origin == "answer" or not _is_number(sender):
            return  # an answer is not answered: two such handsets would never stop
        answer = self.phones.answer_to(number, whole)[:MAX_TEXT]
        self.write(number, sender, answer, at, owned=flight.origin == "carrier", answers=flight.ref)

    def _hold(self, at: int, flight: Flight, effects: list[Effect]) -> None:
        submission = flight.submission
        if at >= submission.valid_until:
            self._report(at, flight, "expired", exchange.ABSENT_SUBSCRIBER, effects)
            return
        if not flight.expiring:
            self.timeline.push(submission.valid_until, Expiry(submission.recipient, flight.ref))
            flight = msgspec.structs.replace(flight, expiring=True)
        self._held.setdefault(submission.recipient, {})[flight.ref] = flight

    def _expire(self, at: int, expiry: Expiry, effects: list[Effect]) -> None:
        held = self._held.get(expiry.number, {})
        flight = held.pop(expiry.ref, None)
        if flight is None:
            return
        self._report(at, flight, "expired", exchange.ABSENT_SUBSCRIBER, effects)
        if not held:
            del self._held[expiry.number]

    def _report(self, at: int, flight: Flight, state: ReportState, error: str, effects: list[Effect]) -> None:
        if not flight.submission.receipt:
            return
        manner = flight.manner
        for after in manner.receipts:
            if self.sky.loses_receipt():
                continue
            # A receipt that is to be there before the submission's answer cannot dawdle.
            due = at + after + (0 if manner.receipt_first else self.sky.receipt_delay())
            report = Report(ref=flight.ref, state=state, error=error, at=due)
            if due > at:
                self.timeline.push(due, report)
            else:
                effects.append(report)

    def _segments(self, text: str) -> tuple[MoSegment, ...]:
        self._reference = reference = (self._reference + 1) % 256
        parts = cut(text, reference=reference).parts
        if len(parts) == 1:
            return (MoSegment(parts[0]),)
        return tuple(MoSegment(part, (reference, len(parts), n)) for n, part in enumerate(parts, 1))


def _storable(text: str) -> str:
    """A lone surrogate, which no alphabet has, becomes U+FFFD; so does NUL, which not every database keeps."""
    if text.isascii() and "\0" not in text:
        return text
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return whole.replace("\0", "\ufffd")


def _is_number(sender: str) -> bool:
    digits = sender.removeprefix("+")
    return digits.isascii() and digits.isdigit()
