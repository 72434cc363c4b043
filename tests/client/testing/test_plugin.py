"""The pytest plugin as its users have it: suites of their own, run by a pytest of their own."""

import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest

from tests.serving import Server

ROOT = Path(__file__).parents[3]
PLUGIN = ("-p", "textwire_client.testing", "-p", "no:cacheprovider", "-q")


def suite(pytester: pytest.Pytester, source: str, *options: str) -> pytest.RunResult:
    pytester.makepyfile(textwrap.dedent(source))
    return pytester.runpytest_subprocess(*PLUGIN, *options, timeout=300)


def test_somebodys_login_code_is_tested_with_a_phone_in_the_hand(pytester: pytest.Pytester) -> None:
    suite(
        pytester,
        """
        import secrets
        import pytest
        from textwire_client import WaitedTooLong

        def log_in(client, number):
            code = f"{secrets.randbelow(10**6):06}"
            client.messages.send(number, f"Your login code {code} is good for 5 minutes.")
            return code

        def test_the_code_arrives(sms):
            phone = sms.phone("+447700900123")
            sent = log_in(sms.client, "+447700900123")
            assert phone.wait_for(r"code (\\d{6})")[1] == sent
            assert [message.from_ for message in phone.messages] == [sms.number]
            again = log_in(sms.client, "+447700900123")
            assert phone.wait_for(r"code (\\d{6})")[1] == again

        def test_what_others_were_sent_is_not_seen(sms):
            assert sms.phone("+447700900123").messages == []
            with pytest.raises(WaitedTooLong, match="447700900123 shows no"):
                sms.phone("+447700900123").wait_for("code", timeout=0.3)

        def test_a_reply_comes_in_and_is_told(sms):
            phone = sms.phone()
            phone.text("YES")
            event = sms.received_webhooks.wait_for("message.received")
            assert (event.message.text, event.message.from_, event.message.to) == ("YES", phone.number, sms.number)
            assert sms.client.messages.list(direction="in").first().text == "YES"
            assert [one.type for one in sms.received_webhooks].count("message.received") == 1

        def test_a_phone_that_is_off_gets_it_later(sms):
            phone = sms.phone("+447700900124")
            phone.off()
            sms.client.messages.send(phone.number, "hello")
            with pytest.raises(WaitedTooLong):
                phone.wait_for("hello", timeout=0.3)

        def test_which_is_on_again_for_the_next_test(sms):
            phone = sms.phone("+447700900124")
            assert sms.textwire.client.simnet.phones.get(phone.number).state == "on"
            phone.answers("you said {text}")
            sms.client.messages.send(phone.number, "ping")
            assert sms.received_webhooks.wait_for("message.received").message.text == "you said ping"
            assert [one.text for one in phone.messages] == ["ping", "you said ping"]

        def test_a_number_of_ones_own_may_be_proved_and_sent_from(sms):
            mine, friend = sms.phone(), sms.phone()
            sms.client.senders.create(mine.number)
            sms.client.senders.verify(mine.number, mine.wait_for(r"(\\d{6})")[1])
            sms.client.messages.send(friend.number, "it is me", from_=mine.number)
            assert friend.wait_for("it is me")

        def test_an_app_gets_its_environment(sms, monkeypatch):
            from textwire_client import Client
            for name, value in sms.environment.items():
                monkeypatch.setenv(name, value)
            with Client() as app:
                assert app.account.get().id == sms.account.id
        """,
    ).assert_outcomes(passed=7)


def test_a_test_that_steps_the_clock_has_its_server_to_itself(pytester: pytest.Pytester) -> None:
    suite(
        pytester,
        """
        from datetime import datetime, timedelta, timezone
        import pytest

        seen = {}
        DAY = timedelta(days=1)

        def ahead(sms):
            return sms.textwire.client.simnet.clock.get().ahead_seconds

        def test_before(sms):
            seen["before"] = sms.url

        def test_a_schedule_fires_at_once(sms):
            phone, at = sms.phone(), datetime.now(timezone.utc) + DAY / 2
            sms.client.messages.send(phone.number, "tomorrow", send_at=at)
            sms.clock.advance("24h")
            assert phone.wait_for("tomorrow")
            assert sms.clock.now - datetime.now(timezone.utc) > DAY / 2

        def test_after(sms):
            assert ahead(sms) < 1
            assert sms.url != seen["before"]
            seen["after"] = sms.url

        @pytest.mark.own_textwire
        def test_a_marked_one_has_it_from_the_start(sms):
            assert sms.url not in seen.values()
            assert sms.clock.freeze().frozen and not sms.clock.thaw().frozen

        def test_the_shared_one_goes_on(sms):
            assert sms.url == seen["after"]
        """,
    ).assert_outcomes(passed=5)


def test_many_tests_share_one_server_and_nothing_else(pytester: pytest.Pytester) -> None:
    suite(
        pytester,
        """
        import pytest

        urls, accounts, numbers = set(), set(), set()

        @pytest.mark.parametrize("n", range(40))
        def test_one(sms, n):
            sms.phone("+447700900125").text("STOP")
            assert [one.number for one in sms.client.opt_outs.list()] == ["+447700900125"]
            assert len(list(sms.client.messages.list(direction="in"))) == 1
            urls.add(sms.url), accounts.add(sms.account.id), numbers.add(sms.number)

        def test_all():
            assert (len(urls), len(accounts), len(numbers)) == (1, 40, 40)
        """,
    ).assert_outcomes(passed=41)


def test_a_server_that_runs_already_is_used_and_its_clock_left_alone(
    pytester: pytest.Pytester, running: Server, key: str
) -> None:
    suite(
        pytester,
        f"""
        import pytest
        from textwire_client.testing import ClockIsShared

        def test_it(sms):
            assert sms.url == "{running.url}"
            with pytest.raises(ClockIsShared, match="own_textwire"):
                sms.clock.advance("24h")
            sms.client.messages.send("+447700900126", "hello")
            assert sms.phone("+447700900126").wait_for("hello")
        """,
        f"--textwire-url={running.url}",
        f"--textwire-key={key}",
    ).assert_outcomes(passed=1)


def test_kandys_credentials_are_those_of_the_test(pytester: pytest.Pytester) -> None:
    suite(
        pytester,
        """
        import json, urllib.parse, urllib.request

        def test_they_log_in(sms, kandy_credentials):
            asked = {"client_id": kandy_credentials["client_id"], "username": kandy_credentials["email"],
                     "password": kandy_credentials["password"], "grant_type": "password", "scope": "openid"}
            url = kandy_credentials["base_url"] + "/cpaas/auth/v1/token"
            with urllib.request.urlopen(url, urllib.parse.urlencode(asked).encode()) as answer:
                assert json.load(answer)["access_token"]
        """,
    ).assert_outcomes(passed=1)


VENDORS = """
    import base64, json, urllib.error, urllib.parse, urllib.request
    import pytest

    seen = set()

    def ask(own, path, body=None, pair=None, form=None):
        headers = {"Content-Type": "application/json"} if form is None else {}
        if pair:
            headers["Authorization"] = "Basic " + base64.b64encode(":".join(pair).encode()).decode()
        data = urllib.parse.urlencode(form).encode() if form else None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(own["base_url"] + path, data, headers)) as answer:
            return json.loads(answer.read() or b"null")

    @pytest.mark.parametrize("n", range(2))
    def test_vonage(sms, vonage_credentials, n):
        own = vonage_credentials
        form = {"api_key": own["api_key"], "api_secret": own["api_secret"], "from": "Acme", "to": "447700900123", "text": "hello"}
        assert ask(own, "/sms/json", form=form)["messages"][0]["status"] == "0"
        assert [one.text for one in sms.client.messages.list()] == ["hello"]
        seen.add(own["api_key"])
        seen.add(own["api_secret"])

    @pytest.mark.parametrize("n", range(2))
    def test_sipgate(sms, sipgate_credentials, n):
        own = sipgate_credentials
        pairs = (own["token_id"], own["token"]), (own["email"], own["password"])
        for pair in pairs:
            text = {"smsId": own["sms_id"], "recipient": "+447700900123", "message": "hello"}
            assert ask(own, "/v2/sessions/sms", text, pair) is None
            assert ask(own, "/v2/authorization/userinfo", pair=pair)["sub"] == own["user_id"]
        assert sms.phone("+447700900123").wait_for("hello")
        assert [one.from_ for one in sms.client.messages.list()] == ["sipgate"] * 2
        seen.add(own["token_id"])
        seen.add(own["email"])

    def test_which_user_it_is_may_differ(sms):
        sms.client.users.create("first@example.test")
        own = sms.sipgate()
        assert own["user_id"] != "w0" and own["sms_id"][1:] == own["user_id"][1:]
        assert sms.kandy()["email"] == own["email"]
        seen.add(own["token_id"])
        seen.add(own["email"])

    def test_all_are_different():
        assert len(seen) == 10
"""


def test_the_other_vendors_credentials_are_those_of_the_test_too(pytester: pytest.Pytester) -> None:
    suite(pytester, VENDORS).assert_outcomes(passed=6)


def test_they_are_on_a_server_that_runs_already(pytester: pytest.Pytester, running: Server, key: str) -> None:
    options = (f"--textwire-url={running.url}", f"--textwire-key={key}")
    suite(pytester, VENDORS, *options).assert_outcomes(passed=6)


def test_what_another_account_sends_under_the_same_name_is_not_seen(pytester: pytest.Pytester) -> None:
    suite(
        pytester,
        """
        def test_it(textwire):
            with textwire.sms() as one, textwire.sms() as other:
                one.client.messages.send("+447700900129", "for one", from_="Acme")
                assert one.phone("+447700900129").wait_for("for one")
                assert other.phone("+447700900129").messages == []
        """,
    ).assert_outcomes(passed=1)


def test_it_is_there_as_soon_as_the_package_is_installed(tmp_path: Path) -> None:
    """By the entry point of the wheel that the project builds, with the checkout out of the way."""
    built, site = tmp_path / "built", tmp_path / "site"
    offline = ("--no-deps", "--no-index", "--no-build-isolation", "--quiet", "--disable-pip-version-check")
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *offline, "-w", built, ROOT / "client"],
        check=True,
        timeout=300,
    )
    with zipfile.ZipFile(next(built.glob("*.whl"))) as packed:
        packed.extractall(site)
    look = "import sys; sys.path.insert(0, sys.argv[1]); import pytest; raise SystemExit(pytest.main(sys.argv[2:]))"
    shown = subprocess.run(
        [sys.executable, "-c", look, site, "--fixtures", "-q", "--rootdir", tmp_path, tmp_path],
        cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    for fixture in ("kandy_credentials", "vonage_credentials", "vonage_application", "sipgate_credentials"):
        assert fixture in shown.stdout, shown.stdout + shown.stderr
    assert (
        f"{site}/textwire_client/testing/plugin.py" in shown.stdout or "site/textwire_client" in shown.stdout
    )
