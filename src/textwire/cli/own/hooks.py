"""`textwire hooks`: which addresses are told of which events, and what they answered."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from textwire.cli import completing
from textwire.cli.calls import Call, Take, group
from textwire.cli.tables import Column, card, cell, columns

ONE: Final = Take(name="ID", key="id", place="path", complete=completing.hooks)
EVENTS: Final = Take(
    name="--events", key="events", metavar="EVENT[,EVENT]", turn=lambda typed: typed.split(","),
    complete=completing.events, help="What to tell, such as message.received,message.delivered.",
)  # fmt: skip
NUMBERS: Final = Take(
    name="--number", key="numbers", many=True, metavar="NUMBER", complete=completing.numbers,
    help="Only what is about this number; can be given several times. [default: all]",
)  # fmt: skip


def tried(delivery: dict[str, Any]) -> Iterator[str]:
    """A delivery with its attempts, and in its first line how it stands."""
    log = delivery["log"]
    last = f", answered {log[-1]['status'] or log[-1]['error']}" if log else ""
    yield f"{cell(delivery['state'])}{cell(last)}"
    yield from card(delivery)


command = group(
    "hooks",
    "See and change who is told of events, and what was answered.",
    [
        Call(name="list", help="List webhooks.", method="GET", path="/api/hooks",
             columns=(*columns("id", "state", "failing_since", "numbers"), Column("events", "events", 40), Column("url", "url")),
             empty="there is no webhook"),
        Call(name="show", help="Show one webhook.", method="GET", path="/api/hooks/{id}", takes=(ONE,)),
        Call(name="add", help="Tell an address of events; shows the secret that signs them, once.", method="POST",
             path="/api/hooks",
             takes=(Take(name="ADDRESS", key="url"), msgspec.structs.replace(EVENTS, required=True), NUMBERS)),
        Call(name="change", help="Change a webhook, or switch it off and on.", method="PATCH", path="/api/hooks/{id}",
             takes=(ONE, Take(name="--address", key="url", metavar="URL", help="Where to post."), EVENTS, NUMBERS,
                    Take(name="--state", key="state", metavar="active|disabled", help="Whether it is told anything.")),
             needs=("--address", "--events", "--number", "--state")),
        Call(name="delete", help="End a webhook; nothing more is posted.", method="DELETE", path="/api/hooks/{id}",
             takes=(ONE,), done="{id} is deleted", ask="Delete the webhook {id}?"),
        Call(name="test", help="Call a webhook now, and show what it answers.", method="POST",
             path="/api/hooks/{id}/test", takes=(ONE,), show=tried),
        Call(name="deliveries", help="List what a webhook was told in the last 7 days.", method="GET",
             path="/api/hooks/{id}/deliveries",
             takes=(ONE, Take(name="--state", key="state", place="query", metavar="pending|delivered|failed",
                              help="In this state.")),
             columns=columns("id", "updated_at", "state", "attempts", "status", "error", "event=event.type", "message=event.message"),
             empty="nothing was told"),
        Call(name="delivery", help="Show one delivery with its attempts.", method="GET", path="/api/deliveries/{id}",
             takes=(Take(name="ID", key="id", place="path"),), show=tried),
        Call(name="redeliver", help="Deliver once more, under the same webhook-id.", method="POST",
             path="/api/deliveries/{id}/replay", takes=(Take(name="ID", key="id", place="path"),)),
        Call(name="replay", help="Tell a webhook again what it has missed.", method="POST", path="/api/hooks/{id}/replay",
             takes=(ONE, Take(name="--since", key="since", required=True, metavar="TIME",
                              help="Since when, RFC 3339, at most 7 days back."),
                    Take(name="--delivered", key="delivered", flag=True, help="What was delivered, too."))),
        Call(name="rotate", help="Get a new secret; the old one signs too for 24 hours.", method="POST",
             path="/api/hooks/{id}/rotate", takes=(ONE,)),
    ],
)  # fmt: skip
