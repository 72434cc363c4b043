"""Phones in your tests: a Textwire of its own, an account and numbers for every test, handsets, time and webhooks.

With pytest the fixture `sms` is there as soon as the package is installed. Elsewhere:

    from textwire_client import testing

    with testing.sms() as sms:
        sms.client.messages.send("+447700900123", "Your code is 471100")
        assert sms.phone("+447700900123").wait_for(r"code is (\\d{6})")[1] == "471100"
"""

from .phone import Phone
from .server import NotStarted, Textwire, textwire
from .sms import ClockIsShared, MessageClock, Sms, sms
from .webhooks import ReceivedWebhooks

__all__ = [
    "ClockIsShared", "MessageClock", "NotStarted", "Phone", "ReceivedWebhooks", "Sms", "Textwire", "sms", "textwire",
]  # fmt: skip

pytest_plugins = ("textwire_client.testing.plugin",)
