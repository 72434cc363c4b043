"""One's own account: what it has, and what it can set."""

from typing import Any

import pytest

from tests.facades.api.house import House

DEFAULTS = {
    "country": "", "on_ambiguous": "resend", "inbound_url": "", "receipt_url": "", "callback_method": "GET",
    "callback_signature": "sha256", "request_signature": "any", "sms_api": "sms", "throughput": 0,
    "simulated_status": "", "intermediate_receipts": False, "conversions": True,
}  # fmt: skip


async def test_an_account_sees_its_balance_and_who_is_calling(house: House) -> None:
    await house.alice.sent()
    found = await house.alice.get("/api/account")
    assert found.pop("created_at").endswith("Z")
    assert found.pop("id") == str(house.alice.account)
    assert found == {
        "name": "alice",
        "state": "active",
        "trial": False,
        "balance": "99.93",
        "currency": "EUR",
        "settings": DEFAULTS,
        "caller": {"principal": "key-alice", "kind": "key", "scopes": ["manage", "operator", "read", "send"]},
    }
    theirs = await house.bob.get("/api/account")
    assert (theirs["name"], theirs["balance"], theirs["caller"]["scopes"]) == (
        "bob",
        "100.00",
        ["manage", "read", "send"],
    )


async def test_settings_are_kept_shown_and_their_default_again_with_null(house: House) -> None:
    changed = await house.bob.ask(
        "PATCH", "/api/account", {"settings": {"country": "DE", "on_ambiguous": "hold"}}
    )
    assert changed.status == 200
    assert changed.json == await house.bob.get("/api/account")
    settings = changed.json["settings"]
    assert (settings["country"], settings["on_ambiguous"]) == ("DE", "hold")
    again = await house.bob.ask("PATCH", "/api/account", {"settings": {"country": None}})
    settings = again.json["settings"]
    assert (settings["country"], settings["on_ambiguous"]) == ("", "hold")
    assert (await house.alice.get("/api/account"))["settings"]["on_ambiguous"] == "resend"


async def test_settings_are_what_sending_falls_back_to(house: House) -> None:
    await house.bob.ask("PATCH", "/api/account", {"settings": {"country": "49", "on_ambiguous": "fail"}})
    sent = await house.bob.sent(to="015799912399")
    assert (sent["to"], sent["on_ambiguous"]) == ("+4915799912399", "fail")
    assert (await house.bob.sent(on_ambiguous="hold"))["on_ambiguous"] == "hold"
    assert (await house.alice.sent())["on_ambiguous"] == "resend"


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        ({}, "missing_field", "settings"),
        ({"settings": None}, "invalid_field", "settings"),
        ({"settings": {"country": "Atlantis"}}, "invalid_field", "settings.country"),
        ({"settings": {"country": "XX"}}, "invalid_field", "settings.country"),
        ({"settings": {"country": 49}}, "invalid_field", "settings.country"),
        ({"settings": {"on_ambiguous": "pray"}}, "invalid_field", "settings.on_ambiguous"),
        ({"settings": {"color": "red"}}, "unknown_field", "settings.color"),
        ({"balance": "1000"}, "unknown_field", "balance"),
    ],
)
async def test_a_setting_that_cannot_be_is_refused_by_name_and_nothing_is_set(
    house: House, body: Any, code: str, field: str
) -> None:
    before = await house.bob.get("/api/account")
    assert (await house.bob.ask("PATCH", "/api/account", body)).problem == (400, code, [field])
    assert await house.bob.get("/api/account") == before


@pytest.mark.parametrize("setting", ["inbound_url", "receipt_url"])
async def test_a_place_that_we_never_call_is_no_setting(house: House, setting: str) -> None:
    answer = await house.bob.ask("PATCH", "/api/account", {"settings": {setting: "http://169.254.169.254/"}})
    assert (answer.status, answer.json["code"]) == (400, "blocked_address")
    assert answer.json["errors"][0]["field"] == f"settings.{setting}"
    assert (await house.bob.get("/api/account"))["settings"][setting] == ""


async def test_no_status_is_simulated_once_a_real_carrier_is_armed(house: House) -> None:
    def wish(status: str | None) -> dict[str, Any]:
        return {"settings": {"simulated_status": status}}

    changed = await house.bob.ask("PATCH", "/api/account", wish("29"))
    assert changed.json["settings"]["simulated_status"] == "29"
    house.simulated = False
    refused = await house.bob.ask("PATCH", "/api/account", wish("6"))
    assert refused.problem == (403, "not_simulated", ["settings.simulated_status"])
    changed = await house.bob.ask("PATCH", "/api/account", wish(None))
    assert changed.json["settings"]["simulated_status"] == ""
    assert (await house.bob.ask("PATCH", "/api/account", wish("21"))).status == 400
