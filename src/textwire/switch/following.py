"""What may follow a message that fails, as it is kept: steps, each of which becomes a request in its turn."""

from collections.abc import Sequence

import msgspec

from textwire.domain.message import Telling
from textwire.store.workflows import Workflow

from .draft import SendRequest

MOST = 10  # messages that may follow


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message that may follow: what is kept of the request for it."""

    sender: str
    recipient: str
    text: str
    validity: int
    correlator: str = ""
    unicode: bool = False
    telling: Telling | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(tuple[Step, ...]).decode


def kept(requests: Sequence[SendRequest]) -> str:
    """What is kept of the requests that may follow, each of which has one recipient; "": there are none."""
    assert len(requests) <= MOST, "a facade has to refuse them"
    if not requests:
        return ""
    return written(
        [
            Step(
                sender=r.sender or "", recipient=r.recipients[0], text=r.text, validity=r.validity,
                correlator=r.correlator, unicode=r.unicode, telling=r.telling,
            )
            for r in requests
        ]
    )  # fmt: skip


def written(steps: Sequence[Step]) -> str:
    """Steps as they are kept."""
    return _encode(steps).decode()


def steps(workflow: Workflow) -> tuple[Step, ...]:
    """What is left to follow."""
    return _decode(workflow.steps)


def request_of(workflow: Workflow, step: Step) -> SendRequest:
    """The request for the next message."""
    return SendRequest(
        account=workflow.account, principal=workflow.principal, rights="owned", sender=step.sender,
        recipients=(step.recipient,), text=step.text, validity=step.validity, correlator=step.correlator, plus=False,
        unicode=step.unicode, telling=step.telling,
    )  # fmt: skip


def without(workflow: Workflow, number: str) -> str:
    """Its steps but those to a number, as they are kept; "": none is left."""
    left = [step for step in steps(workflow) if step.recipient != number]
    return written(left) if left else ""
