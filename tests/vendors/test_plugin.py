"""The pytest plugin's fixtures in the hands of the vendors' unmodified Python SDKs, in a pytest of their own.

The SDKs live in environments of their own, of the same Python: the suites put those behind their path.
"""

import textwrap

import pytest

from tests.serving import Server

from .packages import installed

PLUGIN = ("-p", "textwire_client.testing", "-p", "no:cacheprovider", "-q")
VONAGE = """
import pytest
from vonage import Auth, HttpClientOptions, Vonage
from vonage_messages import Sms as SmsOfMessages
from vonage_sms import SmsMessage

PHONE = "+447700900123"
seen = set()

@pytest.fixture
def connect(monkeypatch):
    def make(own, **auth):
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", own["ca_file"])
        return Vonage(Auth(**auth), HttpClientOptions(rest_host=own["https"], api_host=own["https"]))
    return make

def of(own, *names):
    return {name: own[name] for name in names}

@pytest.mark.parametrize("n", range(2))
def test_each_has_an_account_of_its_own(connect, sms, vonage_credentials, n):
    assert vonage_credentials["api_key"] not in seen
    seen.add(vonage_credentials["api_key"])
    client, phone = connect(vonage_credentials, **of(vonage_credentials, "api_key", "api_secret")), sms.phone(PHONE)
    assert (list(sms.client.messages.list()), phone.messages) == ([], [])
    client.sms.send(SmsMessage(to=PHONE[1:], from_="Acme", text=f"Your code is 4711{n}"))
    assert phone.wait_for(r"code is (\\d+)")[1] == f"4711{n}"
    assert [one.text for one in phone.messages] == [f"Your code is 4711{n}"]
    assert [one.text for one in sms.client.messages.list()] == [f"Your code is 4711{n}"]
    assert client.account.get_balance().value < 1000
    assert [one.msisdn for one in client.numbers.list_owned_numbers()[0]] == [sms.number[1:]]

def test_it_signs(connect, sms, vonage_credentials):
    own = of(vonage_credentials, "api_key", "signature_secret")
    client = connect(vonage_credentials, **own, signature_method="sha256")
    client.sms.send(SmsMessage(to=PHONE[1:], from_=sms.number[1:], text="signed"))
    assert sms.phone(PHONE).wait_for("signed")

def test_it_has_an_application(connect, sms, vonage_application):
    client = connect(vonage_application, **of(vonage_application, "application_id", "private_key"))
    client.messages.send(SmsOfMessages(from_=sms.number[1:], to=PHONE[1:], text="by a token"))
    assert sms.phone(PHONE).wait_for("by a token")
"""
KANDY = """
import cpaassdk
import pytest

PHONE = "+447700900124"
seen = set()

@pytest.mark.parametrize("kind", ["user", "project"])
@pytest.mark.parametrize("n", range(2))
def test_each_has_an_account_of_its_own(sms, kandy_credentials, kind, n):
    own, phone = kandy_credentials, sms.phone(PHONE)
    assert own["client_id"] not in seen
    seen.add(own["client_id"])
    config = {"base_url": own["base_url"]}
    if kind == "user":
        config |= {"client_id": own["client_id"], "email": own["email"], "password": own["password"]}
    else:
        config |= {"client_id": own["project_client_id"], "client_secret": own["project_client_secret"]}
    client = cpaassdk.Client(config)
    assert phone.messages == []
    client.conversation.create_message({
        "type": "sms", "destination_address": PHONE, "sender_address": sms.number, "message": f"for {kind} {n}",
    })
    assert phone.wait_for(f"for {kind} {n}")
    assert [one.text for one in sms.client.messages.list()] == [f"for {kind} {n}"]
"""


def suite(pytester: pytest.Pytester, vendor: str, source: str, *options: str) -> pytest.RunResult:
    [packages] = (installed(vendor) / "lib").glob("python3*/site-packages")
    behind = f"import sys\nsys.path.append({str(packages)!r})\n"
    pytester.makepyfile(behind + textwrap.dedent(source))
    return pytester.runpytest_subprocess(*PLUGIN, *options, timeout=300)


def test_vonages_sdk_sends_signs_and_makes_tokens_for_each_test_alone(pytester: pytest.Pytester) -> None:
    suite(pytester, "vonage", VONAGE).assert_outcomes(passed=4)


def test_kandys_sdk_works_for_each_test_alone(pytester: pytest.Pytester) -> None:
    suite(pytester, "kandy", KANDY).assert_outcomes(passed=4)


def test_a_server_that_runs_already_gives_them_too(pytester: pytest.Pytester, server: Server) -> None:
    suite(
        pytester, "vonage", VONAGE, f"--textwire-url={server.urls['http']}",
        f"--textwire-key={server.credentials['api']['key']}",
        f"--textwire-https={server.urls['https'].removeprefix('https://')}",
        f"--textwire-ca={server.data / 'tls' / 'ca.pem'}",
    ).assert_outcomes(passed=4)  # fmt: skip
