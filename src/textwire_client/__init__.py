"""Textwire from Python: `Client` and `AsyncClient`, typed results, live events, webhooks.

from textwire_client import Client

with Client("http://127.0.0.1:8080", "tw_…") as client:
    message = client.messages.send("+447700900123", "hello")
    print(client.messages.wait_until_delivered(message.id).state)
"""

from . import values
from .client import AsyncClient, Client
from .errors import (
    BadAnswer,
    BadSignature,
    Conflict,
    ConnectionFailed,
    EventsMissed,
    Forbidden,
    InsufficientBalance,
    InvalidRequest,
    NotDelivered,
    NotFound,
    Problem,
    Refused,
    ServerFailed,
    TextwireError,
    TimedOut,
    TooMany,
    Unauthorized,
    WaitedTooLong,
)
from .looking import NoDefaultNumber
from .notification import Notification
from .values import *  # noqa: F403 - the package's list says what they are
from .values.notices import KandyNotification

__version__ = "0.1.0"
__all__ = [
    "AsyncClient", "BadAnswer", "BadSignature", "Client", "Conflict", "ConnectionFailed", "EventsMissed", "Forbidden",
    "InsufficientBalance", "InvalidRequest", "KandyNotification", "NoDefaultNumber", "NotDelivered", "NotFound", "Notification", "Problem", "Refused",
    "ServerFailed", "TextwireError", "TimedOut", "TooMany", "Unauthorized", "WaitedTooLong",
]  # fmt: skip
__all__ += values.__all__
