"""The vendor's own Python SDK, `vonage` 4 unmodified from PyPI: numbers, account and applications, over TLS."""

import contextlib
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server, server
from textwire.access.keypairs import pair

from .packages import python_of

SCRIPT = "vonage4_client.py"
CREDENTIALS = ("api_key", "api_secret")
OWNED = "447700900001"


class Client:
    """The SDK in its own process."""

    def __init__(self, process: "subprocess.Popen[str]", config: dict[str, str]) -> None:
        self._process = process
        self._write(config)

    def call(self, name: str, given: object = None) -> Any:
        """What the SDK returns."""
        answer = self._tell({"call": name, "with": given})
        assert "returned" in answer, answer
        return answer["returned"]

    def named(self, name: str, **given: object) -> Any:
        """The same of a method that takes its arguments by name."""
        answer = self._tell({"call": name, "with": given, "named": True})
        assert "returned" in answer, answer
        return answer["returned"]

    def raised(self, name: str, given: object = None) -> tuple[str, int | None]:
        """What the SDK raises, and the status of HTTP behind it."""
        answer = self._tell({"call": name, "with": given})
        assert "raised" in answer, answer
        return answer["raised"], answer["status"]

    def _write(self, line: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def _tell(self, line: object) -> Any:
        assert self._process.stdout is not None
        self._write(line)
        answer = self._process.stdout.readline()
        assert answer, "the SDK's process has ended"
        return json.loads(answer)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("vonage"), "--http", "127.0.0.1:0", "--https", "127.0.0.1:0") as one:
        yield one


@contextlib.contextmanager
def client(house: Server, scripts: Path, **changes: str) -> Iterator[Client]:
    known = {name: house.credentials["vonage"][name] for name in CREDENTIALS} | changes
    config = {**known, "host": house.urls["https"].removeprefix("https://")}
    process = subprocess.Popen(
        [python_of("vonage"), scripts / SCRIPT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={"PYTHONUTF8": "1", "REQUESTS_CA_BUNDLE": str(house.data / "tls" / "ca.pem")},
    )  # fmt: skip
    try:
        yield Client(process, config)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


@pytest.fixture
def sdk(house: Server, scripts: Path) -> Iterator[Client]:
    with client(house, scripts) as one:
        yield one


def test_a_number_is_found_bought_set_linked_and_given_back(sdk: Client) -> None:
    found, count, following = sdk.call(
        "numbers.search_available_numbers", {"country": "GB", "features": "SMS,VOICE", "type": "mobile-lvn", "size": 3}
    )  # fmt: skip
    assert (len(found), following) == (3, 2)
    assert count > 3
    chosen = {"country": "GB", "msisdn": found[1]["msisdn"]}
    before = sdk.call("account.get_balance")["value"]
    assert sdk.call("numbers.buy_number", chosen) == {"error_code": "200", "error_code_label": "success"}
    assert sdk.call("account.get_balance")["value"] < before
    app = sdk.call("application.create_application", {"name": "numbers"})["id"]
    said = {**chosen, "app_id": app, "mo_http_url": "https://customer.test/sms"}
    assert sdk.call("numbers.update_number", said)["error_code"] == "200"
    owned, count, _ = sdk.call("numbers.list_owned_numbers", {"has_application": True})
    assert count == 1
    [shown] = owned
    assert (shown["msisdn"], shown["app_id"], shown["mo_http_url"]) == (
        chosen["msisdn"],
        app,
        said["mo_http_url"],
    )
    assert sdk.raised("numbers.buy_number", chosen) == ("HttpRequestError", 420)
    assert sdk.call("numbers.cancel_number", chosen)["error_code"] == "200"
    assert sdk.raised("numbers.cancel_number", chosen) == ("HttpRequestError", 420)
    assert sdk.call("numbers.list_owned_numbers", {"pattern": chosen["msisdn"], "search_pattern": 0}) == [
        [],
        0,
        None,
    ]


def test_own_numbers_are_leafed_through_by_their_count(sdk: Client) -> None:
    seen, index = [], 1
    while index:
        page, count, index = sdk.call("numbers.list_owned_numbers", {"size": 1, "index": index})
        seen += [one["msisdn"] for one in page]
    assert OWNED in seen
    assert len(seen) == count == len(set(seen))


def test_the_account_has_a_balance_places_and_prices(sdk: Client) -> None:
    balance = sdk.call("account.get_balance")
    assert (type(balance["value"]), balance["auto_reload"]) == (float, False)
    places = {"mo_callback_url": "https://customer.test/mo", "dr_callback_url": "https://customer.test/dr"}
    assert sdk.named("account.update_default_sms_webhook", **places).items() >= places.items()
    cleared = sdk.named("account.update_default_sms_webhook", mo_callback_url="", dr_callback_url="")
    assert (cleared["mo_callback_url"], cleared["max_outbound_request"]) == ("", 30)
    assert sdk.raised("account.top_up", "00X123456Y7890123Z") == ("AuthenticationError", 401)
    price = sdk.call("account.get_country_pricing", {"type": "sms", "country_code": "GB"})
    assert price["networks"][0]["price"] == "0.07000000"
    assert sdk.call("account.get_all_countries_pricing", "sms")["count"] > 200
    some = sdk.call("account.get_prefix_pricing", {"type": "sms", "prefix": "44"})
    assert some["count"] == len(some["countries"]) == 4


def test_a_second_secret_comes_works_and_goes(house: Server, scripts: Path, sdk: Client) -> None:
    made = sdk.call("account.create_secret", "Another1Secret")
    assert sdk.call("account.get_secret", made["id"]) == made
    with client(house, scripts, api_secret="Another1Secret") as other:
        assert len(other.call("account.list_secrets")) == 2
    assert sdk.raised("account.create_secret", "YetAnother2Secret") == ("ForbiddenError", 403)
    assert sdk.call("account.revoke_secret", made["id"]) is None
    [last] = sdk.call("account.list_secrets")
    assert sdk.raised("account.revoke_secret", last["id"]) == ("ForbiddenError", 403)
    assert sdk.raised("account.get_secret", made["id"]) == ("NotFoundError", 404)


def test_applications_come_change_and_go(sdk: Client) -> None:
    whole = {
        "name": "Demo",
        "keys": {"public_key": pair()[1]},
        "privacy": {"improve_ai": False},
        "capabilities": {
            "messages": {
                "webhooks": {"inbound_url": {"address": "https://customer.test/in", "http_method": "POST"}}
            },
            "voice": {
                "webhooks": {"answer_url": {"address": "https://customer.test/a", "http_method": "GET"}}
            },
        },
    }
    made = sdk.call("application.create_application", whole)
    assert {name: made[name] for name in whole} == whole
    own = sdk.call("application.create_application", {"name": "Own key"})
    assert own["keys"]["private_key"].startswith("-----BEGIN PRIVATE KEY-----")
    assert "private_key" not in sdk.call("application.get_application", own["id"])["keys"]
    changed = sdk.named("application.update_application", id=made["id"], config={"name": "Other"})
    assert changed["name"] == "Other"
    listed, following = sdk.call("application.list_applications", {"page_size": 1})
    assert (len(listed), following) == (1, 2)
    assert sdk.call("application.delete_application", made["id"]) is None
    assert sdk.raised("application.get_application", made["id"]) == ("NotFoundError", 404)


def test_a_wrong_secret_is_an_authentication_error(house: Server, scripts: Path) -> None:
    with client(house, scripts, api_secret="Wrong0Secret") as stranger:
        for name in ("numbers.list_owned_numbers", "account.get_balance", "application.list_applications"):
            given = {} if name != "account.get_balance" else None
            assert stranger.raised(name, given) == ("AuthenticationError", 401)
