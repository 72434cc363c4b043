"""Numbers: search, buy, assign, release."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from textwire_client.calls import Resource, call, listing
from textwire_client.pages import Page
from textwire_client.request import Request, form, path
from textwire_client.values import Number, NumberStory, Offer

D = TypeVar("D")


class Numbers(Resource[D]):
    """`client.numbers`"""

    @listing
    def search(
        self, country: str, *, type: str | None = None, features: Sequence[str] | None = None,
        pattern: str | None = None, match: str | None = None, limit: int | None = None,
    ) -> Request[Page[Offer]]:  # fmt: skip
        """Numbers that can be bought, of a `country` (ISO 3166-1, two letters). There are many millions: take as many as you need.

        `type` is `mobile`, `landline` or `toll-free`; `features` are of `SMS`, `VOICE`, `MMS`; `pattern` is up to 15 digits,
        which `match` looks for where the number `begins` or `ends` or that it `contains`. Prices are EUR.
        """
        query = {"country": country, "type": type, "features": features, "pattern": pattern, "match": match,
                 "limit": limit}  # fmt: skip
        return Request(method="GET", path=path("numbers", "available"), answer=Page[Offer], query=query)

    @call
    def buy(
        self, number: str, *, label: str | None = None, idempotency_key: str | None = None
    ) -> Request[Number]:
        """Buy a number; set-up and the first month are charged at once.

        InsufficientBalance; Conflict if it is somebody's, or the account has 1,000 numbers.
        """
        return Request(method="POST", path=path("numbers"), answer=Number, body=form(number=number, label=label),
                       creates=True, idempotency_key=idempotency_key)  # fmt: skip

    @listing
    def list(self, *, limit: int | None = None) -> Request[Page[Number]]:
        """The account's numbers."""
        return Request(method="GET", path=path("numbers"), answer=Page[Number], query={"limit": limit})

    @call
    def get(self, number: str) -> Request[NumberStory]:
        """One number with its payments."""
        return Request(method="GET", path=path("numbers", number), answer=NumberStory)

    @call
    def assign(self, number: str, principal: str, *, default: bool = False) -> Request[Number]:
        """Let a principal (a user, a project, a key …) use a number, or send from it unasked."""
        body = {"assign": {"principal": principal, "default": default}}
        return Request(
            method="PATCH", path=path("numbers", number), answer=Number, body=body, repeatable=True
        )

    @call
    def unassign(self, number: str, principal: str) -> Request[Number]:
        """A principal may not use it any more."""
        body = {"unassign": {"principal": principal}}
        return Request(method="PATCH", path=path("numbers", number), answer=Number, body=body)

    @call
    def change(
        self, number: str, *, label: str | None = None, settings: Mapping[str, str] | None = None
    ) -> Request[Number]:
        """Set the label, or what vendors' APIs keep with the number; `""` takes one away."""
        body = form(label=label, settings=settings)
        return Request(
            method="PATCH", path=path("numbers", number), answer=Number, body=body, repeatable=True
        )

    @call
    def release(self, number: str) -> Request[None]:
        """Give a number back; somebody else can buy it then."""
        return Request(method="DELETE", path=path("numbers", number))
