"""Hooks and their deliveries: whom to tell of events, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from textwire_client.calls import Resource, call, listing
from textwire_client.pages import Page
from textwire_client.request import Request, form, path
from textwire_client.values import Delivery, DeliveryStory, Hook, HookWithSecret, Replay

D = TypeVar("D")


class Hooks(Resource[D]):
    """`client.hooks`"""

    @call
    def create(
        self, url: str, events: Sequence[str], *, numbers: Sequence[str] | None = None,
        idempotency_key: str | None = None,
    ) -> Request[HookWithSecret]:  # fmt: skip
        """Have an address told of events. Keep the `secret`: it is shown this once.

        InvalidRequest for an address that is never called, Conflict if the account has 1,000 hooks.
        """
        body = form(url=url, events=list(events), numbers=None if numbers is None else list(numbers))
        return Request(method="POST", path=path("hooks"), answer=HookWithSecret, body=body, creates=True,
                       idempotency_key=idempotency_key)  # fmt: skip

    @listing
    def list(self, *, limit: int | None = None) -> Request[Page[Hook]]:
        """All hooks."""
        return Request(method="GET", path=path("hooks"), answer=Page[Hook], query={"limit": limit})

    @call
    def get(self, id: str) -> Request[Hook]:
        """One hook."""
        return Request(method="GET", path=path("hooks", id), answer=Hook)

    @call
    def change(
        self,
        id: str,
        *,
        url: str | None = None,
        events: Sequence[str] | None = None,
        state: str | None = None,
    ) -> Request[Hook]:
        """Change what is named; `state` is `active` or `disabled`."""
        body = form(url=url, events=None if events is None else list(events), state=state)
        return Request(method="PATCH", path=path("hooks", id), answer=Hook, body=body, repeatable=True)

    @call
    def limit_to(self, id: str, numbers: Sequence[str] | None) -> Request[Hook]:
        """Tell it of events about these numbers only, or with None about all."""
        body = {"numbers": None if numbers is None else list(numbers)}
        return Request(method="PATCH", path=path("hooks", id), answer=Hook, body=body, repeatable=True)

    @call
    def rotate(self, id: str, *, idempotency_key: str | None = None) -> Request[HookWithSecret]:
        """A new secret; for 24 hours calls are signed with the old one, too."""
        return Request(method="POST", path=path("hooks", id, "rotate"), answer=HookWithSecret, creates=True,
                       idempotency_key=idempotency_key)  # fmt: skip

    @call
    def test(self, id: str) -> Request[DeliveryStory]:
        """Call the address now with the event `hook.test`, and see what it says."""
        return Request(method="POST", path=path("hooks", id, "test"), answer=DeliveryStory)

    @call
    def replay(self, id: str, since: datetime, *, delivered: bool = False) -> Request[Replay]:
        """Tell again what it failed to get since then, with `delivered` also what it got.

        Conflict for a disabled hook, and while a replay is under way; InvalidRequest for what is not kept any more.
        """
        return Request(method="POST", path=path("hooks", id, "replay"), answer=Replay,
                       body=form(since=since, delivered=delivered))  # fmt: skip

    @listing
    def deliveries(
        self, id: str, *, state: str | None = None, limit: int | None = None
    ) -> Request[Page[Delivery]]:
        """What the hook was told of in the last 7 days; `state` is `pending`, `delivered` or `failed`."""
        query = {"state": state, "limit": limit}
        return Request(method="GET", path=path("hooks", id, "deliveries"), answer=Page[Delivery], query=query)

    @call
    def delete(self, id: str) -> Request[None]:
        """Tell it nothing any more."""
        return Request(method="DELETE", path=path("hooks", id))


class Deliveries(Resource[D]):
    """`client.deliveries`"""

    @call
    def get(self, id: str) -> Request[DeliveryStory]:
        """One delivery with its attempts."""
        return Request(method="GET", path=path("deliveries", id), answer=DeliveryStory)

    @call
    def replay(self, id: str) -> Request[Delivery]:
        """Tell it again, under the same id. Conflict for a disabled hook, and for what cannot be told again."""
        return Request(method="POST", path=path("deliveries", id, "replay"), answer=Delivery)
