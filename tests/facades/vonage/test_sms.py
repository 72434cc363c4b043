"""Submissions: what is taken and how it is answered, and every status with its text."""

import base64
from pathlib import Path
from urllib.parse import urlencode

import msgspec
import pytest

from textwire.domain.number import Number
from textwire.store import accounts, exchanges, numbers, opt_outs, tellings
from textwire.store.accounts import Entry
from textwire.store.committer import Unit
from textwire.store.engines.engine import statement
from textwire.store.opt_outs import OptOut

from .house import (
    ACCOUNT,
    BALANCE,
    BLOCKED,
    DID,
    KEY,
    PHONE,
    PRICE,
    SECOND,
    SECRET,
    SENT,
    SPARE,
    START,
    House,
    opened,
)

BASIC = "Basic " + base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()
LONG = "a" * 161


def euros(amount: int) -> str:
    return f"{amount / 10**8:.8f}"


async def test_an_answer_has_exactly_the_vendors_members_in_order(house: House) -> None:
    answer = await house.send(**{"client-ref": "r1", "account-ref": "a1"})
    [message] = await house.kept()
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"
    assert (
        answer.body
        == (
            f'{{"message-count":"1","messages":[{{"to":"447700900123","message-id":"{message.id:016X}","status":"0",'
            '"remaining-balance":"9.93000000","message-price":"0.07000000","network":"00101","client-ref":"r1",'
            '"account-ref":"a1"}]}'
        ).encode()
    )
    assert (message.sender, message.recipient, message.text, message.correlator) == (
        "AcmeInc",
        PHONE,
        "hi",
        "r1",
    )


async def test_each_part_has_its_own_identifier_and_price_and_the_balance_falls(house: House) -> None:
    answer = (await house.send(text=LONG)).json
    [message] = await house.kept()
    assert answer["message-count"] == "2"
    assert [one["message-id"] for one in answer["messages"]] == [f"{message.id + n:016X}" for n in (0, 1)]
    assert [one["message-price"] for one in answer["messages"]] == ["0.07000000"] * 2
    assert [one["remaining-balance"] for one in answer["messages"]] == [
        euros(BALANCE - PRICE),
        euros(BALANCE - 2 * PRICE),
    ]
    assert await house.balance() == BALANCE - 2 * PRICE


async def test_a_refusal_has_its_status_and_text_and_nothing_else(house: House) -> None:
    answer = await house.send(api_secret="wrong")
    assert answer.status == 200
    assert answer.body == (
        b'{"message-count":"1","messages":[{"status":"4","error-text":"Bad Credentials"}]}'
    )
    assert await house.kept() == []


async def test_xml_says_the_same_in_camel_case(house: House) -> None:
    taken = await house.ask("GET", "/sms/xml?" + urlencode({**SENT, "client-ref": "a<&\x01b"}))
    [message] = await house.kept()
    assert taken.headers["content-type"] == "text/xml;charset=UTF-8"
    assert (
        taken.body
        == (
            "<?xml version='1.0' encoding='UTF-8' ?><mt-submission-response><messages count='1'><message>"
            f"<to>447700900123</to><messageId>{message.id:016X}</messageId><status>0</status>"
            "<remainingBalance>9.93000000</remainingBalance><messagePrice>0.07000000</messagePrice>"
            "<network>00101</network><clientRef>a&lt;&amp;b</clientRef></message></messages></mt-submission-response>"
        ).encode()
    )
    refused = await house.ask("POST", "/sms/xml?api_key=abcd1234")
    assert refused.body.endswith(
        b"<messages count='1'><message><status>2</status><errorText>Your request is incomplete and missing some "
        b"mandatory parameters</errorText></message></messages></mt-submission-response>"
    )


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
async def test_a_query_alone_is_enough_however_it_is_called(house: House, method: str) -> None:
    answer = await house.ask(
        method, "/sms/json?&" + urlencode(SENT).replace("&", "&&"),
        headers={"content-type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert answer.status == 200
    assert len(await house.kept()) == 1


async def test_query_and_body_are_merged_and_the_body_goes_first(house: House) -> None:
    answer = await house.ask(
        "POST", "/sms/json?text=query&" + urlencode({"api_key": KEY, "api_secret": SECRET}),
        urlencode({"text": "body", "from": "AcmeInc", "to": PHONE[1:]}).encode(),
    )  # fmt: skip
    assert answer.first["status"] == "0"
    assert [message.text for message in await house.kept()] == ["body"]


async def test_a_json_body_may_hold_numbers_booleans_and_nulls(house: House) -> None:
    body = {"from": "AcmeInc", "to": int(PHONE[1:]), "text": "json", "ttl": 20000, "status-report-req": False,
            "client-ref": None}  # fmt: skip
    answer = await house.ask(
        "POST", "/sms/json", msgspec.json.encode(body),
        {"content-type": "application/json; charset=utf-8", "authorization": BASIC},
    )  # fmt: skip
    assert answer.first["status"] == "0"
    [message] = await house.kept()
    assert message.valid_until == START + 20_000_000
    assert (await tellings.of(house.core.store.engine, message.id)).receipts == 0


async def test_a_form_that_is_labelled_as_json_is_read_as_a_form(house: House) -> None:
    answer = await house.ask(
        "POST", "/sms/json", urlencode(SENT).encode(), {"content-type": "application/json"}
    )
    assert answer.first["status"] == "0"


@pytest.mark.parametrize(
    "body", [b'{"to": ', b'{"to": ["1"]}', b'{"to": {}}', b"\xff=1", b"to=%ff", b"{}" * 3]
)
async def test_a_body_that_cannot_be_read_is_an_invalid_request(house: House, body: bytes) -> None:
    answer = await house.ask("POST", "/sms/json", body, {"content-type": "application/json"})
    assert answer.first["status"] in ("2", "3")
    assert await house.kept() == []


async def test_basic_proves_who_it_is_and_a_wrong_one_does_not(house: House) -> None:
    fields = urlencode({"from": "AcmeInc", "to": PHONE[1:], "text": "hi"}).encode()
    assert (await house.ask("POST", "/sms/json", fields, {"authorization": BASIC})).first["status"] == "0"
    for header in (
        "Basic !!",
        "Basic " + base64.b64encode(b"no colon").decode(),
        "Bearer x",
        BASIC[:-6] + "AAAA",
    ):
        answer = await house.ask("POST", "/sms/json", fields, {"authorization": header})
        assert answer.first == {"status": "4", "error-text": "Bad Credentials"}
    assert len(await house.kept()) == 1


async def test_old_names_of_credentials_are_known(house: House) -> None:
    answer = await house.send(api_key=None, api_secret=None, username=KEY, password=SECRET)
    assert answer.first["status"] == "0"


MISSING = "Your request is incomplete and missing some mandatory parameters"


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        ({"api_key": None}, "2", "Missing api_key"),
        ({"api_key": ""}, "2", "Missing api_key"),
        ({"api_secret": None}, "2", MISSING),
        ({"api_secret": ""}, "2", MISSING),
        ({"api_secret": "wrong"}, "4", "Bad Credentials"),
        ({"api_key": "nobody00"}, "4", "Bad Credentials"),
        ({"api_secret": "wrong", "to": None}, "4", "Bad Credentials"),
        ({"from": None}, "2", "Missing from param"),
        ({"from": ""}, "2", "Missing from param"),
        ({"to": None}, "2", "Missing to param"),
        ({"text": None}, "2", "Missing Message Text"),
        ({"text": ""}, "2", "Missing Message Text"),
        ({"type": "smoke"}, "3", "Invalid type param"),
        ({"to": "not-a-number"}, "3", "to address is not numeric"),
        ({"to": "+44 7700"}, "3", "to address is not numeric"),
        ({"to": "٤٤٧٧٠٠٩٠٠١٢٣"}, "3", "to address is not numeric"),
        ({"to": "447700"}, "3", "Invalid to param"),
        ({"to": "4" * 16}, "3", "Invalid to param"),
        ({"to": "0447700900123"}, "3", "Invalid to param"),
        ({"from": "TwelveLetter"}, "3", "Invalid from param"),
        ({"from": "4" * 16}, "3", "Invalid from param"),
        ({"from": "Acme|Inc"}, "3", "Invalid from param"),
        ({"message-class": "4"}, "3", "Invalid message-class param"),
        ({"status-report-req": "perhaps"}, "3", "Invalid status-report-req param"),
        ({"client-ref": "r" * 101}, "3", "Invalid client-ref param"),
        ({"account-ref": "r" * 101}, "3", "Invalid account-ref param"),
        ({"entity-id": "r" * 101}, "3", "Invalid entity-id param"),
        ({"text": "a" * 3201}, "12", "Message Too Long"),
        ({"text": "a" * 3201, "type": "unicode"}, "12", "Message Too Long"),
        ({"from": "447700900999"}, "15", "Illegal Sender Address - rejected"),
        ({"ttl": "19999"}, "16", "value for ttl field out of range"),
        ({"ttl": "604800001"}, "16", "value for ttl field out of range"),
        ({"ttl": "soon"}, "16", "value for ttl field out of range"),
        ({"callback": BLOCKED}, "23", "Invalid Callback URL"),
        ({"callback": "ftp://example.com"}, "23", "Invalid Callback URL"),
        ({"callback": "http://" + "a" * 2048}, "23", "Invalid Callback URL"),
        ({"type": "binary"}, "2", "Missing body param"),
        ({"type": "binary", "body": "xyz"}, "3", "Invalid body param"),
        ({"type": "binary", "body": "00", "udh": "0605"}, "3", "Invalid udh param"),
        ({"type": "binary", "body": "00", "protocol-id": "256"}, "3", "Invalid protocol-id param"),
        ({"type": "binary", "body": "00" * 141}, "12", "Message Too Long"),
        ({"type": "binary", "body": "00" * 134, "udh": "06050415811581"}, "12", "Message Too Long"),
        ({"type": "wappush", "url": "http://x"}, "2", "Missing title param"),
        ({"type": "wappush", "title": "x"}, "2", "Missing url param"),
        (
            {"type": "wappush", "title": "x", "url": "http://x", "validity": "0"},
            "3",
            "Invalid validity param",
        ),
        ({"type": "vcard"}, "2", "Missing vcard param"),
        ({"type": "vcal"}, "2", "Missing vcal param"),
        ({"type": "vcard", "vcard": "a" * 40_000}, "12", "Message Too Long"),
    ],
)
async def test_a_refusal_says_why_and_nothing_happens(
    house: House, changes: dict[str, str | None], status: str, text: str
) -> None:
    assert await house.status(**changes) == (status, text)
    assert await house.kept() == []
    assert await house.balance() == BALANCE


async def test_what_the_accounts_state_forbids_names_the_recipient(house: House) -> None:
    async def opt_out(unit: Unit) -> None:
        await opt_outs.add(unit, ACCOUNT, [OptOut(PHONE, "test", START)])

    await house.do(opt_out)
    refused = (await house.send()).first
    assert refused == {"to": PHONE[1:], "status": "7", "error-text": "Number barred.", "network": "00101"}
    assert await house.kept() == []


async def test_an_empty_balance_is_a_quota(house: House) -> None:
    async def spend(unit: Unit) -> None:
        await accounts.book(unit, [Entry(99, ACCOUNT, 0, "test", -BALANCE + 1, START)])

    await house.do(spend)
    assert await house.status() == ("9", "Quota Exceeded - rejected")
    assert await house.kept() == []


async def test_a_suspended_account_is_barred(house: House) -> None:
    async def suspend(unit: Unit) -> None:
        found = await accounts.locked(unit, ACCOUNT)
        assert found is not None
        changed = msgspec.structs.replace(found[0], state="suspended")
        await accounts.adjust(unit, changed, found[1])

    await house.do(suspend)
    assert await house.status() == ("8", "Partner Account Barred")


async def test_a_number_whose_rent_is_owed_is_deactivated(house: House) -> None:
    async def owe(unit: Unit) -> None:
        await numbers.insert(unit, [Number("+447700900777", ACCOUNT, "GB", START, state="suspended")])

    await house.do(owe)
    assert await house.status(**{"from": "447700900777"}) == ("33", "Number De-activated")


async def test_too_many_in_a_second_are_told_how_long_to_wait(house: House) -> None:
    await house.set(throughput=2)
    assert [(await house.status())[0] for _ in range(3)] == ["0", "0", "1"]
    first = (await house.send()).first
    assert first == {
        "to": PHONE[1:], "status": "1", "network": "00101",
        "error-text": "Throughput Rate Exceeded - please wait [ 500 ] and retry",
    }  # fmt: skip
    house.times.real += 500_000
    assert (await house.status())[0] == "0"
    assert len(await house.kept()) == 3


async def test_thirty_a_second_are_usual_once_a_real_carrier_is_armed(tmp_path: Path) -> None:
    async with opened(str(tmp_path / "armed.db"), simulated=False) as house:
        assert [(await house.status())[0] for _ in range(31)] == ["0"] * 30 + ["1"]


async def test_while_all_is_simulated_there_is_no_limit(house: House) -> None:
    assert {(await house.status())[0] for _ in range(40)} == {"0"}


async def test_who_guesses_is_told_to_wait_and_the_right_secret_works_from_elsewhere(house: House) -> None:
    for _ in range(5):
        assert (await house.status(api_secret="wrong"))[0] == "4"
    answer = await house.send(api_secret="wrong")
    assert answer.status == 429
    assert answer.headers["retry-after"] == "1"
    assert answer.json["messages"][0] == {
        "status": "1", "error-text": "Throughput Rate Exceeded - please wait [ 1000 ] and retry",
    }  # fmt: skip
    house.times.real += 1_000_000
    assert (await house.status())[0] == "0"


@pytest.mark.parametrize(
    ("written", "sender"),
    [
        (DID[1:], DID), (DID, DID), ("00" + DID[1:], DID), ("44 7700 900001", DID), ("Acme", "Acme"), ("My Co", "MyCo"),
    ],
)  # fmt: skip
async def test_a_sender_is_read_without_its_blanks_and_prefixes(
    house: House, written: str, sender: str
) -> None:
    assert (await house.status(**{"from": written}))[0] == "0"
    assert (await house.kept())[0].sender == sender


@pytest.mark.parametrize("written", [PHONE[1:], PHONE, "00" + PHONE[1:], f" {PHONE[1:]} "])
async def test_a_recipient_may_have_a_prefix(house: House, written: str) -> None:
    assert (await house.status(to=written))[0] == "0"
    assert (await house.kept())[0].recipient == PHONE


async def test_the_type_decides_the_alphabet_and_not_the_text(house: House) -> None:
    await house.send(text="naïve 😀 é")
    await house.send(text="plain", type="unicode")
    second, first = await house.kept()
    assert (first.text, first.encoding) == ("na?ve ? é", "gsm7")
    assert (second.text, second.encoding) == ("plain", "ucs2")


async def test_long_unicode_is_cut_at_67_without_tearing_pairs(house: House) -> None:
    answer = await house.send(text="😀" * 36, type="unicode")
    assert answer.json["message-count"] == "2"


async def test_a_prices_prefix_counts(tmp_path: Path) -> None:
    path = str(tmp_path / "prices.db")
    async with opened(path) as house:
        insert = statement("insert into price (prefix, amount) select p, a from {rows} r", "p text, a int")
        await house.do(lambda unit: unit.run(insert, [("44", 4_120_000), ("447700", 5_000_001)]))
    async with opened(path, found=False) as house:
        assert (await house.send()).first["message-price"] == "0.05000001"
        assert (await house.send(to="441632960000")).first["message-price"] == "0.04120000"
        assert (await house.send(to="4915112345678")).first["message-price"] == "0.07000000"


async def test_class_0_is_shown_at_once(house: House) -> None:
    await house.send(**{"message-class": "0"})
    await house.send(**{"message-class": "1"})
    assert [message.flash for message in await house.kept()] == [0, 1]


async def test_what_regulators_want_is_kept_with_the_message(house: House) -> None:
    await house.send(**{"entity-id": "e1", "content-id": "c1", "trusted-number": "true", "pool-id": "p"})
    [message] = await house.kept()
    kept = await tellings.of(house.core.store.engine, message.id)
    assert (kept.url, kept.receipts, kept.entity, kept.content) == ("", 1, "e1", "c1")


async def test_short_codes_of_the_usa_have_no_campaign_here(house: House) -> None:
    answer = await house.ask("POST", "/sc/us/2fa/json?" + urlencode(SENT))
    assert answer.first == {"status": "101", "error-text": "Invalid Account for Campaign"}
    wrong = await house.ask("POST", "/sc/us/alert/json?" + urlencode({**SENT, "api_secret": "wrong"}))
    assert wrong.first["status"] == "4"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/sms/json"),
        ("DELETE", "/sms/xml"),
        ("GET", "/sms/yaml"),
        ("GET", "/sms"),
        ("GET", "/sc/us/2fa/x"),
    ],
)
async def test_other_methods_and_forms_are_not_there(house: House, method: str, path: str) -> None:
    answer = await house.ask(method, path)
    assert answer.status == 404
    assert answer.json == {"error-code": "404", "error-code-label": "not found"}


async def test_a_spare_number_of_the_account_may_send(house: House) -> None:
    assert (await house.status(**{"from": SPARE[1:]}))[0] == "0"


async def test_a_pair_that_answers_each_other_is_unroutable_for_a_while(house: House) -> None:
    """Neither 1, on which SDKs send again at once, nor 7, on which programs strike the number off their lists."""
    exchange = [(ACCOUNT, DID, PHONE, START - n, n) for n in range(19)]
    await house.do(lambda unit: exchanges.came(unit, exchange))
    before = await house.balance()
    first = (await house.send(**{"from": DID[1:]})).first
    assert (first["to"], first["status"], first["error-text"]) == (
        PHONE[1:], "6", "Unroutable message - rejected",
    )  # fmt: skip
    assert await house.kept() == []
    assert await house.balance() == before
    assert await house.status() == ("0", ""), "from another sender"
    house.clock.advance(61 * SECOND)
    assert await house.status(**{"from": DID[1:]}) == ("0", "")


async def test_what_a_network_may_be_told_is_kept_with_the_message(house: House) -> None:
    await house.send(**{"message-class": "2"})
    await house.send(type="binary", body="00", text=None, **{"protocol-id": "65"})
    await house.send(**{"protocol-id": "65"})
    kept = [await tellings.of(house.core.store.engine, one.id) for one in reversed(await house.kept())]
    assert [(one.shown, one.protocol) for one in kept] == [(2, 0), (0, 65), (0, 0)]
