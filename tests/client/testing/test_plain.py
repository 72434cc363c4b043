"""Phones in tests without pytest: unittest, and plain code."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.serving import Server
from textwire_client import ConnectionFailed, WaitedTooLong, testing


def test_a_with_gives_an_account_on_a_server_that_ends_with_it() -> None:
    with testing.sms() as sms:
        sms.client.messages.send("+447700900123", "Your code is 471100")
        assert sms.phone("+447700900123").wait_for(r"code is (\d{6})")[1] == "471100"
        url, credentials = sms.url, sms.textwire.credentials
        assert credentials["account"] == "demo"
    with pytest.raises(ConnectionFailed), testing.sms(url, "k"):
        pass


def test_unittest_uses_it(tmp_path: Path) -> None:
    (tmp_path / "test_case.py").write_text(
        textwrap.dedent(
            """
            import contextlib
            import unittest
            from textwire_client import testing

            class Login(unittest.TestCase):
                def setUp(self):
                    lives = contextlib.ExitStack()
                    self.addCleanup(lives.close)
                    self.sms = lives.enter_context(testing.sms())

                def test_code(self):
                    self.sms.client.messages.send("+447700900123", "code 1")
                    self.assertTrue(self.sms.phone("+447700900123").wait_for("code"))
            """
        )
    )
    done = subprocess.run(
        [sys.executable, "-m", "unittest", "-q", "test_case"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr


def test_two_accounts_on_one_server_know_nothing_of_each_other(running: Server, key: str) -> None:
    with testing.textwire(running.url, key) as server, server.sms() as one, server.sms(country="DE") as other:
        assert other.number.startswith("+49")
        one.phone("+447700900127").text("for one")
        one.received_webhooks.wait_for("message.received")
        with pytest.raises(WaitedTooLong):
            other.received_webhooks.wait_for("message.received", timeout=0.2)
        assert other.phone("+447700900127").messages == []
        assert [event.type for event in one.received_webhooks[:1]] == ["message.received"]


def test_without_a_textwire_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(testing.NotStarted, match="TEXTWIRE_TEST_URL"):
        testing.Textwire.start()


def test_a_webhook_that_is_not_signed_is_not_taken(running: Server, key: str) -> None:
    import urllib.error
    import urllib.request

    with testing.sms(running.url, key) as sms:
        [hook] = sms.client.hooks.list()
        with pytest.raises(urllib.error.HTTPError) as raised:
            urllib.request.urlopen(urllib.request.Request(hook.url, b"{}"), timeout=10)
        assert raised.value.code == 401
        assert list(sms.received_webhooks) == []
