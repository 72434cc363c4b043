"""What `client.conversation` answers: texts that were sent, and who is told of those that come."""

from __future__ import annotations

from typing import Literal

from .base import Value
from .hooks import Hook


class DeliveryInfo(Value, frozen=True, kw_only=True):
    """What is known of one destination: in Kandy's words, and in ours with the message's id."""

    destination_address: str
    delivery_status: Literal["DeliveredToNetwork", "DeliveryImpossible"]
    message_id: str
    state: str


class CreatedMessage(Value, frozen=True, kw_only=True):
    """A text that was sent; `sender_address` is the number that it went from, for `default` too."""

    message: str
    sender_address: str
    delivery_info: tuple[DeliveryInfo, ...]


class Subscription(Hook, frozen=True, kw_only=True):
    """A webhook of one number of the account's: a hook, whose `id` is the subscription's."""

    @property
    def subscription_id(self) -> str:
        """What `unsubscribe` wants."""
        return self.id

    @property
    def webhook_url(self) -> str:
        """Who is told."""
        return self.url

    @property
    def destination_address(self) -> str:
        """The number that it is about."""
        return self.numbers[0] if self.numbers else ""


class NewSubscription(Subscription, frozen=True, kw_only=True):
    """A subscription with the secret that its calls are signed with, shown this once."""

    secret: str

    def __repr__(self) -> str:
        return f"NewSubscription(id={self.id!r}, url={self.url!r})"  # never the secret
