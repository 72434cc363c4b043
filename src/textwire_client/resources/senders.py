"""Senders: numbers elsewhere that may be sent from once they are proved by a code."""

from __future__ import annotations

from typing import TypeVar

from textwire_client.calls import Resource, call, listing
from textwire_client.pages import Page
from textwire_client.request import Request, path
from textwire_client.values import Sender

D = TypeVar("D")


class Senders(Resource[D]):
    """`client.senders`"""

    @call
    def create(self, number: str, *, idempotency_key: str | None = None) -> Request[Sender]:
        """Text a code to the number, which the account pays for. InsufficientBalance; Conflict if it is proved already."""
        return Request(method="POST", path=path("senders"), answer=Sender, body={"number": number}, creates=True,
                       idempotency_key=idempotency_key)  # fmt: skip

    @call
    def verify(self, number: str, code: str) -> Request[Sender]:
        """Give the code back; Forbidden if it is not the right one. It counts as a try, so it is not repeated."""
        return Request(
            method="POST", path=path("senders", number, "verify"), answer=Sender, body={"code": code}
        )

    @listing
    def list(self, *, limit: int | None = None) -> Request[Page[Sender]]:
        """Those that are proved, and those that wait for their code."""
        return Request(method="GET", path=path("senders"), answer=Page[Sender], query={"limit": limit})

    @call
    def delete(self, number: str) -> Request[None]:
        """Not sent from any more."""
        return Request(method="DELETE", path=path("senders", number))
