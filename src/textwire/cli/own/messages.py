"""`textwire messages`: what was sent and received, and of one message why it did or did not arrive."""

from collections.abc import Iterator
from typing import Any, Final

from textwire.cli import completing
from textwire.cli.calls import Call, Take, group
from textwire.cli.plain import line, plain
from textwire.cli.tables import columns

ONE: Final = Take(name="ID", key="id", place="path", complete=completing.messages)

# What a person wants to know of a reason: what it means, and what to do.
REASONS: Final = {
    "absent_subscriber": "the handset was off or out of reach until the message's time was over",
    "unknown_subscriber": "the network knows no such subscriber: check the number",
    "memory_full": "the handset had no room for it",
    "network_full": "the carrier was too busy; it is tried again by itself",
    "network_reset": "the simulated network was reset while it was under way",
    "no_answer": "the carrier never said whether it has it",
    "no_receipt": "the carrier took it, and no receipt came: it may have arrived",
    "opted_out": "the recipient said STOP while it waited; see `textwire opt-outs list`",
    "sender_unassigned": "the sender was taken away from the account while it waited; see `textwire numbers list`",
    "quiet_hours": "it waits for the end of the recipient's night",
    "canceled": "it was canceled before it left",
    "ambiguous": "nobody knows whether it arrived, and its policy was not to send it again",
}
STATES: Final = {
    "scheduled": "it waits for its time to send",
    "queued": "it waits for its turn, or for the next attempt",
    "submitting": "it is with the carrier, whose answer is still out",
    "sent": "the carrier has it; no receipt has come yet",
    "ambiguous": "the carrier gave no answer, so nobody knows whether it has it; its policy decides after a while",
    "quarantined": "it is held back until somebody decides",
    "delivered": "it is on the handset",
    "undelivered": "the network gave up on it",
    "rejected": "the carrier refused it for good",
    "failed": "it did not leave",
    "expired": "its time was over before anybody knew that it arrived",
    "canceled": "it was canceled before it left",
    "received": "it came in",
}


def story(message: dict[str, Any]) -> Iterator[str]:
    """One message as a person reads it: the two ends, what became of it and why, the text, and every step."""
    count = len(message["segments"])
    yield line(f"{message['id']}  {message['from']} → {message['to']}  {message['price']} EUR")
    yield f"{line(message['state'])}: {verdict(message)}"
    yield f"text: {plain(message['text'], '      ')}"
    yield f"{count} segment{'' if count == 1 else 's'}, {len(message['attempts'])} attempts"
    for step in message["timeline"]:
        where = f" segment {step['segment']}" if step.get("segment") else ""
        yield "  " + line(f"{step['at']}  {step['state']}{where}{_told(step['data'])}")
    for receipt in message["receipts"]:
        error = f" error {receipt['error']}" if receipt["error"] else ""
        yield "  " + line(f"{receipt['at']}  receipt of {receipt['carrier']}: {receipt['state']}{error}")


def verdict(message: dict[str, Any]) -> str:
    """In one sentence, what became of it and why."""
    state, reason = message["state"], message.get("reason")
    said = STATES.get(state, "")
    if reason and reason != state:
        said += f", because {REASONS[reason]}" if reason in REASONS else f" ({line(reason)})"
    if message.get("error"):
        said += f"; the network said {line(str(message['error']))}"
    if message.get("possible_duplicate"):
        said += "; it may have reached the phone twice"
    return said


def _told(data: dict[str, Any]) -> str:
    told = [f"{name}={data[name]}" for name in ("attempt", "carrier", "reason", "error") if data.get(name)]
    return f"  ({' '.join(told)})" if told else ""


command = group(
    "messages",
    "See what was sent and received, and why a message did not arrive.",
    [
        Call(
            name="list", help="List messages, newest first.", method="GET", path="/api/messages",
            takes=(
                Take(name="--direction", key="direction", place="query", metavar="in|out", help="Received or sent."),
                Take(name="--state", key="state", place="query", metavar="STATE[,STATE]",
                     help="In one of these states.", complete=completing.states),
                Take(name="--from", key="from", place="query", metavar="NUMBER", help="From this number or name."),
                Take(name="--to", key="to", place="query", metavar="NUMBER", help="To this number."),
                Take(name="--ref", key="ref", place="query", help="With this name of yours."),
                Take(name="--batch", key="batch", place="query", metavar="ID", help="Of this batch."),
                Take(name="--since", key="created_after", place="query", metavar="TIME", help="Made then or later."),
                Take(name="--until", key="created_before", place="query", metavar="TIME", help="Made before then."),
                Take(name="--search", key="q", place="query", metavar="TEXT", help="With this in the text."),
            ),
            columns=columns("id", "created_at", "=direction", "from", "to", "state", "reason", "segments", "text"),
            empty="no message fits",
        ),
        Call(name="show", help="Show one message with its whole story.", method="GET", path="/api/messages/{id}",
             takes=(ONE,), show=story),
        Call(name="cancel", help="Take back a message that has not left yet.", method="POST",
             path="/api/messages/{id}/cancel", takes=(ONE,), show=lambda m: [f"{line(m['id'])} is {line(m['state'])}"]),
        Call(name="delete", help="Delete a message that is over, with its text.", method="DELETE",
             path="/api/messages/{id}", takes=(ONE,), done="{id} is deleted", ask="Delete the message {id}?"),
    ],
)  # fmt: skip
