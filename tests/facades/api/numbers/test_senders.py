"""Proving that a number is one's own, over the API; the code shows on the handset and nowhere else."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from tests.facades.api.house import PHONE, House, Tenant
from textwire.store.engines.engine import statement

PATH = "/api/senders"


async def shown(house: House, number: str = PHONE, count: int = 1) -> str:
    """The code that the handset shows last, once it shows so many texts."""
    async with asyncio.timeout(10):
        while len(found := house.phones.messages(number)) < count:
            await asyncio.sleep(0.01)
    return str(found[-1].text[:6])


async def start(tenant: Tenant, number: str = PHONE) -> Any:
    reply = await tenant.ask("POST", PATH, {"number": number})
    assert reply.status == 201, reply
    return reply.json


async def prove(tenant: Tenant, number: str = PHONE) -> Any:
    await start(tenant, number)
    code = await shown(tenant.house, number)
    return (await tenant.ask("POST", f"{PATH}/{number}/verify", {"code": code})).json


async def test_a_proved_number_may_be_sent_from(house: House) -> None:
    assert (await house.alice.send(to="+447700900777", **{"from": PHONE})).status == 403
    pending = await start(house.alice)
    assert (pending["number"], pending["state"], pending["verified_at"]) == (PHONE, "pending", None)
    assert (await house.alice.get(PATH))["items"] == [pending]
    assert (await house.alice.send(to="+447700900777", **{"from": PHONE})).status == 403
    code = await shown(house)
    proved = (await house.alice.ask("POST", f"{PATH}/{PHONE}/verify", {"code": f" {code} "})).json
    assert (proved["number"], proved["state"], proved["expires_at"]) == (PHONE, "verified", None)
    assert (await house.alice.get(PATH))["items"] == [proved]
    assert (await house.alice.sent(to="+447700900777", **{"from": PHONE}))["from"] == PHONE
    assert (await house.bob.send(to="+447700900777", **{"from": PHONE})).status == 403


async def test_a_sender_can_be_given_up(house: House) -> None:
    await prove(house.alice)
    assert (await house.alice.ask("DELETE", f"{PATH}/{PHONE}")).status == 204
    assert (await house.alice.ask("DELETE", f"{PATH}/{PHONE}")).problem == (404, "not_found", [])
    assert (await house.alice.send(to="+447700900777", **{"from": PHONE})).status == 403


async def test_a_code_that_is_waited_for_can_be_given_up_too(house: House) -> None:
    await start(house.alice)
    code = await shown(house)
    assert (await house.alice.ask("DELETE", f"{PATH}/{PHONE}")).status == 204
    assert (await house.alice.get(PATH))["items"] == []
    reply = await house.alice.ask("POST", f"{PATH}/{PHONE}/verify", {"code": code})
    assert reply.problem == (403, "code_wrong", ["code"])


async def test_what_is_proved_or_owned_is_not_proved_again(house: House) -> None:
    await prove(house.alice)
    for number, code in (
        (PHONE, "sender_verified"),
        ("+16139998877", "number_taken"),
        ("+4915799912345", "number_taken"),
    ):
        reply = await house.alice.ask("POST", PATH, {"number": number})
        assert reply.problem == (409, code, ["number"])


async def test_a_repeated_request_texts_no_second_code(house: House) -> None:
    replies = await asyncio.gather(
        *(house.alice.ask("POST", PATH, {"number": PHONE}, idempotency_key="k") for _ in range(10))
    )
    assert {(reply.status, reply.body) for reply in replies} == {(201, replies[0].body)}
    await shown(house)
    await asyncio.sleep(0)
    assert len(house.phones.messages(PHONE)) == 1


async def test_the_sixth_code_of_a_number_has_to_wait(house: House) -> None:
    for _ in range(5):
        await start(house.alice)
    reply = await house.bob.ask("POST", PATH, {"number": PHONE})
    assert reply.problem == (429, "too_many_codes", [])
    assert 86_000 < int(reply.headers["retry-after"]) <= 86_400


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, (400, "missing_field", ["number"])),
        ({"number": 49}, (400, "invalid_field", ["number"])),
        ({"number": "ACME"}, (400, "invalid_address", ["number"])),
        ({"number": "12345"}, (400, "invalid_address", ["number"])),
        ({"number": "+1"}, (400, "invalid_address", ["number"])),
        ({"number": "9" * 33}, (400, "invalid_field", ["number"])),
        ({"number": PHONE, "verified": True}, (400, "unknown_field", ["verified"])),
        ({"name": "ACME"}, (400, "unknown_field", ["name"])),
    ],
)
async def test_what_cannot_be_proved_is_refused_by_name(
    house: House, body: Any, answer: tuple[int, str, list[str]]
) -> None:
    assert (await house.alice.ask("POST", PATH, body)).problem == answer
    assert await house.alice.balance() == 10**10


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, (400, "missing_field", ["code"])),
        ({"code": 123456}, (400, "invalid_field", ["code"])),
        ({"code": "1" * 33}, (400, "invalid_field", ["code"])),
        ({"code": "wrong"}, (403, "code_wrong", ["code"])),
        ({"code": ""}, (403, "code_wrong", ["code"])),
        ({"code": "123456", "number": PHONE}, (400, "unknown_field", ["number"])),
    ],
)
async def test_a_bad_code_proves_nothing(house: House, body: Any, answer: tuple[int, str, list[str]]) -> None:
    await start(house.alice)
    assert (await house.alice.ask("POST", f"{PATH}/{PHONE}/verify", body)).problem == answer
    assert (await house.alice.get(PATH))["items"][0]["state"] == "pending"


async def test_who_buys_a_number_meanwhile_owns_it(house: House) -> None:
    number = "+4915791234567"
    await start(house.alice, number)
    code = await shown(house, number)
    assert (await house.bob.ask("POST", "/api/numbers", {"number": number})).status == 201
    reply = await house.alice.ask("POST", f"{PATH}/{number}/verify", {"code": code})
    assert reply.problem == (409, "number_taken", ["number"])


async def test_the_code_is_nowhere_but_on_the_handset(
    house: House, caplog: pytest.LogCaptureFixture, capsys: Any
) -> None:
    """Not in an answer, an event, a webhook's delivery, the account's history or a log; kept as a keyed hash alone."""
    hook = {
        "url": "http://127.0.0.1:9/hook",
        "events": ["message.accepted", "message.sent", "message.delivered"],
    }
    await house.alice.ask("POST", "/api/hooks", hook)
    answers = [(await house.alice.ask("POST", PATH, {"number": PHONE})).body]
    code = await shown(house)
    await house.event("message.delivered", str(await message_of(house)))
    read = (PATH, "/api/messages", "/api/conversations", "/api/numbers", "/api/account", "/api/hooks")
    answers += [(await house.alice.ask("GET", path)).body for path in read]
    wrong = await house.alice.ask(
        "POST", f"{PATH}/{PHONE}/verify", {"code": f"{(int(code) + 1) % 10**6:06d}"}
    )
    answers += [wrong.body, (await house.alice.ask("POST", f"{PATH}/{PHONE}/verify", {"code": code})).body]
    assert [answer for answer in answers if code.encode() in answer] == []
    assert (await house.alice.get("/api/messages"))["items"] == []
    assert {event.account for event in house.heard if event.type.startswith("message.")} == {
        await hidden(house)
    }
    assert not [event for event in house.heard if code in event.data]
    assert await places(house, code) <= {"message"}
    logged = caplog.text + "".join(capsys.readouterr())
    assert code not in logged
    house.core.desk.senders._codes._real_now = lambda: house.core.real_now() + 601 * 10**6  # type: ignore[attr-defined]
    await house.core.desk.senders._codes.forget()  # type: ignore[attr-defined]
    assert await places(house, code) == set()


async def message_of(house: House) -> int:
    [(key,)] = await house.engine.read(statement("select id from message"))
    return int(key)


async def hidden(house: House) -> int:
    [(key,)] = await house.engine.read(statement("select id from account where name = '~codes'"))
    return int(key)


async def places(house: House, code: str) -> set[str]:
    """The tables that have the code in a text column."""
    tables = await house.engine.read(statement("select name from sqlite_master where type = 'table'"))
    found = set()
    for (table,) in tables:
        rows = await house.engine.read(statement(f"select * from {table}"))
        if any(isinstance(cell, str) and code in cell for row in rows for cell in row):
            found.add(table)
    return found


async def test_the_hidden_account_shows_in_no_list(house: House) -> None:
    await prove(house.alice)
    for path in ("/api/accounts", "/api/users", "/api/keys", "/api/projects"):
        reply = await house.alice.ask("GET", path)
        assert b"~codes" not in reply.body
        assert b"textwire-codes" not in reply.body


async def test_guesses_at_once_are_counted(house: House) -> None:
    await start(house.alice)
    code = await shown(house)
    guesses = [f"{(int(code) + n) % 10**6:06d}" for n in range(1, 21)]
    replies = await asyncio.gather(
        *(house.alice.ask("POST", f"{PATH}/{PHONE}/verify", {"code": guess}) for guess in guesses)
    )
    assert Counter(reply.body for reply in replies) == {replies[0].body: 20}
    assert (await house.alice.ask("POST", f"{PATH}/{PHONE}/verify", {"code": code})).status == 403
