"""sipgate's own library, npm sipgateio 2.15.1 unmodified, against a running server: HTTPS_PROXY leads it here."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server

from .library import Library, Raised, library, node
from .packages import installed

PHONE, OTHER_PHONE, OWNED = "+4915799999123", "+4915799999124", "+4915799912345"


def connected(server: Server, scripts: Path, **credentials: str) -> AbstractContextManager[Library]:
    """The library with credentials; what makes it ready is who they are."""
    command = [node(), scripts / "sipgateio_client.js", installed("sipgate")]
    return library(command, credentials, HTTPS_PROXY=server.url)


def send(sipgate: Library, *later: object, **fields: str) -> None:
    """The library's send."""
    sipgate.call("SMS.send", {"message": "Grüße", "to": PHONE, **fields}, *later)


@pytest.fixture
def sipgate(server: Server, scripts: Path) -> Iterator[Library]:
    """The library with the first account's token."""
    kept = server.credentials["sipgate"]
    with connected(server, scripts, tokenId=kept["token_id"], token=kept["token"]) as one:
        yield one


def test_a_token_and_a_password_are_the_same_user(server: Server, scripts: Path, sipgate: Library) -> None:
    kept = server.credentials["sipgate"]
    with connected(server, scripts, username=kept["email"], password=kept["password"]) as by_password:
        assert sipgate.ready == by_password.ready == kept["user_id"] == "w0"


def test_a_wrong_token_is_unauthorized(server: Server, scripts: Path) -> None:
    wrong = {"tokenId": "token-ABC123", "token": "b5b1d7b0-1111-4111-8111-111111111111"}
    with pytest.raises(Raised, match="Unauthorized"), connected(server, scripts, **wrong):
        pass


def test_a_text_reaches_the_handset(server: Server, sipgate: Library) -> None:
    send(sipgate, smsId="s0", to="+49 1579 9999125")
    [shown] = server.shown("+4915799999125")
    assert (shown["from"], shown["text"]) == ("sipgate", "Grüße")


def test_the_library_words_our_refusals(sipgate: Library) -> None:
    with pytest.raises(Raised, match="Invalid SMS extension"):
        send(sipgate, smsId="s1")
    with pytest.raises(Raised, match="Request failed with status code 400"):
        send(sipgate, smsId="s0", message=" ")


def test_the_library_finds_the_extension_and_sends_from_the_verified_number(
    server: Server, sipgate: Library
) -> None:
    assert sipgate.call("SMS.getSmsExtensions", "w0") == [
        {"id": "s0", "alias": "SMS von demo", "callerId": "sipgate"}
    ]
    send(sipgate, **{"from": OWNED, "to": "+4915799999126"})
    [shown] = server.shown("+4915799999126")
    assert shown["from"] == OWNED
    assert sipgate.call("SMS.getSmsExtensions", "w0")[0]["callerId"] == "sipgate"  # put back
    with pytest.raises(Raised, match="not registered"):
        send(sipgate, **{"from": "+4915711111111"})


def test_a_text_for_later_stands_in_the_history_with_its_time(server: Server, sipgate: Library) -> None:
    now = server.api("GET", "/api/simnet/clock")["now"]
    at = _after(now, 3600)
    send(sipgate, {"date": at}, smsId="s0", to=OTHER_PHONE, message="later")
    [entry] = [
        one for one in sipgate.call("History.fetchAll", {"types": ["SMS"]}) if one["smsContent"] == "later"
    ]
    assert entry["scheduled"][:19] == at[:19]
    sipgate.call("History.deleteById", entry["id"])
    page = server.api("GET", f"/api/messages?to=%2B{OTHER_PHONE[1:]}")
    assert page["items"] == []


def test_what_comes_in_is_polled_and_archived_as_the_vendors_example_does(
    server: Server, sipgate: Library
) -> None:
    server.api("POST", f"/api/simnet/phones/{PHONE}/messages", {"to": OWNED, "text": "Termin: 01.08"})
    wanted = {"types": ["SMS"], "directions": ["INCOMING"], "archived": False}
    entries = _some(sipgate, wanted)
    assert [(one["source"], one["target"], one["smsContent"]) for one in entries] == [
        (PHONE, OWNED, "Termin: 01.08")
    ]
    assert sipgate.call("History.fetchById", entries[0]["id"])["connectionIds"] == ["s0"]
    sipgate.call("History.mark", {"archived": True, "note": "answered"})
    assert sipgate.call("History.fetchAll", wanted) == []
    [kept] = sipgate.call("History.fetchAll", {**wanted, "archived": True})
    assert kept["note"] == "answered"
    assert "Termin: 01.08" in sipgate.call("History.exportAsCsvString", {"archived": True})
    sipgate.call("History.deleteByListOfIds", [kept["id"]])
    with pytest.raises(Raised):
        sipgate.call("History.fetchById", kept["id"])


def test_the_numbers_are_the_accounts(server: Server, sipgate: Library) -> None:
    found = sipgate.call("Numbers.getAllNumbers")
    numbers = found["items"] if isinstance(found, dict) else found
    assert {one["number"] for one in numbers} == set(server.credentials["numbers"])


def _some(sipgate: Library, wanted: dict[str, object]) -> list[Any]:
    for _ in range(50):
        if found := sipgate.call("History.fetchAll", wanted):
            return list(found)
    raise AssertionError("nothing came in")


def _after(moment: str, seconds: int) -> str:
    at = datetime.fromisoformat(moment) + timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
