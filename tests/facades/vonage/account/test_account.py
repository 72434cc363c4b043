"""The Account API on the REST host: balance, top-up, settings, prices."""

import re
from typing import Any

import pytest

from tests.facades.vonage.asking import FAILED, basic, done, get, post
from tests.facades.vonage.house import KEY, SECRET, House
from textwire.facades.vonage.account.countries import lands
from textwire.simnet.numbering import countries

RATES = {"max-outbound-request": 30, "max-inbound-request": 30, "max-calls-per-second": 30}
URL = "https://customer.test/sms"


async def settle(house: House, **fields: str) -> Any:
    answer = await post(house, "/account/settings", **fields)
    assert answer.status == 200, answer
    return answer.json


async def test_the_balance_is_a_number_in_euros(house: House) -> None:
    answer = await get(house, "/account/get-balance")
    assert (answer.status, answer.body) == (200, b'{"value":10.0,"autoReload":false}')
    await house.send()
    assert (await get(house, "/account/get-balance")).json["value"] == 9.93


async def test_a_top_up_wants_a_transaction_and_nobody_gives_himself_credit(house: House) -> None:
    assert await done(house, "/account/top-up") == (
        400,
        {"invalid_parameters": {"trx": "Is required."}, "type": "BAD_REQUEST", "error_title": "Bad Request"},
    )
    assert await done(house, "/account/top-up", trx="00X123456Y7890123Z") == (
        401,
        {"error-code": "401", "error-code-label": "not auto-reload enabled"},
    )
    assert (await get(house, "/account/get-balance")).json["value"] == 10.0


@pytest.mark.parametrize(
    ("inbound", "receipts"),
    [("moCallBackUrl", "drCallBackUrl"), ("moCallbackUrl", "drCallbackUrl"), ("MOCALLBACKURL", "drcallbackurl")],
)  # fmt: skip
async def test_settings_are_read_set_and_cleared_however_they_are_spelled(
    house: House, inbound: str, receipts: str
) -> None:
    nowhere = {"mo-callback-url": "", "dr-callback-url": "", **RATES}
    assert await settle(house) == nowhere
    assert await settle(house, **{inbound: URL}) == {**nowhere, "mo-callback-url": URL}
    both = {**nowhere, "mo-callback-url": URL, "dr-callback-url": URL + "/dr"}
    assert await settle(house, **{receipts: URL + "/dr"}) == both
    assert await settle(house) == both
    assert await settle(house, **{inbound: "", receipts: ""}) == nowhere


@pytest.mark.parametrize(
    "wrong", ["http://169.254.169.254/", "ftp://customer.test/", "https://a/" + "b" * 2048]
)
async def test_a_place_that_we_never_call_is_refused_and_nothing_is_set(house: House, wrong: str) -> None:
    assert await done(house, "/account/settings", moCallBackUrl=URL, drCallBackUrl=wrong) == FAILED
    assert (await settle(house))["mo-callback-url"] == ""


async def test_the_rate_that_is_told_is_the_one_that_is_set(house: House) -> None:
    await house.set(throughput=7)
    assert (await settle(house))["max-outbound-request"] == 7


async def test_texts_go_where_the_settings_say(house: House) -> None:
    await settle(house, moCallBackUrl="http://127.0.0.1:9000/mo")
    await house.text("hello")
    assert [call.url for call in await house.told(1)] == ["http://127.0.0.1:9000/mo"]


async def test_a_new_secret_takes_the_place_of_the_old_one(house: House) -> None:
    new = "Another1Secret"
    assert await done(house, "/account/settings", newSecret="simple") == FAILED
    assert (await post(house, "/account/settings", newSecret=new)).status == 200
    assert (await house.ask("GET", "/account/get-balance", headers=basic(KEY, SECRET))).status == 401
    assert (await house.ask("GET", "/account/get-balance", headers=basic(KEY, new))).status == 200


async def test_the_price_of_a_country_names_its_one_network(house: House) -> None:
    answer = await get(house, "/account/get-pricing/outbound/sms", country="gb")
    assert answer.json == {
        "dialingPrefix": "44", "defaultPrice": "0.07000000", "currency": "EUR", "countryDisplayName": "United Kingdom",
        "countryCode": "GB", "countryName": "United Kingdom",
        "networks": [{
            "type": "mobile", "price": "0.07000000", "currency": "EUR", "mcc": "001", "mnc": "01", "networkCode": "00101",
            "networkName": "Textwire simulated network", "ranges": [44],
        }],
    }  # fmt: skip
    for path in ("/account/get-pricing/outbound", "/account/get-pricing/outbound/sms-transit"):
        assert (await get(house, path, country="GB")).body == answer.body


async def test_all_prices_are_one_list_and_a_prefix_may_be_that_of_several_countries(house: House) -> None:
    whole = (await get(house, "/account/get-full-pricing/outbound/sms")).json
    assert whole["count"] == len(whole["countries"]) == len(countries())
    some = (await get(house, "/account/get-prefix-pricing/outbound/sms", prefix="44")).json
    assert [one["countryCode"] for one in some["countries"]] == ["GB", "GG", "IM", "JE"]
    assert some["count"] == 4
    none = await get(house, "/account/get-prefix-pricing/outbound/sms", prefix="999")
    assert (none.status, none.json) == (200, {"count": 0, "countries": []})


async def test_calls_have_no_price_here(house: House) -> None:
    for path in ("full-pricing/outbound/voice", "prefix-pricing/outbound/voice?prefix=44"):
        assert (await get(house, f"/account/get-{path}")).json == {"count": 0, "countries": []}


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        ("get-pricing/outbound/sms", {}), ("get-pricing/outbound/sms", {"country": "ZZ"}),
        ("get-pricing/outbound/voice", {"country": "GB"}), ("get-pricing/outbound/fax", {"country": "GB"}),
        ("get-full-pricing/outbound/fax", {}), ("get-prefix-pricing/outbound/sms", {}),
        ("get-prefix-pricing/outbound/sms", {"prefix": "x"}), ("get-prefix-pricing/outbound/sms", {"prefix": "1" * 16}),
    ],
)  # fmt: skip
async def test_a_price_that_there_is_not_is_a_420(house: House, path: str, asked: dict[str, str]) -> None:
    answer = await get(house, f"/account/{path}", **asked)
    assert (answer.status, answer.json) == FAILED


def test_every_country_that_has_numbers_has_a_name_and_its_calling_code() -> None:
    assert {code: land.dialed for code, land in lands().items()} == {
        code: found[0].code for code, found in countries().items()
    }
    assert all(re.fullmatch(r"[^\W\d_].*[^\W_]\)?", land.name) for land in lands().values())
    assert len({land.name for land in lands().values()}) == len(lands())
