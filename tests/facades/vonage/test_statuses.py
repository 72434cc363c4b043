"""Every status of the vendor's table at will: an account sees it instead of sending, and nothing else happens."""

from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import msgspec
import pytest

from textwire.domain.account import Settings
from textwire.facades.vonage import statuses
from textwire.facades.vonage.signatures import sign

from .house import BALANCE, KEY, PHONE, SENT, SIGNING, START, House, opened

MISSING = "Your request is incomplete and missing some mandatory parameters"
# status → (text, whether the recipient is named, whether the network is): the table of the vendor's error codes.
TABLE: Final = {
    "1": ("Throughput Rate Exceeded - please wait [ 500 ] and retry", True, True),
    "2": (MISSING, False, False),
    "3": ("to address is not numeric", False, False),
    "4": ("Bad Credentials", False, False),
    "5": ("Server Error", False, False),
    "6": ("Unroutable message - rejected", True, False),
    "7": ("Number barred.", True, True),
    "8": ("Partner Account Barred", True, True),
    "9": ("Quota Exceeded - rejected", True, True),
    "10": ("Too Many Existing Binds", False, False),
    "11": ("Account Not Enabled For HTTP", False, False),
    "12": ("Message Too Long", False, False),
    "13": ("Communication Failed", True, True),
    "14": ("Invalid Signature", False, False),
    "15": ("Illegal Sender Address - rejected", True, True),
    "16": ("value for ttl field out of range", False, False),
    "17": ("Destination Unreachable", True, True),
    "18": ("Too Many Destinations", True, True),
    "19": ("Facility Not Allowed", True, True),
    "20": ("Invalid Message Class", False, False),
    "22": ("Invalid Network Code", True, False),
    "23": ("Invalid Callback URL", False, False),
    "29": ("Non White-listed Destination - rejected", True, False),
    "32": ("Signature And API Secret Disallowed", False, False),
    "33": ("Number De-activated", True, True),
    "101": ("Invalid Account for Campaign", False, False),
}


def element(status: str) -> dict[str, str]:
    text, addressed, networked = TABLE[status]
    to, network = {"to": PHONE[1:]} if addressed else {}, {"network": "00101"} if networked else {}
    return {**to, "status": status, "error-text": text, **network}


@pytest.mark.parametrize("status", TABLE)
async def test_a_status_that_the_account_wants_to_see_is_seen_and_nothing_is_sent(
    house: House, status: str
) -> None:
    await house.set(simulated_status=status)
    answer = await house.send()
    assert (answer.status, answer.json["message-count"], answer.first) == (200, "1", element(status))
    xml = (await house.ask("GET", "/sms/xml?" + urlencode(SENT))).body.decode()
    assert f"<status>{status}</status><errorText>{TABLE[status][0]}</errorText>" in xml
    assert await house.kept() == []
    assert await house.balance() == BALANCE
    await house.set(simulated_status=None)
    assert (await house.status())[0] == "0"


def test_every_status_can_be_seen() -> None:
    field = next(f for f in msgspec.structs.fields(Settings) if f.name == "simulated_status")
    offered = msgspec.inspect.type_info(field.type)
    assert isinstance(offered, msgspec.inspect.Metadata | msgspec.inspect.LiteralType)
    literal = offered.type if isinstance(offered, msgspec.inspect.Metadata) else offered
    assert isinstance(literal, msgspec.inspect.LiteralType)
    assert set(literal.values) == {"", *TABLE}
    assert set(statuses.STATUSES.values()) == set(TABLE) == set(statuses.PRETENDED)


async def test_who_would_have_been_refused_hears_why(house: House) -> None:
    await house.set(simulated_status="29")
    assert (await house.status(api_secret="wrong"))[0] == "4"
    assert (await house.status(text=None))[0] == "2"
    assert (await house.status(**{"from": "447700900999"}))[0] == "15"


async def test_a_signed_request_that_was_only_pretended_may_come_again(house: House) -> None:
    fields = {
        "api_key": KEY, "from": "AcmeInc", "to": PHONE[1:], "text": "hi", "timestamp": str(START // 1_000_000),
    }  # fmt: skip
    signed = {**fields, "sig": sign("sha256", SIGNING, fields)}
    await house.set(simulated_status="13")
    assert (await house.form(signed)).first["status"] == "13"
    await house.set(simulated_status=None)
    assert (await house.form(signed)).first["status"] == "0"
    assert (await house.form(signed)).first["status"] == "14"


async def test_no_status_is_pretended_once_a_real_carrier_is_armed(tmp_path: Path) -> None:
    async with opened(str(tmp_path / "armed.db"), simulated=False) as house:
        await house.set(simulated_status="6")
        assert (await house.status())[0] == "0"


@pytest.mark.parametrize("to", ["2101234567", "9991234567890", "9911234567"])
async def test_a_calling_code_that_nobody_has_is_unroutable(house: House, to: str) -> None:
    first = (await house.send(to=to)).first
    assert first == {"to": to, "status": "6", "error-text": "Unroutable message - rejected"}
    assert await house.kept() == []


@pytest.mark.parametrize("to", ["12025550123", "8835100012345", "33612345678", "77012345678"])
async def test_one_that_somebody_has_is_not(house: House, to: str) -> None:
    assert (await house.status(to=to))[0] == "0"
