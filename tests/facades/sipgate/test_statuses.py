"""The vendor's own table of errors (readme of its example, "HTTP Errors"), row by row, and what we add to it."""

from collections.abc import Awaitable, Callable

import pytest

from textwire.domain.account import SCOPES, Caller

from .house import JSON, OWNED, House, Reply, User, basic

GOOD = b'{"smsId":"s0","recipient":"+4915799999123","message":"x"}'


async def wrong_password(house: House, ada: User) -> Reply:
    given = {"authorization": basic("ada@example.test", "wrong"), **JSON}
    return await house.ask("POST", "/sessions/sms", GOOD, given)


async def no_media_type(house: House, ada: User) -> Reply:
    return await house.ask("POST", "/sessions/sms", GOOD, {"authorization": ada.header})


async def no_balance(house: House, ada: User) -> Reply:
    return await (await house.tenant("poor", balance=1)).send()


async def not_booked(house: House, ada: User) -> Reply:
    """What comes nearest here to a feature that is not booked: the operator has suspended the account."""
    await suspend(house, ada)
    return await ada.send()


async def without_scope(house: House, ada: User) -> Reply:
    return await (await ada.token("history:read")).send()


async def opted_out(house: House, ada: User) -> Reply:
    await house.text("STOP", to=OWNED)
    return await ada.send()


async def suspend(house: House, user: User) -> None:
    operator = Caller(user.account, 0, "key", "operator", frozenset(SCOPES))
    await house.core.people.adjust(operator, user.account, state="suspended")


# The reason in the vendor's words → how it comes about, the status.
ROWS: dict[str, tuple[Callable[[House, User], Awaitable[Reply]], int]] = {
    "request body fields are empty": (lambda house, ada: ada.send(recipient=""), 400),
    "or only contain spaces": (lambda house, ada: ada.send(message="   "), 400),
    "timestamp is invalid": (lambda house, ada: ada.send(sendAt="2026-13-01"), 400),
    "username and/or password are wrong": (wrong_password, 401),
    "insufficient account balance": (no_balance, 402),
    "no permission to use specified SMS extension": (lambda house, ada: ada.send(smsId="s1"), 403),
    "SMS feature not booked": (not_booked, 403),
    "the token's scopes do not suffice": (without_scope, 403),
    "the recipient has opted out": (opted_out, 403),
    "wrong REST API endpoint": (lambda house, ada: ada.ask("POST", "/session/sms", raw=GOOD), 404),
    "wrong request method": (lambda house, ada: ada.ask("PUT", "/sessions/sms", raw=GOOD), 405),
    "wrong Content-Type header": (
        lambda house, ada: ada.ask("POST", "/sessions/sms", raw=GOOD, content_type="text/plain"), 415),
    "missing Content-Type header": (no_media_type, 415),
    "smsId not set": (lambda house, ada: ada.send(smsId=...), 500),
}  # fmt: skip


@pytest.mark.parametrize("reason", ROWS)
async def test_each_row_of_the_vendors_table(house: House, ada: User, reason: str) -> None:
    make, status = ROWS[reason]
    before = len(await ada.messages())
    reply = await make(house, ada)
    assert reply.refusal[0] == status
    sent = [one for one in await ada.messages() if one.direction == "out" and one.rights == "extension"]
    assert sent == [], "nothing is sent"
    assert before == 0
    assert ("allow" in reply.headers) is (status == 405)


async def test_a_suspended_account_still_sees_what_it_has(house: House, ada: User) -> None:
    await ada.send()
    await suspend(house, ada)
    assert (await ada.send()).refusal[0] == 403
    assert (await ada.get("/history"))["totalCount"] == 1
    query = "/restrictions?userId=w0&restriction=CAN_ACCOUNT_SEND_WEB_SMS"
    assert (await ada.get(query))["items"][0]["value"] is False
