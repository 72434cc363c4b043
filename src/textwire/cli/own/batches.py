"""`textwire batches`: what became of texts to many."""

from typing import Final

from textwire.cli import completing
from textwire.cli.calls import Call, Take, group
from textwire.cli.tables import columns

ONE: Final = Take(
    name="ID", key="id", place="path", complete=completing.from_server("/api/batches?limit=20", "id")
)

command = group(
    "batches",
    "See what became of texts to many, and take them back.",
    [
        Call(name="list", help="List batches, newest first.", method="GET", path="/api/batches",
             columns=columns("id", "created_at", "state", "total", "from", "ref", "text"), empty="there is no batch"),
        Call(name="show", help="Show one batch with its messages by state.", method="GET", path="/api/batches/{id}",
             takes=(ONE,)),
        Call(name="items", help="List what became of each recipient.", method="GET", path="/api/batches/{id}/items",
             takes=(ONE,), columns=columns("n", "state", "to", "message", "refused=refusal.detail")),
        Call(name="cancel", help="Take back what has not left.", method="POST", path="/api/batches/{id}/cancel",
             takes=(ONE,), ask="Take back what is left of the batch {id}?"),
    ],
)  # fmt: skip
