"""A handset in the hand of a test."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from textwire_client.errors import WaitedTooLong
from textwire_client.values import Handset, PhoneMessage

if TYPE_CHECKING:
    from .sms import Sms

LONGEST_WAIT = 5.0


class Phone:
    """The handset with this number, as far as this test's account has to do with it."""

    def __init__(self, sms: Sms, number: str) -> None:
        self._sms, self.number = sms, number
        self._phones = sms.textwire.client.simnet.phones
        self._found: set[str] = set()

    @property
    def messages(self) -> list[PhoneMessage]:
        """What it shows of this test's messages, oldest first: `in` came to it, `out` its person wrote."""
        return [
            one
            for one in list(self._phones.messages(self.number, limit=100))[::-1]
            if self._sms.concerns(one)
        ]

    def wait_for(self, pattern: str | re.Pattern[str] = "", *, timeout: float = 10.0) -> re.Match[str]:
        """The match in the first message that came and fits, awaited for `timeout` seconds.

        A message is found once: the next call looks at the others. WaitedTooLong tells what there was instead.
        """
        deadline, wait = time.monotonic() + timeout, 0.0
        after: str | None = None
        while True:
            page = self._phones.wait(self.number, wait, after=after)
            after = page.items[0].id if page.items else after
            for message in reversed(page.items):
                found = self._fits(message, pattern)
                if found is not None:
                    return found
            wait = min(LONGEST_WAIT, deadline - time.monotonic())
            if wait <= 0:
                shown = [one.text for one in self.messages if one.direction == "in"]
                raise WaitedTooLong(f"{self.number} shows no {pattern!r} after {timeout} s, but {shown}")

    def _fits(self, message: PhoneMessage, pattern: str | re.Pattern[str]) -> re.Match[str] | None:
        """What fits in a message that came and was not found before."""
        if message.direction != "in" or message.id in self._found or not self._sms.concerns(message):
            return None
        found = re.search(pattern, message.text)
        if found is not None:
            self._found.add(message.id)
        return found

    def text(self, text: str, to: str | None = None) -> PhoneMessage:
        """Its person texts: to the account's first number, unless another is named. The text has arrived then."""
        return self._phones.text(self.number, to or self._sms.number, text)

    def off(self) -> Handset:
        """Switch it off: what is sent to it waits."""
        return self._set("off")

    def on(self) -> Handset:
        """Switch it on."""
        return self._set("on")

    def full(self) -> Handset:
        """Its memory is full."""
        return self._set("full")

    def gone(self) -> Handset:
        """The network does not know it any more."""
        return self._set("gone")

    def answers(self, answer: str = "you said {text}") -> Handset:
        """Its person answers every text; `{text}` is what came."""
        self._sms.changed.add(self.number)
        return self._phones.change(self.number, answer=answer)

    def _set(self, state: str) -> Handset:
        self._sms.changed.add(self.number)
        return self._phones.change(self.number, state=state)
