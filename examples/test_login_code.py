"""Somebody's login codes, and their tests with a phone in the hand: pytest test_login_code.py"""

import secrets

import pytest

from textwire_client import Client
from textwire_client.testing import Sms


class Login:
    """What is tested: texts a code, and lets in who knows it."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.codes: dict[str, str] = {}

    def begin(self, number: str) -> None:
        self.codes[number] = f"{secrets.randbelow(10**6):06}"
        self.client.messages.send(number, f"Your code is {self.codes[number]}.", class_="otp", validity="5m")

    def finish(self, number: str, code: str) -> bool:
        return secrets.compare_digest(self.codes.pop(number, ""), code)


@pytest.fixture
def login(sms: Sms) -> Login:
    return Login(sms.client)


def test_who_holds_the_phone_gets_in_once(sms: Sms, login: Login) -> None:
    phone = sms.phone()
    login.begin(phone.number)
    code = phone.wait_for(r"code is (\d{6})")[1]
    assert login.finish(phone.number, code)
    assert not login.finish(phone.number, code)


def test_a_code_that_comes_too_late_does_not_come(sms: Sms, login: Login) -> None:
    phone = sms.phone()
    phone.off()
    login.begin(phone.number)
    sms.received_webhooks.wait_for("message.sent")
    sms.clock.advance("10m")
    phone.on()
    assert sms.received_webhooks.wait_for(
        where=lambda event: event.type in {"message.expired", "message.undelivered"}
    )
    assert phone.messages == []
