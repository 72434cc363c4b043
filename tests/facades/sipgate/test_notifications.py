"""Notifications: there are none, and none can be had, as the vendor says it of an account without the feature."""

from typing import Any

import pytest

from .house import House, User

ALL = "/w0/notifications"
WANTED = {"endpointId": "s0", "email": "ada@example.test"}


async def test_there_are_none(ada: User) -> None:
    assert await ada.get(ALL) == {"fax": [], "voicemail": [], "call": [], "sms": []}


async def test_a_text_by_e_mail_is_a_feature_that_no_account_has(ada: User) -> None:
    reply = await ada.ask("POST", f"{ALL}/sms/email", WANTED)
    assert reply.refusal == (403, "")
    assert reply.json["message"] == "SMSToMail feature not booked."
    assert await ada.get(ALL) == {"fax": [], "voicemail": [], "call": [], "sms": []}


@pytest.mark.parametrize(
    ("field", "value"), [("endpointId", None), ("endpointId", " "), ("email", None), ("email", []), ("email", "")]
)  # fmt: skip
async def test_what_is_missing_is_said_first(ada: User, field: str, value: Any) -> None:
    assert (await ada.ask("POST", f"{ALL}/sms/email", {**WANTED, field: value})).refusal == (400, f"/{field}")


@pytest.mark.parametrize("key", ["1", "42", "0" * 40, "a-b"])
async def test_none_can_be_taken_away(ada: User, key: str) -> None:
    assert (await ada.ask("DELETE", f"{ALL}/{key}")).refusal == (404, "")


async def test_another_users_cannot_be_named(house: House, ada: User, bob: User) -> None:
    eve = await house.user(ada.account, "eve")
    await eve.get("/sms")
    assert (await ada.ask("GET", "/w1/notifications")).refusal[0] == 403
    assert (await bob.ask("POST", "/w1/notifications/sms/email", WANTED)).refusal[0] == 404


@pytest.mark.parametrize(
    ("scope", "read", "write"), [("notifications:read", 200, 403), ("notifications:write", 403, 404)]
)
async def test_a_token_needs_a_scope_of_the_call(ada: User, scope: str, read: int, write: int) -> None:
    token = await ada.token(scope)
    assert (await token.ask("GET", ALL)).status == read
    assert (await token.ask("DELETE", f"{ALL}/1")).status == write
