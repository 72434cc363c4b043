"""Conversations: all messages between a number of the account's and one elsewhere."""

from __future__ import annotations

from typing import TypeVar

from textwire_client.calls import Resource, call, listing
from textwire_client.pages import Page
from textwire_client.request import Request, path
from textwire_client.values import Conversation, Deleted, Message

D = TypeVar("D")


class Conversations(Resource[D]):
    """`client.conversations`"""

    @listing
    def list(
        self, *, number: str | None = None, remote: str | None = None, unread: bool | None = None,
        limit: int | None = None,
    ) -> Request[Page[Conversation]]:  # fmt: skip
        """Conversations, the one that was active last first."""
        query = {"number": number, "remote": remote, "unread": unread, "limit": limit}
        return Request(method="GET", path=path("conversations"), answer=Page[Conversation], query=query)

    @listing
    def messages(self, number: str, remote: str, *, limit: int | None = None) -> Request[Page[Message]]:
        """The messages of one, newest first."""
        where = path("conversations", number, remote, "messages")
        return Request(method="GET", path=where, answer=Page[Message], query={"limit": limit})

    @call
    def mark_read(self, number: str, remote: str) -> Request[Conversation]:
        """Everything that has come so far is read."""
        where = path("conversations", number, remote, "read")
        return Request(method="POST", path=where, answer=Conversation, repeatable=True)

    @call
    def delete(self, number: str, remote: str) -> Request[Deleted]:
        """Delete the conversation; what is still under way is kept."""
        return Request(method="DELETE", path=path("conversations", number, remote), answer=Deleted)

    @call
    def delete_message(self, number: str, remote: str, id: str) -> Request[None]:
        """Delete one message of it; Conflict if it is still under way."""
        return Request(method="DELETE", path=path("conversations", number, remote, "messages", id))
