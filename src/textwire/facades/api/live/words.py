"""The words of the live socket: events as webhooks have them, and the greeting that says where it begins."""

from typing import Final

import msgspec

from textwire.domain.event import Event, identifier
from textwire.domain.message import Message
from textwire.facades.api.events import body
from textwire.live.socket import Frame, frame


class Hello(msgspec.Struct, frozen=True):
    """The first frame. Events behind `position` follow; `gap`: between `after` and there some may be lost."""

    type: str
    position: str
    gap: bool


_encode: Final = msgspec.json.Encoder().encode


def event(told: Event, message: Message | None) -> Frame:
    """An event, word for word as in a webhook's body."""
    return frame(body(identifier(told), told, message))


def hello(position: int, gap: bool) -> Frame:
    """The greeting."""
    return frame(_encode(Hello("hello", f"evt_{position}", gap)))
