"""The examples run as they stand."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.browser import browser
from tests.client.programs import fetch, line, running, until
from textwire.facades.vonage.signatures import sign
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
                phone.wait_for(f"You said {text}")
                running.kill()

        run("one")
        phone.text("two")
        run("three")
        phone.wait_for("You said two")
        answers = [one.text for one in phone.messages if one.direction == "in"]
        assert sorted(answers) == ["You said one", "You said three", "You said two"]


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


def test_the_starter_app_sends_and_shows_what_comes_escaped() -> None:
    with testing.sms() as sms, running(EXAMPLES / "sms_starter_app.py", "0", **sms.environment) as app:
        url, phone = line(app, r"open (http://\S+)")[1], sms.phone()
        assert fetch(url, {"to": phone.number, "text": "hi :)"})[0] == 200  # the page again
        phone.wait_for("hi :")
        phone.text("<script>alert(1)</script>")
        until(lambda: "inbound" in fetch(url)[1] and "DeliveredToNetwork" in fetch(url)[1])
        page = fetch(url)[1]
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page
        assert page.index("alert(1)") < page.index("hi :)")  # newest first
        with Client(sms.url, sms.key) as client:
            client.messages.delete(client.messages.list(direction="in").first().id)  # type: ignore[union-attr]
            until(lambda: "alert(1)" not in fetch(url)[1])


def test_the_starter_apps_page_shows_by_itself_what_comes(tmp_path: Path) -> None:
    app = EXAMPLES / "sms_starter_app.py"
    with browser(tmp_path) as page, testing.sms() as sms, running(app, "0", **sms.environment) as started:
        page.open(line(started, r"open (http://\S+)")[1])
        page.until("!!document.querySelector('form')")
        sms.phone().text("<b>Fine</b>, thanks")
        page.until("document.querySelector('main').innerText.includes('<b>Fine</b>, thanks')")
        assert page.complaints == []


def test_the_starter_app_says_what_is_wrong_and_obeys_no_stranger() -> None:
    with testing.sms() as sms, running(EXAMPLES / "sms_starter_app.py", "0", **sms.environment) as app:
        url = line(app, r"open (http://\S+)")[1]
        status, page = fetch(url, {"to": "+1", "text": '"<i>'})
        assert (status, "&quot;&lt;i&gt;" in page or "&lt;i&gt;</textarea>" in page) == (422, True)
        form = {"to": sms.phone().number, "text": "not mine"}
        assert fetch(url, form, Origin="https://example.com")[0] == 404
        assert fetch(url, form, Host="example.com")[0] == 404
        assert fetch(url + "inbound-sms/webhook", form)[0] == 401  # not signed
        with Client(sms.url, sms.key) as client:
            assert client.messages.list().first() is None
            assert len(client.conversation.subscriptions()) == 1
            app.terminate()
            app.wait(60)
            assert client.conversation.subscriptions() == ()


def test_a_conversation_is_held_in_a_terminal() -> None:
    with testing.sms() as sms:
        phone = sms.phone()
        with running(EXAMPLES / "console_conversation.py", phone.number, **sms.environment) as console:
            assert console.stdin is not None
            assert line(console, r"(\S+) writes to (\S+)").groups() == (sms.number, phone.number)
            print("are you there?", file=console.stdin, flush=True)
            phone.wait_for("are you there")
            line(console, "delivered: are you there")
            phone.text("yes \x1b[2J")
            assert line(console, r"^(\S+): (.*)").groups() == (phone.number, "yes ·[2J")
            console.stdin.close()
            assert console.wait(60) == 0


def test_every_text_is_answered_once_on_vonages_wire() -> None:
    with testing.textwire() as server:
        known = server.credentials["vonage"]
        names = {
            f"VONAGE_{name.upper()}": known[name] for name in ("api_key", "api_secret", "signature_secret")
        }
        with running(EXAMPLES / "auto_reply_vonage.py", "0", VONAGE_URL=server.url, **names) as app:
            url = line(app, r"listening on (\S+)")[1]
            phones, number = server.client.simnet.phones, server.credentials["numbers"][0]

            def shown() -> list[str]:
                return [one.text for one in phones.messages("+447700900123") if one.direction == "in"]

            server.client.numbers.change(number, settings={"inbound_url": url})
            forged = f"msisdn=447700900123&to={number[1:]}&messageId=1&text=forged&type=text&sig=1"
            assert fetch(f"{url}?{forged}")[0] == 404
            phones.text("+447700900123", to=number, text="hällo = & ☺")
            until(lambda: shown() != [])
            assert shown() == ["You said hällo = & ☺"]
            long = {
                "msisdn": "447700900123",
                "to": number[1:],
                "messageId": "2",
                "text": "x" * 160,
                "type": "text",
            }
            told = f"{url}?{urlencode(long | {'sig': sign('sha256', known['signature_secret'], long)})}"
            assert [fetch(told)[0], fetch(told)[0]] == [204, 204]
            sent = [one.text for one in server.client.messages.list(direction="out")]
            assert sent == ["You said " + "x" * 160, "You said hällo = & ☺"]


def test_a_text_is_sent_later_on_sipgates_wire() -> None:
    with testing.textwire() as server:
        known = server.credentials["sipgate"]
        names = {
            "SIPGATE_TOKEN_ID": known["token_id"],
            "SIPGATE_TOKEN": known["token"],
            "SIPGATE_URL": f"{server.url}/v2",
        }

        def run(at: datetime) -> "subprocess.CompletedProcess[str]":
            command = [
                sys.executable,
                EXAMPLES / "send_later_sipgate.py",
                "+4915799999123",
                "später",
                at.isoformat(),
            ]
            return subprocess.run(
                command, env={**os.environ, **names}, capture_output=True, text=True, timeout=60, check=False
            )

        clock, phones = server.client.simnet.clock, server.client.simnet.phones
        now = clock.get().now
        late = run(now + timedelta(days=60))
        assert (late.returncode, late.stdout, "400" in late.stderr) == (1, "", True)
        assert run(now + timedelta(days=1)).stdout == "it will be sent\n"
        assert list(phones.messages("+4915799999123")) == []
        clock.advance("25h")
        until(lambda: [one.text for one in phones.messages("+4915799999123")] == ["später"])
