"""Caller ids: added with a code that only the handset shows, one of them always the default, none by guessing."""

import asyncio
import logging
from typing import Any

import pytest

from textwire.store import senders
from textwire.store.engines.engine import statement

from .house import OTHER_PHONE, OWNED, PHONE, House, User

ALL = "/w0/sms/s0/callerids"
BUILT_IN = {"id": 0, "phonenumber": "sipgate", "verified": True, "defaultNumber": True}


async def shown(user: User) -> list[Any]:
    items = (await user.get(ALL))["items"]
    assert sum(one["defaultNumber"] for one in items) == 1, "never none, never two"
    return list(items)


async def add(user: User, number: str = PHONE) -> int:
    """Asks for a caller id; its identifier."""
    reply = await user.ask("POST", ALL, {"phonenumber": number})
    assert (reply.status, reply.body) == (204, b"")
    return max(one["id"] for one in await shown(user))


async def code(house: House, number: str = PHONE, count: int = 1) -> str:
    """The code that the handset shows last."""
    return (await house.shown(number, count))[-1][:6]


async def verify(user: User, key: int, given: Any) -> int:
    return (await user.ask("POST", f"{ALL}/{key}/verification", {"verificationCode": given})).status


async def proved(user: User, number: str = PHONE) -> int:
    """A verified caller id."""
    key = await add(user, number)
    assert await verify(user, key, await code(user.house, number)) == 204
    return key


async def test_the_built_in_one_is_always_there(ada: User) -> None:
    assert await shown(ada) == [BUILT_IN]
    assert (await ada.ask("DELETE", f"{ALL}/0")).refusal[0] == 403
    for wanted in (True, "true", False, "false"):
        assert (await ada.ask("PUT", f"{ALL}/0", {"defaultNumber": wanted})).status == 204
        assert await shown(ada) == [BUILT_IN]


async def test_a_number_becomes_the_sender_once_its_code_is_given_and_it_is_chosen(
    house: House, ada: User
) -> None:
    key = await add(ada, "+49 1579 9999123")
    waiting = {"id": key, "phonenumber": PHONE, "verified": False, "defaultNumber": False}
    assert await shown(ada) == [BUILT_IN, waiting]
    assert await verify(ada, key, await code(house)) == 204
    assert await shown(ada) == [BUILT_IN, {**waiting, "verified": True}]
    assert (await ada.ask("PUT", f"{ALL}/{key}", {"defaultNumber": "true"})).status == 204
    assert await shown(ada) == [
        {**BUILT_IN, "defaultNumber": False}, {**waiting, "verified": True, "defaultNumber": True},
    ]  # fmt: skip
    assert (await ada.get("/w0/sms"))["items"][0]["callerId"] == PHONE
    assert (await ada.send(recipient=OTHER_PHONE)).status == 204
    assert (await ada.messages())[0].sender == PHONE


async def test_the_librarys_way_sends_from_it_and_puts_the_old_default_back(ada: User) -> None:
    key = await proved(ada)
    for number, sender in ((key, PHONE), (0, "sipgate")):
        assert (await ada.ask("PUT", f"{ALL}/{number}", {"defaultNumber": "true"})).status == 204
        assert (await ada.send(recipient=OTHER_PHONE)).status == 204
        assert (await ada.messages())[0].sender == sender


async def test_false_for_the_default_falls_back_and_for_another_changes_nothing(ada: User) -> None:
    first, second = await proved(ada), await proved(ada, OTHER_PHONE)
    await ada.ask("PUT", f"{ALL}/{first}", {"defaultNumber": True})
    assert (await ada.ask("PUT", f"{ALL}/{second}", {"defaultNumber": False})).status == 204
    assert [one["id"] for one in await shown(ada) if one["defaultNumber"]] == [first]
    assert (await ada.ask("PUT", f"{ALL}/{first}", {"defaultNumber": False})).status == 204
    assert [one["id"] for one in await shown(ada) if one["defaultNumber"]] == [0]


async def test_the_default_that_is_deleted_falls_back(ada: User) -> None:
    key = await proved(ada)
    await ada.ask("PUT", f"{ALL}/{key}", {"defaultNumber": True})
    assert (await ada.ask("DELETE", f"{ALL}/{key}")).status == 204
    assert await shown(ada) == [BUILT_IN]
    assert (await ada.ask("DELETE", f"{ALL}/{key}")).refusal[0] == 404
    await ada.send()
    assert (await ada.messages())[0].sender == "sipgate"


async def test_what_waits_for_its_code_cannot_be_the_default(ada: User) -> None:
    key = await add(ada)
    assert (await ada.ask("PUT", f"{ALL}/{key}", {"defaultNumber": True})).refusal[0] == 403
    assert (await ada.ask("PUT", f"{ALL}/{key + 1}", {"defaultNumber": True})).refusal[0] == 404
    assert (await ada.ask("PUT", f"{ALL}/9999999999", {"defaultNumber": True})).refusal[0] == 404
    assert (await shown(ada))[0] == BUILT_IN


async def test_a_number_that_the_account_owns_needs_no_code(ada: User) -> None:
    key = await add(ada, OWNED)
    assert [(one["id"], one["verified"]) for one in await shown(ada)] == [(0, True), (key, True)]
    assert await ada.messages() == []


async def test_a_number_that_another_account_owns_is_refused(house: House, ada: User, bob: User) -> None:
    reply = await bob.ask("POST", ALL, {"phonenumber": OWNED})
    assert reply.refusal == (403, "/phonenumber")
    assert await ada.messages() == []


async def test_who_loses_the_number_sends_as_sipgate_again(house: House, ada: User) -> None:
    key = await proved(ada)
    await ada.ask("PUT", f"{ALL}/{key}", {"defaultNumber": True})
    await house.do(lambda unit: senders.forget(unit, [PHONE]))  # as when somebody buys it
    assert await shown(ada) == [
        BUILT_IN,
        {"id": key, "phonenumber": PHONE, "verified": False, "defaultNumber": False},
    ]
    assert (await ada.send(recipient=OTHER_PHONE)).status == 204
    assert (await ada.messages())[0].sender == "sipgate"


async def test_an_owned_number_whose_rent_is_owed_for_too_long_is_no_sender(house: House, ada: User) -> None:
    key = await add(ada, OWNED)
    await ada.ask("PUT", f"{ALL}/{key}", {"defaultNumber": True})
    suspend = statement(
        "update number set state = 'suspended' from {rows} r where number.number = r.key", "key text"
    )
    await house.do(lambda unit: unit.run(suspend, [(OWNED,)]))
    assert (await ada.send()).status == 204
    assert (await ada.messages())[0].sender == "sipgate"


@pytest.mark.parametrize("written", ["+493012345678", "030 12345678", "+442079460000", "+498001234567"])
async def test_only_mobile_numbers_can_be_caller_ids(ada: User, written: str) -> None:
    assert (await ada.ask("POST", ALL, {"phonenumber": written})).refusal == (400, "/phonenumber")
    assert await shown(ada) == [BUILT_IN]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"phonenumber": None},
        {"phonenumber": ""},
        {"phonenumber": "sipgate"},
        {"phonenumber": "110"},
        {"phonenumber": []},
    ],
)
async def test_what_is_no_number_is_refused(ada: User, body: Any) -> None:
    assert (await ada.ask("POST", ALL, body)).refusal == (400, "/phonenumber")


@pytest.mark.parametrize("given", [None, "yes", 1, [], {}, "TRUE"])
async def test_what_is_neither_true_nor_false_is_refused(ada: User, given: Any) -> None:
    assert (await ada.ask("PUT", f"{ALL}/0", {"defaultNumber": given})).refusal == (400, "/defaultNumber")


async def test_a_verified_number_is_not_proved_again(ada: User) -> None:
    await proved(ada)
    assert (await ada.ask("POST", ALL, {"phonenumber": PHONE})).refusal == (409, "/phonenumber")


async def test_asked_again_another_code_comes_and_the_first_is_worth_nothing(house: House, ada: User) -> None:
    key = await add(ada)
    first = await code(house)
    assert await add(ada) == key
    second = await code(house, count=2)
    if first != second:
        assert await verify(ada, key, first) == 404
    assert await verify(ada, key, second) == 204
    assert await verify(ada, key, second) == 404  # used up


async def test_a_code_is_good_for_ten_minutes_and_its_own_extension(house: House, ada: User) -> None:
    eve = await house.user(ada.account, "eve")
    await eve.get("/sms")
    key, mine = await add(ada), await code(house)
    reply = await eve.ask("POST", "/w1/sms/s1/callerids", {"phonenumber": PHONE})
    assert reply.status == 204
    theirs = await eve.ask("POST", f"/w1/sms/s1/callerids/{key}/verification", {"verificationCode": mine})
    assert theirs.status == 404
    house.times.real += 600_000_000
    assert await verify(ada, key, mine) == 404


async def test_five_wrong_tries_kill_a_code_and_every_failure_looks_the_same(house: House, ada: User) -> None:
    key = await add(ada)
    right = await code(house)
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    path = f"{ALL}/{key}/verification"
    replies = [await ada.ask("POST", path, {"verificationCode": wrong}) for _ in range(5)]
    replies.append(await ada.ask("POST", path, {"verificationCode": right}))
    assert {(reply.status, reply.body) for reply in replies} == {(404, replies[0].body)}
    assert [one["verified"] for one in await shown(ada)] == [True, False]


async def test_guesses_at_once_are_counted_and_codes_are_rationed(house: House, ada: User) -> None:
    key = await add(ada)
    right = int(await code(house))
    guesses = [f"{(right + n) % 1_000_000:06d}" for n in range(1, 101)]
    assert set(await asyncio.gather(*(verify(ada, key, guess) for guess in guesses))) == {404}
    assert await verify(ada, key, f"{right:06d}") == 404
    statuses = [(await ada.ask("POST", ALL, {"phonenumber": PHONE})) for _ in range(5)]
    assert [reply.status for reply in statuses] == [204] * 4 + [429]  # five codes a day for a number
    assert int(statuses[-1].headers["retry-after"]) > 60


async def test_who_cannot_pay_for_the_code_gets_402_and_no_caller_id(house: House) -> None:
    poor = await house.tenant("poor", balance=1)
    assert (await poor.ask("POST", ALL, {"phonenumber": PHONE})).refusal[0] == 402
    assert await shown(poor) == [BUILT_IN]


async def test_the_code_is_on_the_handset_and_nowhere_else(
    house: House, ada: User, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        reply = await ada.ask("POST", ALL, {"phonenumber": PHONE})
        key, right = (await shown(ada))[-1]["id"], await code(house)
        told = [reply, await ada.ask("GET", ALL), await ada.ask("GET", "/w0/sms")]
        told.append(await ada.ask("POST", f"{ALL}/{key}/verification", {"verificationCode": right}))
    assert not any(right.encode() in one.body for one in told)
    assert right not in caplog.text + "".join(capsys.readouterr())
    assert all(right not in one.text for one in await ada.messages())


@pytest.mark.parametrize(
    ("scopes", "read", "write"),
    [
        (("sms:read",), 200, 403),
        (("sms:callerid:read",), 200, 403),
        (("sms:callerid:write",), 403, 204),
        (("sessions:sms:write",), 403, 403),
    ],
)
async def test_a_token_needs_a_scope_of_the_call(
    ada: User, scopes: tuple[str, ...], read: int, write: int
) -> None:
    token = await ada.token(*scopes)
    assert (await token.ask("GET", ALL)).status == read
    assert (await token.ask("PUT", f"{ALL}/0", {"defaultNumber": True})).status == write
    assert (await token.ask("POST", ALL, {"phonenumber": OWNED})).status == write


async def test_another_users_caller_ids_cannot_be_named(house: House, ada: User, bob: User) -> None:
    eve = await house.user(ada.account, "eve")
    await eve.get("/sms")
    key = await proved(ada)
    assert (await eve.ask("GET", ALL)).refusal[0] == 403
    assert (await eve.ask("GET", "/w1/sms/s0/callerids")).refusal[0] == 404
    assert (await eve.ask("PUT", f"/w1/sms/s1/callerids/{key}", {"defaultNumber": True})).refusal[0] == 404
    assert (await bob.ask("DELETE", f"{ALL}/{key}")).refusal[0] == 404
    assert [one["id"] for one in await shown(ada)] == [0, key]


async def test_what_is_proved_here_is_a_sender_of_the_own_api_too(house: House, ada: User) -> None:
    await proved(ada)
    assert [one.number for one in await house.core.desk.senders.list(ada.account)] == [PHONE]
