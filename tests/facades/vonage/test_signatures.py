"""Signatures: vectors that both of the vendor's verifiers accept, requests that carry one, and what must not pass."""

import hashlib
import hmac
from collections.abc import Mapping
from urllib.parse import urlencode

import pytest

from textwire.facades.vonage import signatures

from .house import KEY, PHONE, SECRET, SIGNING, START, House

FIELDS = {
    "api_key": "abcd1234", "client-ref": "r1", "from": "AcmeInc", "text": "Fish & chips = 5 é",
    "timestamp": "1600000000", "to": "447700900123",
}  # fmt: skip
CANONICAL = "&api_key=abcd1234&client-ref=r1&from=AcmeInc&text=Fish _ chips _ 5 é&timestamp=1600000000&to=447700900123"
VECTORS = {
    "md5hash": "3dbff5863efbaa581d8cd8158b9d900a",
    "md5": "f4f9efdf3fc80221ffcc473bc486956a",
    "sha1": "0c54f1745bf4b0dd99e03247c01920e844e87c0f",
    "sha256": "bbc8aa306c2f79ec53be27ba511f7921563d46371dd1bb03c1f61586902618f1",
    "sha512": "f61fc4d18ece1ab937a87a37dacb59f1260acb23f743b0dc666dd34d08c970c5"
    "f7400f3e56f0cde23d7fc30db8744bd96c9d0095d47a74136db5f14422bbaa77",
}
NOW = str(START // 1_000_000)
SIGNED = {"api_key": KEY, "from": "AcmeInc", "to": PHONE[1:], "text": "hi", "timestamp": NOW}


def signed(method: str = "sha256", **changes: str) -> Mapping[str, str]:
    fields = {**SIGNED, **changes}
    return {**fields, "sig": signatures.sign(method, SIGNING, fields)}


def test_the_canonical_text_is_that_of_the_vectors() -> None:
    assert signatures.canonical({**FIELDS, "sig": "x"}) == CANONICAL


def test_names_are_sorted_by_their_bytes() -> None:
    assert signatures.canonical({"messageId": "1", "message-timestamp": "2", "to": "3", "Z": "4"}) == (
        "&Z=4&message-timestamp=2&messageId=1&to=3"
    )


@pytest.mark.parametrize(("method", "sig"), VECTORS.items())
def test_every_vector_is_signed_and_verified_in_either_case(method: str, sig: str) -> None:
    assert signatures.sign(method, SIGNING, FIELDS) == sig
    assert signatures.method_of(SIGNING, {**FIELDS, "sig": sig}) == method
    assert signatures.method_of(SIGNING, {**FIELDS, "sig": sig.upper()}) == method


@pytest.mark.parametrize("sig", ["", "x", "é", VECTORS["sha256"][:-1], VECTORS["sha256"] + "0"])
def test_another_signature_is_none(sig: str) -> None:
    assert signatures.method_of(SIGNING, {**FIELDS, "sig": sig}) is None


def test_another_secret_or_field_is_none() -> None:
    good = {**FIELDS, "sig": VECTORS["sha256"]}
    assert signatures.method_of(SIGNING + "0", good) is None
    for name in FIELDS:
        assert signatures.method_of(SIGNING, {**good, name: FIELDS[name] + "0"}) is None
        assert signatures.method_of(SIGNING, {n: v for n, v in good.items() if n != name}) is None


def test_no_value_can_forge_another_field() -> None:
    """`&`, `=` and `_` stay interchangeable inside a value: that is the vendor's, and inherent."""
    two = {"text": "a", "to": "1"}
    one = {"text": "a&to=1"}
    assert signatures.sign("sha256", SIGNING, one) != signatures.sign("sha256", SIGNING, two)
    assert signatures.sign("sha256", SIGNING, {"text": "a=b"}) == signatures.sign(
        "sha256", SIGNING, {"text": "a_b"}
    )


@pytest.mark.parametrize("method", signatures.METHODS)
async def test_a_request_may_be_signed_by_every_method(house: House, method: str) -> None:
    assert (await house.form(signed(method))).first["status"] == "0"


async def test_a_stale_basic_beside_a_signature_counts_for_nothing(house: House) -> None:
    answer = await house.ask(
        "POST", "/sms/json", urlencode(signed()).encode(), {"authorization": "Basic YTpi"}
    )
    assert answer.first["status"] == "0"


@pytest.mark.parametrize(
    "changes",
    [
        {"sig": "0" * 64},
        {"text": "other"},
        {"api_key": "nobody00"},
        {"sig": "é"},
        {"api_secret": SECRET, "sig": "0" * 64},
    ],
)
async def test_a_wrong_signature_is_status_14_and_nothing_happens(
    house: House, changes: dict[str, str]
) -> None:
    first = (await house.form({**signed(), **changes})).first
    assert first == {"status": "14", "error-text": "Invalid Signature"}
    assert await house.kept() == []


async def test_a_signature_without_a_key_is_status_2(house: House) -> None:
    fields = {name: value for name, value in signed().items() if name != "api_key"}
    assert (await house.form(fields)).first == {"status": "2", "error-text": "Missing api_key"}


async def test_a_signature_and_a_secret_together_are_status_32_though_both_are_right(house: House) -> None:
    first = (await house.form(signed(api_secret=SECRET))).first
    assert first == {"status": "32", "error-text": "Signature And API Secret Disallowed"}
    assert await house.kept() == []


@pytest.mark.parametrize("seconds", [-301, 301, -(10**9)])
async def test_a_signature_of_another_time_is_status_14(house: House, seconds: int) -> None:
    then = str(START // 1_000_000 + seconds)
    assert (await house.form(signed(timestamp=then))).first["status"] == "14"


@pytest.mark.parametrize("seconds", [-300, 300])
async def test_five_minutes_are_forgiven(house: House, seconds: int) -> None:
    then = str(START // 1_000_000 + seconds)
    assert (await house.form(signed(timestamp=then))).first["status"] == "0"


@pytest.mark.parametrize("written", ["", "now", "٠", "9" * 13, "-1"])
async def test_a_time_that_is_none_is_status_14(house: House, written: str) -> None:
    fields = {name: value for name, value in SIGNED.items() if name != "timestamp"}
    if written:
        fields["timestamp"] = written
    answer = await house.form({**fields, "sig": signatures.sign("sha256", SIGNING, fields)})
    assert answer.first["status"] == "14"


async def test_an_accepted_signature_is_not_accepted_again(house: House) -> None:
    assert (await house.form(signed())).first["status"] == "0"
    assert (await house.form(signed())).first["status"] == "14"
    upper = {**signed(), "sig": signed()["sig"].upper()}
    assert (await house.form(upper)).first["status"] == "14"
    assert len(await house.kept()) == 1
    assert (await house.form(signed(nonce="2"))).first["status"] == "0"


async def test_a_refused_signature_may_come_again(house: House) -> None:
    await house.set(throughput=1)
    assert (await house.status())[0] == "0"
    assert (await house.form(signed())).first["status"] == "1"
    house.times.real += 1_000_000
    assert (await house.form(signed())).first["status"] == "0"


async def test_an_account_may_insist_on_one_method(house: House) -> None:
    await house.set(request_signature="sha512")
    assert (await house.form(signed("md5hash"))).first["status"] == "14"
    assert (await house.form(signed("sha512"))).first["status"] == "0"


@pytest.mark.parametrize("other", ["trusted-number", "trusted_sender"])
async def test_the_python_sdk_4_that_signs_what_it_does_not_send_is_understood(
    house: House, other: str
) -> None:
    unset = dict.fromkeys(
        (
            "account-ref", "body", "callback", "content-id", "entity-id", "message-class", "protocol-id", "sig",
            "status-report-req", other, "ttl", "type", "udh",
        ),
        "None",
    )  # fmt: skip
    sent = {**SIGNED, "client-ref": "r1"}
    text = "".join(f"&{name}={value}" for name, value in sorted({**unset, **sent}.items()))
    for method in ("md5", "sha256"):
        sig = hmac.new(SIGNING.encode(), text.encode(), getattr(hashlib, method)).hexdigest()
        assert (await house.form({**sent, "sig": sig})).first["status"] == "0"


async def test_a_signature_that_says_none_where_something_was_sent_is_wrong(house: House) -> None:
    fields = {**SIGNED, "ttl": "20000"}
    signed_without = {**fields, "ttl": "None"}
    sig = signatures.sign("sha256", SIGNING, signed_without)
    assert (await house.form({**fields, "sig": sig})).first["status"] == "14"
