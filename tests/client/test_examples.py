"""The examples run as they stand."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from textwire_client import Client, testing

EXAMPLES = Path(__file__).parents[2] / "examples"


def environment(sms: testing.Sms) -> dict[str, str]:
    return {**os.environ, **sms.environment}


def test_every_text_is_answered_once_also_those_that_came_between_two_runs(tmp_path: Path) -> None:
    command = [sys.executable, EXAMPLES / "auto_reply.py", tmp_path / "place"]
    with testing.sms() as sms:
        phone = sms.phone()

        def run(text: str) -> None:
            with subprocess.Popen(
                command, env=environment(sms), stdout=subprocess.PIPE, text=True
            ) as running:
                assert running.stdout is not None
                assert running.stdout.readline() == "listening\n"
                phone.text(text)
                phone.wait_for(f"You said: {text}")
                running.kill()

        run("one")
        phone.text("two")
        run("three")
        phone.wait_for("You said: two")
        answers = [one.text for one in phone.messages if one.direction == "in"]
        assert sorted(answers) == ["You said: one", "You said: three", "You said: two"]


def test_a_text_is_sent_later_or_taken_back() -> None:
    def run(sms: testing.Sms, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, EXAMPLES / "send_later.py", *arguments]
        return subprocess.run(
            command, env=environment(sms), capture_output=True, text=True, timeout=60, check=False
        )

    with testing.sms() as sms:
        phone = sms.phone()
        tomorrow = (sms.clock.now + timedelta(hours=12)).isoformat()
        kept, taken = run(sms, phone.number, "later", tomorrow), run(sms, phone.number, "never", tomorrow)
        assert run(sms, "--cancel", taken.stdout.strip()).stdout == "canceled\n"
        sms.clock.advance("24h")
        phone.wait_for("later")
        assert [one.text for one in phone.messages] == ["later"]
        late = run(sms, "--cancel", kept.stdout.strip())
        assert (late.returncode, bool(late.stderr)) == (1, True)
        with Client(sms.url, sms.key) as client:
            assert client.messages.get(kept.stdout.strip()).state in {"sent", "delivered"}


def test_the_login_codes_tests_pass(pytester: pytest.Pytester) -> None:
    pytester.makepyfile((EXAMPLES / "test_login_code.py").read_text())
    plugins = ("-p", "textwire_client.testing", "-p", "no:cacheprovider")
    pytester.runpytest_subprocess(*plugins, timeout=300).assert_outcomes(passed=2)
