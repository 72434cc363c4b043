"""`eval "$(textwire env …)"`, then a vendor's own client that was told nothing else: it comes here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.serving import Server

from .library import Library, library, node
from .packages import installed, python_of
from .shell import run, shell
from .vonage import PHONE

SMS = {"to": PHONE[1:], "from": "AcmeInc"}
GERMAN = "+4915799999127"


@contextmanager
def told_nothing(
    server: Server, scripts: Path, vendor: str, package: str, config: object, after: str = ""
) -> Iterator[Library]:
    """A Node library in such a shell."""
    script = scripts / ("sipgateio_client.js" if vendor == "sipgate" else "vonage_client.js")
    with library(shell(server, vendor, [node(), script, installed(package)], after), config) as one:
        yield one


@pytest.fixture(scope="module")
def auth(server: Server) -> dict[str, str]:
    vonage = server.credentials["vonage"]
    return {"apiKey": vonage["api_key"], "apiSecret": vonage["api_secret"]}


def test_the_node_sdk_comes_though_it_calls_rest_nexmo_com(
    server: Server, scripts: Path, auth: dict[str, str]
) -> None:
    """It fetches, which is not what the older one does."""
    with told_nothing(server, scripts, "vonage", "vonage-node", {"auth": auth}) as sdk:
        sdk.call("sms.send", {**SMS, "text": "fetched"})
        assert sdk.call("applications.getApplicationPage")["total_items"] >= 1  # api.nexmo.com
    assert server.arrives(PHONE, "fetched")


def test_the_older_node_sdk_comes_too(server: Server, scripts: Path, auth: dict[str, str]) -> None:
    with told_nothing(server, scripts, "vonage", "nexmo-node", {"auth": auth}) as sdk:
        sdk.call("message.sendSms", SMS["from"], SMS["to"], "by https.request", {})
        assert sdk.call("account.listSecrets", auth["apiKey"])["_embedded"]["secrets"]  # api.nexmo.com
    assert server.arrives(PHONE, "by https.request")


def test_nothing_goes_to_the_vendor_when_the_server_is_gone(
    server: Server, scripts: Path, auth: dict[str, str], tmp_path: Path
) -> None:
    away = f'mv "$0/ready.json" {tmp_path}/'
    try:
        with told_nothing(server, scripts, "vonage", "nexmo-node", {"auth": auth}, away) as sdk:
            said = sdk.raised("message.sendSms", SMS["from"], SMS["to"], "to nobody", {})
            assert said["said"] == "connect ECONNREFUSED 127.0.0.1:1"
    finally:
        (tmp_path / "ready.json").rename(server.data / "ready.json")


def test_the_python_sdk_takes_credentials_and_trust_from_it(server: Server, tmp_path: Path) -> None:
    program = (
        "import os, vonage\n"
        "client = vonage.Client()\n"
        "client.host(os.environ['VONAGE_HOST'])\n"
        f"print(client.sms.send_message({SMS | {'text': 'signed, too'}})['messages'][0]['status'])"
    )
    done = run(server, "vonage", python_of("vonage3"), "-c", program, home=tmp_path)
    assert done.stdout == "0\n", done.stderr
    assert server.arrives(PHONE, "signed, too")


@pytest.mark.parametrize("after", ["", "unset HTTPS_PROXY"], ids=["by the proxy", "by the script"])
def test_sipgates_library_comes_by_the_proxy_and_by_the_script(
    server: Server, scripts: Path, after: str
) -> None:
    kept = server.credentials["sipgate"]
    config = {"tokenId": kept["token_id"], "token": kept["token"]}
    with told_nothing(server, scripts, "sipgate", "sipgate", config, after) as sipgate:
        assert sipgate.ready == "w0"
        sipgate.call("SMS.send", {"message": f"Grüße {after}", "to": GERMAN, "smsId": "s0"})
    assert server.arrives(GERMAN, f"Grüße {after}")


class Cli:
    """The vendor's command line, in such a shell."""

    def __init__(self, server: Server, home: Path) -> None:
        self._server, self._home = server, home
        self._program = installed("vonage-cli") / "node_modules" / ".bin" / "vonage"

    def __call__(self, *words: str) -> tuple[int, str]:
        """(the exit code, all that it says)"""
        done = run(self._server, "vonage", node(), self._program, *words, home=self._home)
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def cli(server: Server, tmp_path: Path) -> Cli:
    return Cli(server, tmp_path)


def test_the_command_line_sends_though_it_trips_over_the_answer(server: Server, cli: Cli) -> None:
    """It wants to read the answer's text a second time: a fault of its own, after the text was taken."""
    code, said = cli("sms", "--to", PHONE[1:], "--from", "AcmeInc", "--message", "from the command line")
    assert (code, "TypeError" in said or "Error" in said) == (1, True)
    assert server.arrives(PHONE, "from the command line")


def test_the_command_line_finds_buys_and_sets_numbers(server: Server, cli: Cli) -> None:
    code, said = cli("numbers:search", "GB", "--features=SMS")
    assert code == 0, said
    page = server.api("GET", "/api/numbers/available?country=GB")
    number = page["items"][0]["number"][1:]
    assert cli("numbers:buy", number, "GB")[0] == 0
    code, said = cli("numbers:update", number, "GB", "--url=https://customer.test/sms")
    assert code == 0, said
    [owned] = [one for one in server.api("GET", "/api/numbers")["items"] if one["number"] == f"+{number}"]
    assert owned["settings"]["inbound_url"] == "https://customer.test/sms"
    assert number in cli("numbers")[1]
    code, said = cli("balance")
    assert code == 0, said
    assert json.dumps(server.api("GET", "/api/account")["balance"])[:3].strip('"') in said
