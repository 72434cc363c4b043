"""The history: every text out and in as an entry, found by each filter, marked, deleted, exported."""

import csv
import io
from typing import Any

import pytest

from textwire.domain.number import Assignment, Number
from textwire.store import numbers, people

from .house import NOW, OTHER_PHONE, OWNED, PHONE, SECOND, START, House, User


async def history(user: User, query: str = "") -> list[Any]:
    found = await user.get(f"/history?{query}" if query else "/history")
    assert list(found) == ["items", "totalCount"]
    return list(found["items"])


async def texts(user: User, query: str = "") -> list[str]:
    return [one["smsContent"] for one in await history(user, query)]


@pytest.fixture
async def owner(house: House, ada: User) -> User:
    """Ada, to whom the number is assigned."""
    await house.do(lambda unit: numbers.assign(unit, Assignment(OWNED, ada.principal.id, 1)))
    return ada


async def test_a_text_out_is_an_entry_with_all_members(house: House, ada: User) -> None:
    await ada.send(message="Grüße")
    await house.shown(PHONE)
    await house.step(5 * SECOND)
    [entry] = await history(ada)
    [kept] = await ada.messages()
    assert entry == {
        "id": str(kept.id), "source": "sipgate", "target": PHONE, "sourceAlias": "SMS von Ada", "targetAlias": "",
        "type": "SMS", "created": "2027-01-15T08:00:00Z", "lastModified": entry["lastModified"],
        "direction": "OUTGOING", "incoming": False, "status": "PICKUP", "connectionIds": ["s0"], "read": True,
        "archived": False, "note": None,
        "endpoints": [{"type": "ROUTED", "endpoint": {"extension": "s0", "type": "SMS"}}], "starred": False,
        "labels": [], "smsContent": "Grüße", "scheduled": None, "state": "delivered", "reason": "",
    }  # fmt: skip
    assert await ada.get(f"/history/{kept.id}") == entry


async def test_a_text_in_is_an_unread_entry_of_the_extension_that_holds_the_number(
    house: House, owner: User
) -> None:
    await house.text("Hallo zurück")
    [entry] = await history(owner)
    expected = {
        "source": PHONE, "target": OWNED, "sourceAlias": "", "targetAlias": "SMS von Ada", "direction": "INCOMING",
        "incoming": True, "status": "PICKUP", "connectionIds": ["s0"], "read": False, "smsContent": "Hallo zurück",
    }  # fmt: skip
    assert {name: entry[name] for name in expected} == expected


async def test_a_caller_ids_number_receives_for_its_extension(house: House, ada: User) -> None:
    await house.text("before")
    assert (await ada.ask("POST", "/w0/sms/s0/callerids", {"phonenumber": OWNED})).status == 204
    await house.text("after")
    assert [one["connectionIds"] for one in await history(ada)] == [["s0"], ["s0"]]


async def test_what_never_arrives_says_so_and_why(house: House, ada: User) -> None:
    await ada.send(recipient="+4915799990001")  # nobody can be reached there
    for _ in range(50):
        await house.step(SECOND)
        [entry] = await history(ada)
        if entry["status"] == "NOPICKUP":
            break
    assert (entry["status"], entry["state"]) == ("NOPICKUP", "undelivered")


async def test_a_phone_that_stays_off_is_under_way_and_then_expired(house: House, ada: User) -> None:
    await ada.send(recipient="+4915799990002")
    await house.step(3600 * SECOND)
    [entry] = await history(ada)
    assert (entry["status"], entry["state"]) == ("PICKUP", "sent"), "accepted is not arrived"
    for _ in range(50):
        if entry["state"] != "sent":
            break
        await house.step(2 * 3600 * SECOND)
        [entry] = await history(ada)
    assert (entry["status"], entry["state"]) == ("NOPICKUP", "expired")
    assert entry["reason"]


async def some(house: House, owner: User) -> None:
    """Three texts, a minute apart: out, in from another phone, scheduled."""
    await owner.send(message="one")
    await house.shown(PHONE)
    house.clock.advance(START + 60 * SECOND - house.clock.now())
    await house.text("two", number=OTHER_PHONE)
    house.clock.advance(START + 120 * SECOND - house.clock.now())
    await owner.send(message="three", sendAt=NOW + 3600)


# Query → the texts that pass.
FILTERS: dict[str, list[str]] = {
    "": ["three", "two", "one"],
    "types=SMS": ["three", "two", "one"],
    "types=SMS&types=FAX": ["three", "two", "one"],
    "types=CALL&types=FAX": [],
    "directions=INCOMING": ["two"],
    "directions=OUTGOING": ["three", "one"],
    "directions=INCOMING&directions=OUTGOING": ["three", "two", "one"],
    "directions=MISSED_INCOMING": [],
    "types=SMS&directions=INCOMING&archived=false": ["two"],
    "connectionIds=s0": ["three", "two", "one"],
    "connectionIds=s1": [],
    "connectionIds=s0&connectionIds=s1": ["three", "two", "one"],
    "archived=false": ["three", "two", "one"],
    "archived=true": [],
    "starred=STARRED": [],
    "starred=UNSTARRED": ["three", "two", "one"],
    "starred=STARRED&starred=UNSTARRED": ["three", "two", "one"],
    "phonenumber=%2B4915799999124": ["two"],
    "phonenumber=+4915799999124": ["two"],
    "phonenumber=015799999124": ["two"],
    "phonenumber=%2B4915799912345": ["two"],
    "phonenumber=%2B491575555555": [],
    "from=2027-01-15T08%3A01%3A00.000Z": ["three", "two"],
    "from=2027-01-15T09:01:00%2B01:00": ["three", "two"],
    "to=2027-01-15T08%3A01%3A00.000Z": ["one"],
    "from=2027-01-15T08:00:30Z&to=2027-01-15T08:01:30Z": ["two"],
    "from=2030-01-01T00:00:00Z": [],
    "limit=2": ["three", "two"],
    "offset=1&limit=1": ["two"],
    "offset=3": [],
    "limit=0": [],
    "unknown=1": ["three", "two", "one"],
}


async def test_each_filter_finds_what_it_should(house: House, owner: User) -> None:
    await some(house, owner)
    for query, expected in FILTERS.items():
        assert await texts(owner, query) == expected, query


async def test_the_total_is_counted_before_paging(house: House, owner: User) -> None:
    await some(house, owner)
    for query, total in (("limit=1", 3), ("offset=2", 3), ("limit=0", 3), ("directions=OUTGOING&limit=1", 2)):
        assert (await owner.get(f"/history?{query}"))["totalCount"] == total


async def test_ten_are_shown_unless_more_are_asked_for(ada: User) -> None:
    for n in range(12):
        await ada.send(message=f"{n}")
    assert await texts(ada) == [f"{n}" for n in range(11, 1, -1)]
    assert len(await texts(ada, "limit=1000")) == 12


@pytest.mark.parametrize(
    "query",
    ["types=SMOKE", "directions=UP", "starred=true", "archived=yes", "from=yesterday", "to=1800000000000000000000",
     "limit=1001", "limit=-1", "offset=x", "phonenumber=abc", "types=%FF", "from=%00", "&".join(["types=SMS"] * 400)],
)  # fmt: skip
async def test_other_filters_are_refused(ada: User, query: str) -> None:
    assert (await ada.ask("GET", f"/history?{query}")).refusal[0] == 400


async def test_only_the_sent_marks_change(house: House, owner: User) -> None:
    await house.text("in")
    [entry] = await history(owner)
    path, expected = f"/history/{entry['id']}", dict(entry)
    for change in (
        {"read": True},
        {"starred": True},
        {"note": "call back"},
        {},
        {"archived": True},
        {"note": None},
        {"archived": None},
    ):
        reply = await owner.ask("PUT", path, change)
        assert (reply.status, reply.body) == (204, b"")
        expected |= {name: value for name, value in change.items() if value is not None or name == "note"}
        now = await owner.get(path)
        assert {name: now[name] for name in ("read", "starred", "note", "archived")} == {
            name: expected[name] for name in ("read", "starred", "note", "archived")
        }, change
    assert await texts(owner) == []
    assert (
        await texts(owner, "archived=true") == await texts(owner, "archived=true&starred=STARRED") == ["in"]
    )


async def test_many_are_marked_at_once_and_none_is_fine_too(house: House, owner: User) -> None:
    await some(house, owner)
    ids = [one["id"] for one in await history(owner)]
    assert (await owner.ask("PUT", "/history", [])).status == 204
    body = [{"id": key, "archived": True} for key in ids[:2]] + [{"id": "1", "archived": True}]
    assert (await owner.ask("PUT", "/history", body)).status == 204
    assert await texts(owner) == ["one"]
    for wrong in (
        {},
        [{}],
        [{"id": ids[0], "read": "maybe"}],
        [{"id": ids[0], "note": "x" * 2001}],
        [{"id": ids[0]}] * 150,
        "x",
    ):
        assert (await owner.ask("PUT", "/history", wrong)).refusal[0] == 400, wrong


async def test_the_older_calls_mark_too(house: House, owner: User) -> None:
    await house.text("in")
    [entry] = await history(owner)
    path = f"/history/{entry['id']}"
    assert (await owner.ask("PUT", f"{path}/read", {"value": True})).status == 204
    assert (await owner.ask("PUT", f"{path}/archive", {"value": True})).status == 204
    noted = await owner.ask("PUT", f"{path}/note", {"note": "x"})
    assert noted.status == 200
    assert (noted.json["read"], noted.json["archived"], noted.json["note"]) == (True, True, "x")
    assert (await owner.ask("PUT", f"{path}/read", {})).refusal[0] == 400


async def test_entries_are_deleted_one_by_one_and_by_the_list(house: House, owner: User) -> None:
    for n in range(4):
        await house.text(f"{n}")
    ids = {one["smsContent"]: one["id"] for one in await history(owner)}
    await owner.ask("PUT", f"/history/{ids['0']}", {"note": "gone with it"})
    reply = await owner.ask("DELETE", f"/history/{ids['0']}")
    assert (reply.status, reply.body) == (204, b"")
    assert (await owner.ask("DELETE", f"/history/{ids['0']}")).refusal[0] == 404
    assert (await owner.ask("GET", f"/history/{ids['0']}")).refusal[0] == 404
    reply = await owner.ask("DELETE", f"/history?id={ids['1']}&id={ids['2']}&id=5&id=x&id={'9' * 40}")
    assert reply.status == 204
    assert await texts(owner) == ["3"]
    from textwire.store import marks

    assert await marks.of(house.engine, [int(ids["0"])]) == {}


async def test_a_scheduled_text_is_there_at_once_and_canceled_by_deleting_it(house: House, ada: User) -> None:
    balance = await ada.balance()
    await ada.send(sendAt=NOW + 3600, message="later")
    [entry] = await history(ada)
    assert (entry["scheduled"], entry["state"]) == ("2027-01-15T09:00:00Z", "scheduled")
    assert (await ada.ask("DELETE", f"/history/{entry['id']}")).status == 204
    assert await history(ada) == []
    assert await ada.balance() == balance
    for _ in range(5):
        await house.step(3600 * SECOND)
    assert await ada.messages() == []


async def test_a_scheduled_text_that_was_sent_keeps_its_time(house: House, ada: User) -> None:
    await ada.send(sendAt=NOW + 60, message="later")
    await house.step(60 * SECOND)
    await house.shown(PHONE)
    [entry] = await history(ada)
    assert entry["scheduled"] == "2027-01-15T08:01:00Z"
    assert entry["lastModified"] >= entry["scheduled"]


async def test_the_export_holds_what_passes_and_no_formulas(house: House, owner: User) -> None:
    await house.text('=HYPERLINK("x")')
    await owner.send(message='a "quoted", line\nand another')
    reply = await owner.ask("GET", "/history/export?types=SMS")
    assert reply.headers["content-type"] == "application/octet-stream"
    rows = list(csv.DictReader(io.StringIO(reply.body.decode(), newline="")))
    assert [row["smsContent"] for row in rows] == ['a "quoted", line\nand another', '\'=HYPERLINK("x")']
    assert [row["target"] for row in rows] == [PHONE, OWNED]
    assert (await owner.ask("GET", "/history/export?types=x")).refusal[0] == 400


@pytest.mark.parametrize("key", ["0", "1", "9" * 19])
async def test_an_unknown_entry_is_a_404(ada: User, key: str) -> None:
    for method, path, body in (
        ("GET", "", None), ("PUT", "", {"read": True}), ("DELETE", "", None), ("PUT", "/note", {"note": "x"}),
        ("PUT", "/read", {"value": True}), ("PUT", "/archive", {"value": True}),
    ):  # fmt: skip
        assert (await ada.ask(method, f"/history/{key}{path}", body)).refusal == (404, "")
    for path in ("/history/x", "/history/-1", f"/history/{'9' * 20}", "/history/1/labels"):
        assert (await ada.ask("GET", path)).status == 404


async def test_foreign_entries_are_as_unknown_as_those_that_there_are_not(
    house: House, owner: User, bob: User
) -> None:
    await house.text("ada's")
    [entry] = await history(owner)
    path = f"/history/{entry['id']}"
    assert await history(bob) == []
    for method, body in (("GET", None), ("PUT", {"archived": True}), ("DELETE", None)):
        foreign, unknown = await bob.ask(method, path, body), await bob.ask(method, "/history/1", body)
        assert (foreign.status, foreign.body) == (unknown.status, unknown.body) == (404, unknown.body)
    assert (await bob.ask("PUT", "/history", [{"id": entry["id"], "archived": True}])).status == 204
    assert (await bob.ask("DELETE", f"/history?id={entry['id']}")).status == 204
    assert await history(owner) == [entry]


async def test_who_does_not_manage_the_account_sees_his_own_extension(house: House, owner: User) -> None:
    eve = await house.user(owner.account, "eve")
    await house.do(lambda unit: people.allow(unit, eve.principal.id, "password", "read send"))
    assert (await eve.get("/authorization/userinfo"))["sub"] == "w1"
    eves = "+4915799912346"
    await house.do(lambda unit: numbers.insert(unit, [Number(eves, owner.account, "", START)]))
    await house.do(lambda unit: numbers.assign(unit, Assignment(eves, eve.principal.id, 1)))
    await owner.send(message="ada's")
    await eve.send(smsId="s1", message="eve's")
    await house.text("to eve", to=eves)
    assert await texts(eve) == ["to eve", "eve's"]
    assert await texts(owner) == ["to eve", "eve's", "ada's"]
    assert await texts(owner, "connectionIds=s1") == ["to eve", "eve's"]
    adas = [one["id"] for one in await history(owner, "connectionIds=s0")]
    assert (await eve.ask("DELETE", f"/history/{adas[0]}")).refusal[0] == 404


@pytest.mark.parametrize(
    ("scope", "read", "write"),
    [("history:read", 200, 403), ("history:write", 403, 204), ("sms:read", 403, 403)],
)
async def test_a_token_needs_a_scope_of_the_call(ada: User, scope: str, read: int, write: int) -> None:
    token = await ada.token(scope)
    assert (await token.ask("GET", "/history")).status == read
    assert (await token.ask("GET", "/history/export")).status == read
    assert (await token.ask("PUT", "/history", [])).status == write
    assert (await token.ask("DELETE", "/history")).status == write
