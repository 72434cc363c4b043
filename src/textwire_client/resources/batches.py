"""Batches: one text with variables for many recipients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from textwire_client.calls import Resource, call, listing
from textwire_client.pages import Page
from textwire_client.request import Request, form, path
from textwire_client.values import Batch, BatchItem, CountedBatch

D = TypeVar("D")
Values = Mapping[str, "str | int"]


class Batches(Resource[D]):
    """`client.batches`"""

    @call
    def create(
        self, text: str, recipients: Mapping[str, Values] | Iterable[tuple[str, Values]], *, from_: str | None = None,
        send_at: datetime | None = None, validity: str | timedelta | None = None, ref: str | None = None,
        class_: str | None = None, on_ambiguous: str | None = None, flash: bool | None = None,
        idempotency_key: str | None = None,
    ) -> Request[CountedBatch]:  # fmt: skip
        """Send `text` to up to 10,000 recipients: numbers with the values of their `{{variables}}`.

        Times are those of `client.messages.send`. InvalidRequest for a text or a list that cannot be, Forbidden for a
        sender that is not the account's. What is wrong with one recipient is told by `items`, as is a used up balance.
        """
        pairs = recipients.items() if isinstance(recipients, Mapping) else recipients
        items = [{"to": to, "values": dict(values)} if values else {"to": to} for to, values in pairs]
        body = form(text=text, items=items, from_=from_, send_at=send_at, validity=validity, ref=ref, class_=class_,
                    on_ambiguous=on_ambiguous, flash=flash)  # fmt: skip
        return Request(method="POST", path=path("batches"), answer=CountedBatch, body=body, creates=True,
                       idempotency_key=idempotency_key)  # fmt: skip

    @listing
    def list(self, *, limit: int | None = None) -> Request[Page[Batch]]:
        """All batches, newest first."""
        return Request(method="GET", path=path("batches"), answer=Page[Batch], query={"limit": limit})

    @call
    def get(self, id: str) -> Request[CountedBatch]:
        """One batch with its items counted by state."""
        return Request(method="GET", path=path("batches", id), answer=CountedBatch)

    @listing
    def items(self, id: str, *, limit: int | None = None) -> Request[Page[BatchItem]]:
        """What became of each recipient, in the order of the list."""
        return Request(
            method="GET", path=path("batches", id, "items"), answer=Page[BatchItem], query={"limit": limit}
        )

    @call
    def cancel(self, id: str) -> Request[CountedBatch]:
        """Make no more messages of it, and take back those that have not left."""
        return Request(
            method="POST", path=path("batches", id, "cancel"), answer=CountedBatch, repeatable=True
        )
