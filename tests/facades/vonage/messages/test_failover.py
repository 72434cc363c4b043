"""`failover`: messages that follow one that has failed, each with its UUID, its statuses and its place in the workflow."""

import uuid
from typing import Any

import pytest

from tests.facades.vonage.asking import problem
from tests.facades.vonage.house import ACCOUNT, BALANCE, BLOCKED, PHONE, PLACE, PRICE, START, House
from textwire.store import accounts
from textwire.store.accounts import Entry
from textwire.store.committer import Unit

from .sending import BODY, FAILING, UNKNOWN, application, changed, said, send

CODES = "https://developer.vonage.com/api-errors/messages#"


async def test_each_message_of_a_workflow_is_told_with_its_place(house: House) -> None:
    app = await application(house)
    later = [changed({"to": FAILING, "text": "two"}), changed({"text": "three", "client_ref": "last"})]
    answer = await app.send(to=UNKNOWN, failover=later)
    assert answer.status == 202
    assert list(answer.json) == ["message_uuid", "workflow_id"]
    workflow = answer.json["workflow_id"]
    assert str(uuid.UUID(workflow)) == workflow != answer.json["message_uuid"]
    told = [said(call) for call in await house.told(5)]
    assert [(one["status"], one["workflow"]["items_number"], one["to"]) for one in told] == [
        ("submitted", "1", UNKNOWN),
        ("rejected", "1", UNKNOWN),
        ("rejected", "2", FAILING),
        ("submitted", "3", PHONE[1:]),
        ("delivered", "3", PHONE[1:]),
    ]
    assert {(one["workflow"]["id"], one["workflow"]["items_total"]) for one in told} == {(workflow, "3")}
    assert told[0]["message_uuid"] == answer.json["message_uuid"]
    assert len({one["message_uuid"] for one in told}) == 3
    assert [one.get("client_ref") for one in told] == [None, None, None, "last", "last"]
    assert len(await house.quiet()) == 5
    assert await house.balance() == BALANCE - 2 * PRICE


async def test_nothing_follows_what_arrives(house: House) -> None:
    await send(house, failover=[BODY], webhook_url=PLACE)
    assert [said(call)["status"] for call in await house.told(2)] == ["submitted", "delivered"]
    assert len(await house.quiet()) == 2
    assert len(await house.kept()) == 1


async def test_each_is_told_to_its_own_place_in_its_own_words(house: House) -> None:
    later = changed({"to": FAILING, "webhook_url": PLACE + "/2", "webhook_version": "v0.1"})
    await send(house, to=FAILING, webhook_url=PLACE + "/1", failover=[later])
    first, second = await house.told(2)
    assert (first.url, second.url) == (PLACE + "/1", PLACE + "/2")
    assert said(first)["to"] == FAILING
    assert said(second)["to"] == {"type": "sms", "number": FAILING}
    assert "workflow" not in said(second)


async def test_without_failover_there_is_no_workflow(house: House) -> None:
    await send(house, webhook_url=PLACE)
    assert "workflow" not in said((await house.told(1))[0])


@pytest.mark.parametrize(
    ("failover", "code", "names"),
    [
        ([], "1150", ["failover"]),
        ({}, "1150", ["failover"]),
        ("x", "1150", ["failover"]),
        ([BODY] * 11, "1150", ["failover"]),
        (["x"], "1150", ["failover[0]"]),
        ([BODY, {}], "1010", [f"failover[1].{name}" for name in ("channel", "message_type", "from", "to", "text")]),
        ([changed({"channel": "whatsapp"})], "1020", ["failover[0].channel"]),
        ([changed({"to": "1"})], "1150", ["failover[0].to"]),
        ([changed({"sms": {"encoding_type": "x"}})], "1150", ["failover[0].sms.encoding_type"]),
        ([changed({"failover": [BODY]})], "1150", ["failover[0].failover"]),
        ([BODY, changed({"webhook_url": BLOCKED})], "1150", ["failover[1].webhook_url"]),
        ([BODY, changed({"sender": "447700900999"})], "1120", ["failover[1].from"]),
    ],
)  # fmt: skip
async def test_what_may_follow_is_judged_with_the_first(
    house: House, failover: Any, code: str, names: list[str]
) -> None:
    answer = await send(house, failover=failover)
    status, kind, _, found = problem(answer)
    assert (status, kind.removeprefix(CODES), sorted(found)) == (422, code, sorted(names))
    assert (await house.kept(), await house.balance()) == ([], BALANCE)
    assert await house.quiet() == []


async def test_as_many_may_follow_as_are_allowed(house: House) -> None:
    assert (await send(house, failover=[BODY] * 10)).status == 202


async def test_a_token_begins_one_workflow(house: House) -> None:
    app = await application(house)
    token, body = app.token(), changed({"to": FAILING, "failover": [BODY]})
    assert (await app.ask("POST", "/v1/messages", body, token)).status == 202
    assert (await app.ask("POST", "/v1/messages", body, token)).status == 401
    await house.told(3)
    assert len(await house.kept()) == 2


async def test_what_is_refused_in_its_turn_is_told_as_rejected(house: House) -> None:
    """The balance holds for the first message alone."""

    async def spend(unit: Unit) -> None:
        await accounts.book(unit, [Entry(77, ACCOUNT, 0, "test", PRICE - BALANCE, START)])

    await house.do(spend)
    await send(house, to=UNKNOWN, webhook_url=PLACE, failover=[changed({"webhook_url": PLACE})])
    last = said((await house.told(3))[-1])
    assert (last["status"], last["error"]["title"], last["to"]) == ("rejected", "1070", PHONE[1:])
    assert last["workflow"]["items_number"] == "2"
    assert await house.balance() == 0
