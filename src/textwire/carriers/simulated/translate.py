"""From the house's words to the simulated network's, and back."""

from textwire.domain.arrival import Arrival, Concat
from textwire.domain.message import Segment
from textwire.domain.receipt import Receipt
from textwire.simnet.exchange import Report, Submission, Texted
from textwire.store.messages import Outstanding
from textwire.switch.carrier import Departure

NAME = "simulated"


def submission(departure: Departure, segment: Segment, owned: bool) -> Submission:
    """One segment of a departure, as the network takes it."""
    total = departure.total
    return Submission(
        key=segment.id, attempt=departure.attempt, sender=departure.sender, recipient=departure.recipient,
        text=departure.part(segment), valid_until=departure.valid_until, owned=owned,
        concat=(departure.reference, total, segment.n) if total > 1 else None,
    )  # fmt: skip


def resubmission(one: Outstanding, owned: bool) -> Submission:
    """A segment that the network had before a restart."""
    return Submission(
        key=one.segment, attempt=1, sender=one.sender, recipient=one.recipient, text=one.part or one.text,
        valid_until=one.valid_until, owned=owned,
        concat=(one.reference, one.total, one.n) if one.total > 1 else None,
    )  # fmt: skip


def receipt(report: Report) -> Receipt:
    """What became of a segment, in the house's words."""
    return Receipt(carrier=NAME, ref=report.ref, state=report.state, error=report.error, at=report.at)


def arrivals(text: Texted, again: bool) -> list[Arrival]:
    """A text for an owned number, segment by segment; `again`: it may have come before a restart already."""
    return [
        Arrival(
            carrier=NAME, sender=text.sender, recipient=text.recipient, text=segment.data or segment.text, at=text.at,
            concat=Concat(*segment.concat) if segment.concat else None, possible_duplicate=again,
            raw=segment.header + segment.data, octets=bool(segment.data),
        )
        for segment in text.segments
    ]  # fmt: skip
