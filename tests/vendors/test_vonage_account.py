"""The vendor's own Python SDK, `vonage` 4 unmodified from PyPI: numbers, account and applications, over TLS."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.serving import Server
from textwire.access.keypairs import pair

from .library import Library
from .vonage import fourth

CREDENTIALS = ("api_key", "api_secret")
OWNED = "447700900001"


def client(server: Server, scripts: Path, **changes: str) -> AbstractContextManager[Library]:
    known = {name: server.credentials["vonage"][name] for name in CREDENTIALS} | changes
    return fourth(server, scripts, **known)


def raised(sdk: Library, name: str, *given: object) -> tuple[str, int | None]:
    """What the SDK raises, and the status of HTTP behind it."""
    said = sdk.raised(name, *given)
    return said["raised"], said["status"]


@pytest.fixture
def sdk(server: Server, scripts: Path) -> Iterator[Library]:
    with client(server, scripts) as one:
        yield one


def test_a_number_is_found_bought_set_linked_and_given_back(sdk: Library) -> None:
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
    assert raised(sdk, "numbers.buy_number", chosen) == ("HttpRequestError", 420)
    assert sdk.call("numbers.cancel_number", chosen)["error_code"] == "200"
    assert raised(sdk, "numbers.cancel_number", chosen) == ("HttpRequestError", 420)
    assert sdk.call("numbers.list_owned_numbers", {"pattern": chosen["msisdn"], "search_pattern": 0}) == [
        [],
        0,
        None,
    ]


def test_own_numbers_are_leafed_through_by_their_count(sdk: Library) -> None:
    seen, index = [], 1
    while index:
        page, count, index = sdk.call("numbers.list_owned_numbers", {"size": 1, "index": index})
        seen += [one["msisdn"] for one in page]
    assert OWNED in seen
    assert len(seen) == count == len(set(seen))


def test_the_account_has_a_balance_places_and_prices(sdk: Library) -> None:
    balance = sdk.call("account.get_balance")
    assert (type(balance["value"]), balance["auto_reload"]) == (float, False)
    places = {"mo_callback_url": "https://customer.test/mo", "dr_callback_url": "https://customer.test/dr"}
    assert sdk.call("account.update_default_sms_webhook", **places).items() >= places.items()
    cleared = sdk.call("account.update_default_sms_webhook", mo_callback_url="", dr_callback_url="")
    assert (cleared["mo_callback_url"], cleared["max_outbound_request"]) == ("", 30)
    assert raised(sdk, "account.top_up", "00X123456Y7890123Z") == ("AuthenticationError", 401)
    price = sdk.call("account.get_country_pricing", {"type": "sms", "country_code": "GB"})
    assert price["networks"][0]["price"] == "0.07000000"
    assert sdk.call("account.get_all_countries_pricing", "sms")["count"] > 200
    some = sdk.call("account.get_prefix_pricing", {"type": "sms", "prefix": "44"})
    assert some["count"] == len(some["countries"]) == 4


def test_a_second_secret_comes_works_and_goes(server: Server, scripts: Path, sdk: Library) -> None:
    made = sdk.call("account.create_secret", "Another1Secret")
    assert sdk.call("account.get_secret", made["id"]) == made
    with client(server, scripts, api_secret="Another1Secret") as other:
        assert len(other.call("account.list_secrets")) == 2
    assert raised(sdk, "account.create_secret", "YetAnother2Secret") == ("ForbiddenError", 403)
    assert sdk.call("account.revoke_secret", made["id"]) is None
    [last] = sdk.call("account.list_secrets")
    assert raised(sdk, "account.revoke_secret", last["id"]) == ("ForbiddenError", 403)
    assert raised(sdk, "account.get_secret", made["id"]) == ("NotFoundError", 404)


def test_applications_come_change_and_go(sdk: Library) -> None:
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
    changed = sdk.call("application.update_application", id=made["id"], config={"name": "Other"})
    assert changed["name"] == "Other"
    listed, following = sdk.call("application.list_applications", {"page_size": 1})
    assert (len(listed), following) == (1, 2)
    assert sdk.call("application.delete_application", made["id"]) is None
    assert raised(sdk, "application.get_application", made["id"]) == ("NotFoundError", 404)


def test_a_wrong_secret_is_an_authentication_error(server: Server, scripts: Path) -> None:
    with client(server, scripts, api_secret="Wrong0Secret") as stranger:
        for name in ("numbers.list_owned_numbers", "account.get_balance", "application.list_applications"):
            given = [{}] if name != "account.get_balance" else []
            assert raised(stranger, name, *given) == ("AuthenticationError", 401)
