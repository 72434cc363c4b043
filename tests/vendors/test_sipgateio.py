"""sipgate's own library, npm sipgateio 2.15.1 unmodified, against a running server: HTTPS_PROXY leads it here."""

import time
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
    sipgate.call("History.mark", {"": {"archived": True, "note": "answered"}})
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


def test_a_code_makes_a_number_a_sender_and_until_then_the_library_refuses_it(
    server: Server, sipgate: Library
) -> None:
    mine, callers = "+4915799999127", "w0/sms/s0/callerids"
    sipgate.call("client.post", callers, {"phonenumber": mine})
    with pytest.raises(Raised, match="not verified yet"):
        send(sipgate, **{"from": mine})
    [entry] = [one for one in sipgate.call("client.get", callers)["items"] if one["phonenumber"] == mine]
    [shown] = server.shown(mine)
    sipgate.call(
        "client.post", f"{callers}/{entry['id']}/verification", {"verificationCode": shown["text"][:6]}
    )
    send(sipgate, **{"from": mine, "to": "+4915799999128"})
    [shown] = server.shown("+4915799999128")
    assert shown["from"] == mine
    with pytest.raises(Raised, match="Request failed with status code 400"):
        send(sipgate, **{"from": mine, "to": "abc"})
    sipgate.call("client.delete", f"{callers}/{entry['id']}")  # the library leaves it chosen after a failure
    assert sipgate.call("SMS.getSmsExtensions", "w0")[0]["callerId"] == "sipgate"


def test_an_extension_is_renamed(sipgate: Library) -> None:
    for alias in ("Läden & Büros", "SMS von demo"):
        sipgate.call("client.put", "w0/sms/s0", {"alias": alias})
        assert sipgate.call("SMS.getSmsExtensions", "w0")[0]["alias"] == alias


def test_the_settings_module_keeps_what_it_is_told(sipgate: Library) -> None:
    def kept() -> Any:
        return sipgate.call("Settings.getWebhookSettings")

    at_first = {"incomingUrl": "", "outgoingUrl": "", "log": False, "whitelist": []}
    assert kept() == at_first
    for name, given, field, value in (
        ("setIncomingUrl", ["https://calls.example.com/in"], "incomingUrl", "https://calls.example.com/in"),
        ("setOutgoingUrl", ["http://127.0.0.1:9000/"], "outgoingUrl", "http://127.0.0.1:9000/"),
        ("setLog", [True], "log", True), ("setWhitelist", [["p0", "g1"]], "whitelist", ["p0", "g1"]),
        ("disableWhitelist", [], "whitelist", None), ("clearWhitelist", [], "whitelist", []), ("setLog", [False], "log", False),
        ("clearIncomingUrl", [], "incomingUrl", ""), ("clearOutgoingUrl", [], "outgoingUrl", ""),
    ):  # fmt: skip
        before = kept()
        sipgate.call(f"Settings.{name}", *given)
        assert kept() == {**before, field: value}, name
    assert kept() == at_first
    with pytest.raises(Raised, match="Request failed with status code 400"):
        sipgate.call("Settings.setIncomingUrl", "http://169.254.169.254/")


def test_each_filter_of_the_history_is_understood(server: Server, sipgate: Library) -> None:
    now = server.api("GET", "/api/simnet/clock")["now"]
    other = "+4915799999129"
    send(sipgate, smsId="s0", to=other, message="filtered")
    server.api("POST", f"/api/simnet/phones/{other}/messages", {"to": OWNED, "text": "came in"})

    def found(**wanted: object) -> list[str]:
        return [
            one["smsContent"] for one in sipgate.call("History.fetchAll", {"phonenumber": other, **wanted})
        ]

    _some(sipgate, {"phonenumber": other, "directions": ["INCOMING"]})
    both = ["came in", "filtered"]
    hour = {"date": _after(now, -3600)}, {"date": _after(now, 3600)}
    assert found() == both
    assert found(types=["SMS", "FAX"], connectionIds=["s0"], starred=False) == both
    assert found(types=["CALL"]) == found(connectionIds=["s1"]) == found(starred=True) == []
    assert found(directions=["OUTGOING"]) == ["filtered"]
    assert found(startDate=hour[0], endDate=hour[1]) == both
    assert found(startDate=hour[1]) == found(endDate=hour[0]) == found(archived=True) == []
    assert found(phonenumber="01579 9999129") == both  # as somebody in Germany dials it
    pages = [
        sipgate.call("History.fetchAll", {"phonenumber": other}, {"offset": n, "limit": 1}) for n in range(3)
    ]
    assert [[one["smsContent"] for one in page] for page in pages] == [["came in"], ["filtered"], []]
    with pytest.raises(Raised, match="Invalid filter or pagination input"):
        sipgate.call("History.fetchAll", {}, {"limit": 1001})


def test_many_entries_are_marked_at_once_those_with_notes_one_by_one(
    server: Server, sipgate: Library
) -> None:
    other = "+4915799999130"
    for text in ("one", "two", "three", "four"):
        send(sipgate, smsId="s0", to=other, message=text)
    marks = {
        "one": {"starred": True}, "two": {"archived": True, "read": True}, "three": {"note": "mine", "starred": True},
    }  # fmt: skip
    sipgate.call("History.mark", marks, {"phonenumber": other})
    entries = [
        entry
        for archived in (False, True)
        for entry in sipgate.call("History.fetchAll", {"phonenumber": other, "archived": archived})
    ]
    assert {e["smsContent"]: (e["starred"], e["archived"], e["note"]) for e in entries} == {
        "one": (True, False, None), "two": (False, True, None), "three": (True, False, "mine"), "four": (False, False, None),
    }  # fmt: skip
    sipgate.call("History.mark", {}, {"phonenumber": other})  # an empty array goes out, and is fine
    export = sipgate.call("History.exportAsCsvString", {"starred": True})
    assert "three" in export
    assert "four" not in export
    _until_over(server, other)  # what is under way would be passed over
    sipgate.call("History.deleteByListOfIds", [entry["id"] for entry in entries])
    assert sipgate.call("History.fetchAll", {"phonenumber": other}) == []


def test_what_the_library_asks_beside_texts_is_answered(sipgate: Library) -> None:
    info = sipgate.call("client.get", "authorization/userinfo")
    assert (info["sub"], info["domain"]) == ("w0", "sipgate.de")
    assert sipgate.call("client.get", "account")["verified"] is True
    assert sipgate.call("client.get", "balance")["currency"] == "EUR"
    assert sipgate.call("Devices.getDevices", "w0") == []
    assert sipgate.call("Voicemails.getVoicemails") == []


def _some(sipgate: Library, wanted: dict[str, object]) -> list[Any]:
    for _ in range(50):
        if found := sipgate.call("History.fetchAll", wanted):
            return list(found)
    raise AssertionError("nothing came in")


def _until_over(server: Server, to: str) -> None:
    for _ in range(600):
        page = server.api("GET", f"/api/messages?to=%2B{to[1:]}")
        if {one["state"] for one in page["items"]} == {"delivered"}:
            return
        time.sleep(0.05)
    raise AssertionError("they are still under way")


def _after(moment: str, seconds: int) -> str:
    at = datetime.fromisoformat(moment) + timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
