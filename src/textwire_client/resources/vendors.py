"""What the vendors' clients call with: tokens of users for sipgate's, the account's api_key for Vonage's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from textwire_client.calls import Resource, call, listing
from textwire_client.pages import Page
from textwire_client.request import Request, form, path
from textwire_client.values import NewToken, NewVonage, Token, Vonage

D = TypeVar("D")


class Tokens(Resource[D]):
    """`client.tokens`"""

    @call
    def create(
        self, user: str, name: str, scopes: Sequence[str], *, expires_at: datetime | None = None,
        idempotency_key: str | None = None,
    ) -> Request[NewToken]:  # fmt: skip
        """Make a token of a user, with sipgate's scopes ("all"). Keep its `token`: it is shown this once.

        Conflict if the account has 1,000 tokens.
        """
        body = form(user=user, name=name, scopes=list(scopes), expires_at=expires_at)
        return Request(method="POST", path=path("tokens"), answer=NewToken, body=body, creates=True,
                       idempotency_key=idempotency_key)  # fmt: skip

    @listing
    def list(self, *, limit: int | None = None) -> Request[Page[Token]]:
        """All tokens of the account's users, without what opens."""
        return Request(method="GET", path=path("tokens"), answer=Page[Token], query={"limit": limit})

    @call
    def delete(self, id: str) -> Request[None]:
        """Remove a token: it is refused at once."""
        return Request(method="DELETE", path=path("tokens", id))


class OwnVonage(Resource[D]):
    """`client.vonage`"""

    @call
    def get(self) -> Request[Vonage]:
        """The account's api_key, and since when its secrets are good."""
        return Request(method="GET", path=path("account", "vonage"), answer=Vonage)

    @call
    def create(
        self, *, api_secret: bool | None = None, signature_secret: bool | None = None, end_old: bool | None = None,
        idempotency_key: str | None = None,
    ) -> Request[NewVonage]:  # fmt: skip
        """Make what is lacking, and what is wished anew; keep it, it is shown this once.

        The api_secret before a new one stays good beside it, unless `end_old`; the signature_secret is replaced.
        """
        body = form(api_secret=api_secret, signature_secret=signature_secret, end_old=end_old)
        return Request(method="POST", path=path("account", "vonage"), answer=NewVonage, body=body, creates=True,
                       idempotency_key=idempotency_key)  # fmt: skip
