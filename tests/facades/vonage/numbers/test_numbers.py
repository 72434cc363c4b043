"""The Numbers API: own numbers, numbers for sale, buying, giving back, changing."""

from typing import Any

import msgspec
import pytest

from tests.facades.vonage.asking import DONE, FAILED, FORM, STRANGER, basic, done, get, json, post
from tests.facades.vonage.house import ACCOUNT, BALANCE, DID, KEY, SECRET, SPARE, House
from textwire.domain.account import Account
from textwire.domain.number import Number
from textwire.store import accounts, numbers
from textwire.store.committer import Unit

FOREIGN = "+4915791234567"
TOLL_FREE = "+4238002200"  # one of a hundred in Liechtenstein: 25 EUR a month and 50 for setting it up
URL = "https://customer.test/sms?a=b"
UPDATE = {"country": "GB", "msisdn": DID[1:]}


async def foreign(unit: Unit) -> None:
    await accounts.insert_account(unit, Account(99, "other", 0, 0, "active", 1))
    await numbers.insert(unit, [Number(FOREIGN, 99, "DE", 1)])


async def own(house: House, **fields: Any) -> Any:
    answer = await get(house, "/account/numbers", **fields)
    assert answer.status == 200, answer
    return answer.json


async def found(house: House, **fields: Any) -> Any:
    answer = await get(house, "/number/search", **fields)
    assert answer.status == 200, answer
    return answer.json


async def app(house: House, name: str = "one") -> str:
    answer = await json(house, "POST", "/v2/applications", {"name": name})
    assert answer.status == 201, answer
    return str(answer.json["id"])


def numbers_of(page: Any) -> list[str]:
    return [one["msisdn"] for one in page["numbers"]]


async def test_own_numbers_are_shown_without_what_is_not_set(house: House) -> None:
    assert (await post(house, "/number/buy", country="DE", msisdn=FOREIGN[1:])).status == 200
    page = await own(house)
    assert page["count"] == 3
    assert [(one["country"], one["msisdn"], one["type"]) for one in page["numbers"]] == [
        ("GB", "447700900001", "mobile-lvn"), ("GB", "447700900002", "mobile-lvn"), ("DE", "4915791234567", "mobile-lvn"),
    ]  # fmt: skip
    assert set(page["numbers"][2]) == {"country", "msisdn", "type", "features"}


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ({"pattern": "4477009000"}, 2), ({"pattern": "447700900002"}, 1), ({"pattern": "+44"}, 2), ({"pattern": "7700"}, 0),
        ({"pattern": "7700", "search_pattern": "1"}, 2), ({"pattern": "02", "search_pattern": "2"}, 1),
        ({"search_pattern": "1"}, 2), ({"country": "GB"}, 2), ({"country": "gb"}, 2), ({"country": "DE"}, 0),
        ({"has_application": "False"}, 2), ({"has_application": "true"}, 0), ({"has_application": "1"}, 0),
        ({"application_id": "78d335fa-323d-0114-9c3d-d6f0d48968cf"}, 0), ({"pattern": ""}, 2), ({"size": "", "index": ""}, 2),
    ],
)  # fmt: skip
async def test_own_numbers_are_narrowed(house: House, asked: dict[str, str], shown: int) -> None:
    page = await own(house, **asked)
    assert (page["count"], len(page["numbers"])) == (shown, shown)


async def test_pages_of_own_numbers_count_all_of_them(house: House) -> None:
    pages = [await own(house, size=1, index=index) for index in (1, 2, 3)]
    assert [page["count"] for page in pages] == [2, 2, 2]
    assert [numbers_of(page) for page in pages] == [[DID[1:]], [SPARE[1:]], []]


async def test_the_search_leafs_through_every_number_once(house: House) -> None:
    pages = [
        await found(house, country="LI", type="landline-toll-free", size=40, index=n) for n in (1, 2, 3, 4)
    ]
    assert [page["count"] for page in pages] == [100] * 4
    seen = [number for page in pages for number in numbers_of(page)]
    assert sorted(seen) == [f"42380022{n:02d}" for n in range(100)]
    assert pages[0]["numbers"][0] == {
        "country": "LI", "msisdn": seen[0], "cost": "25.00", "type": "landline-toll-free", "features": ["VOICE"],
    }  # fmt: skip


async def test_a_page_has_ten_numbers_unless_told_and_a_hundred_at_most(house: House) -> None:
    assert len((await found(house, country="GB"))["numbers"]) == 10
    assert len((await found(house, country="GB", size=5000))["numbers"]) == 100


@pytest.mark.parametrize("features", ["SMS,VOICE", "VOICE,SMS", "voice, sms", "SMS,VOICE,"])
async def test_all_features_must_fit_in_whatever_order(house: House, features: str) -> None:
    page = await found(house, country="US", features=features)
    assert len(page["numbers"]) == 10
    assert all({"SMS", "VOICE"} <= set(one["features"]) for one in page["numbers"])


@pytest.mark.parametrize(("where", "test"), [("0", "startswith"), ("1", "__contains__"), ("2", "endswith")])
async def test_a_pattern_is_searched_where_it_is_wanted(house: House, where: str, test: str) -> None:
    pattern = "447" if where == "0" else "1234"
    page = await found(house, country="GB", pattern=pattern, search_pattern=where)
    assert page["numbers"]
    assert all(getattr(number, test)(pattern) for number in numbers_of(page))


async def test_where_there_is_nothing_the_list_is_empty_and_there(house: House) -> None:
    for asked in (
        {"country": "ZZ"},
        {"country": "GB", "pattern": "999"},
        {"country": "GB", "index": "999999"},
    ):
        page = await found(house, **asked)
        assert page["numbers"] == []
    assert (await found(house, country="ZZ")) == {"count": 0, "numbers": []}


@pytest.mark.parametrize(
    "asked",
    [
        {}, {"country": ""}, {"country": "GBR"}, {"country": "1"}, {"country": "GB", "type": "fax"},
        {"country": "GB", "features": "SMS,FAX"}, {"country": "GB", "pattern": "4x"}, {"country": "GB", "pattern": "1" * 16},
        {"country": "GB", "search_pattern": "3"}, {"country": "GB", "size": "0"}, {"country": "GB", "size": "ten"},
        {"country": "GB", "index": "0"}, {"country": "GB", "index": "-1"}, {"country": "GB", "index": "9" * 30},
        {"country": "GB", "index": "٣"},
    ],
)  # fmt: skip
async def test_a_search_that_cannot_be_is_a_420(house: House, asked: dict[str, str]) -> None:
    answer = await get(house, "/number/search", **asked)
    assert (answer.status, answer.json) == FAILED


async def test_buying_charges_at_once_and_the_number_is_ones_own(house: House) -> None:
    [offer] = (await found(house, country="DE", type="mobile-lvn", size=1))["numbers"]
    assert await done(house, "/number/buy", country="DE", msisdn=offer["msisdn"]) == DONE
    assert await house.balance() == BALANCE - 2 * int(float(offer["cost"]) * 10**8)
    assert offer["msisdn"] in numbers_of(await own(house))
    [following] = (await found(house, country="DE", type="mobile-lvn", size=1))["numbers"]
    assert following["msisdn"] != offer["msisdn"]


@pytest.mark.parametrize(
    "asked",
    [
        {"country": "DE", "msisdn": FOREIGN[1:]},  # another account's
        UPDATE,  # one's own already
        {"country": "GB", "msisdn": "4915791234568"},  # of another country
        {"country": "DE", "msisdn": "4915791"}, {"country": "DE", "msisdn": "abc"}, {"country": "DE"},
        {"msisdn": "4915791234568"}, {},
        {"country": "DE", "msisdn": "4915791234568", "target_api_key": "zzzz9999"},
    ],
)  # fmt: skip
async def test_what_cannot_be_bought_is_a_420_and_costs_nothing(house: House, asked: dict[str, str]) -> None:
    await house.do(foreign)
    assert await done(house, "/number/buy", **asked) == FAILED
    assert await house.balance() == BALANCE


async def test_a_number_that_the_balance_does_not_cover_is_a_420(house: House) -> None:
    assert await done(house, "/number/buy", country="LI", msisdn=TOLL_FREE[1:]) == FAILED
    assert await house.balance() == BALANCE


async def test_buying_for_oneself_by_name_is_buying(house: House) -> None:
    asked = {"country": "de", "msisdn": FOREIGN, "target_api_key": KEY}
    assert await done(house, "/number/buy", **asked) == DONE


async def test_a_number_given_back_can_be_bought_again_and_not_given_back_twice(house: House) -> None:
    assert await done(house, "/number/cancel", **UPDATE) == DONE
    assert numbers_of(await own(house)) == [SPARE[1:]]
    assert await done(house, "/number/cancel", **UPDATE) == FAILED
    assert await done(house, "/number/buy", **UPDATE) == DONE


@pytest.mark.parametrize("path", ["/number/cancel", "/number/update"])
@pytest.mark.parametrize(
    "asked", [{"country": "DE", "msisdn": FOREIGN[1:]}, {"country": "US", "msisdn": DID[1:]}, {"msisdn": DID[1:]}, {}]
)  # fmt: skip
async def test_what_is_not_ones_own_is_a_420(house: House, path: str, asked: dict[str, str]) -> None:
    await house.do(foreign)
    assert await done(house, path, **asked) == FAILED
    assert (await own(house))["count"] == 2


async def test_what_is_set_is_shown_what_is_not_named_stays_and_an_empty_one_is_unset(house: House) -> None:
    said = {
        "moHttpUrl": URL, "moSmppSysType": "inbound", "voiceCallbackType": "tel", "voiceCallbackValue": "447700900123",
        "voiceStatusCallback": "https://customer.test/status",
    }  # fmt: skip
    assert await done(house, "/number/update", **UPDATE, **said) == DONE
    shown = (await own(house, pattern=DID[1:]))["numbers"][0]
    assert {name: shown[name] for name in said} == said
    assert await done(house, "/number/update", **UPDATE, moHttpUrl="") == DONE
    shown = (await own(house, pattern=DID[1:]))["numbers"][0]
    assert "moHttpUrl" not in shown
    assert shown["moSmppSysType"] == "inbound"
    # The editor's node sends back what it has read.
    read = {name: value for name, value in shown.items() if isinstance(value, str)}
    assert await done(house, "/number/update", **read) == DONE
    assert (await own(house, pattern=DID[1:]))["numbers"][0] == shown


@pytest.mark.parametrize(
    "wrong",
    [
        {"moHttpUrl": "http://169.254.169.254/"}, {"moHttpUrl": "ftp://customer.test/"},
        {"moHttpUrl": "https://customer.test/" + "a" * 2048}, {"voiceStatusCallback": "http://169.254.169.254/"},
        {"voiceCallbackType": "fax"}, {"messagesCallbackType": "sip"}, {"moSmppSysType": "s" * 256},
        {"app_id": "78d335fa-323d-0114-9c3d-d6f0d48968cf"}, {"app_id": "nonsense"},
    ],
)  # fmt: skip
async def test_a_change_that_cannot_be_is_a_420_and_changes_nothing(
    house: House, wrong: dict[str, str]
) -> None:
    before = await own(house)
    asked = {**UPDATE, "moSmppSysType": "x", **wrong}
    assert await done(house, "/number/update", **asked) == FAILED
    assert await own(house) == before


async def test_a_number_goes_to_one_application_and_away_again(house: House) -> None:
    one, other = await app(house), await app(house, "other")
    for wanted in (one, other):
        assert await done(house, "/number/update", **UPDATE, app_id=wanted) == DONE
        assert numbers_of(await own(house, application_id=wanted)) == [DID[1:]]
    assert numbers_of(await own(house, application_id=one)) == []
    assert numbers_of(await own(house, has_application="true")) == [DID[1:]]
    assert numbers_of(await own(house, has_application="false")) == [SPARE[1:]]
    assert await done(house, "/number/update", **UPDATE, moSmppSysType="x") == DONE
    assert numbers_of(await own(house, application_id=other)) == [DID[1:]]
    for _ in range(2):
        assert await done(house, "/number/update", **UPDATE, app_id="") == DONE
        assert numbers_of(await own(house, has_application="true")) == []


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/account/numbers"), ("GET", "/number/search"), ("POST", "/number/buy"), ("POST", "/number/cancel"),
        ("POST", "/number/update"), ("GET", "/account/get-balance"), ("POST", "/account/top-up"),
        ("POST", "/account/settings"), ("GET", "/account/get-pricing/outbound/sms"),
    ],
)  # fmt: skip
async def test_who_is_not_known_gets_a_401(house: House, method: str, path: str) -> None:
    for headers in ({}, basic(secret="wrong"), basic("zzzz9999"), {"authorization": "Bearer x"}):
        answer = await house.ask(method, path, headers=headers)
        assert (answer.status, answer.json) == STRANGER


async def test_the_old_clients_way_is_understood_everything_in_the_query(house: House) -> None:
    path = f"/number/update?country=GB&msisdn={DID[1:]}&moHttpUrl=https%3A%2F%2Fcustomer.test&&api_key={KEY}&api_secret={SECRET}"
    assert (await house.ask("POST", path, headers=FORM)).status == 200
    shown = await house.ask("GET", f"/account/numbers?&api_key={KEY}&api_secret={SECRET}")
    assert shown.json["numbers"][0]["moHttpUrl"] == "https://customer.test"


async def test_a_form_that_is_labelled_as_json_is_understood(house: House) -> None:
    headers = {**basic(), "content-type": "application/json"}
    answer = await house.ask("POST", "/number/cancel", f"country=GB&msisdn={DID[1:]}".encode(), headers)
    assert answer.status == 200
    body = msgspec.json.encode({"country": "GB", "msisdn": SPARE[1:]})
    assert (await house.ask("POST", "/number/cancel", body, headers)).status == 200


async def test_who_accepts_xml_alone_is_answered_so(house: House) -> None:
    for accepted, form in (
        ("application/xml", b"<?xml"),
        ("text/xml", b"<?xml"),
        ("application/json, text/xml", b"{"),
    ):
        headers = {**basic(), "accept": accepted}
        assert (await house.ask("GET", "/account/numbers", headers=headers)).body.startswith(form)
    answer = await house.ask(
        "GET", "/account/numbers?size=1", headers={**basic(), "accept": "application/xml"}
    )
    assert answer.body.decode().startswith(
        '<?xml version="1.0" encoding="UTF-8"?><inbound-numbers><count>2</count><numbers><number><country>GB</country>'
        "<msisdn>447700900001</msisdn>"
    )
    refused = await house.ask("POST", "/number/buy", headers={**basic(), "accept": "application/xml"})
    assert (refused.status, refused.body.decode()) == (
        420,
        '<?xml version="1.0" encoding="UTF-8"?><response><error-code>420</error-code>'
        "<error-code-label>method failed</error-code-label></response>",
    )


async def test_a_wrong_method_is_as_if_there_were_nothing(house: House) -> None:
    assert (await house.ask("GET", "/number/buy", headers=basic())).status == 404
    assert (await house.ask("GET", "/number/nothing", headers=basic())).status == 404


async def test_who_got_it_wrong_too_often_waits(house: House) -> None:
    for _ in range(5):
        await house.ask("GET", "/account/numbers", headers=basic(secret="wrong"))
    answer = await house.ask("GET", "/account/numbers", headers=basic(secret="wrong"))
    assert (answer.status, answer.json["error-code"]) == (429, "429")
    assert int(answer.headers["retry-after"]) >= 1


async def test_the_numbers_of_another_account_are_not_seen(house: House) -> None:
    await house.do(foreign)
    assert FOREIGN[1:] not in numbers_of(await own(house))
    assert (await own(house, pattern=FOREIGN[1:]))["count"] == 0
    assert ACCOUNT == 1
