"""A user's extension: what it is called, what it sends as, and that there is no other."""

from typing import Any

import pytest

from .house import House, User


async def test_every_user_has_one_extension_that_sends_as_sipgate(house: House, ada: User) -> None:
    eve = await house.user(ada.account, "eve")
    assert await ada.get("/w0/sms") == {
        "items": [{"id": "s0", "alias": "SMS von Ada", "callerId": "sipgate"}]
    }
    assert await eve.get("/w1/sms") == {
        "items": [{"id": "s1", "alias": "SMS von Eve", "callerId": "sipgate"}]
    }


async def test_clients_that_ask_without_a_user_get_their_own(house: House, ada: User) -> None:
    eve = await house.user(ada.account, "eve")
    assert await ada.get("/sms") == await ada.get("/w0/sms")
    assert await eve.get("/sms") == await eve.get("/w1/sms")


async def test_an_extension_is_called_as_its_user_says(ada: User) -> None:
    reply = await ada.ask("PUT", "/w0/sms/s0", {"alias": "Läden & Büros"})
    assert (reply.status, reply.body) == (204, b"")
    [shown] = (await ada.get("/w0/sms"))["items"]
    assert shown["alias"] == "Läden & Büros"


@pytest.mark.parametrize(
    "body", [{}, {"alias": None}, {"alias": ""}, {"alias": "  "}, {"alias": {}}, {"alias": "x" * 101}]
)
async def test_other_names_are_refused(ada: User, body: Any) -> None:
    assert (await ada.ask("PUT", "/w0/sms/s0", body)).refusal == (400, "/alias")
    assert (await ada.get("/w0/sms"))["items"][0]["alias"] == "SMS von Ada"


async def test_another_users_extension_is_a_403_and_nobodys_a_404(house: House, ada: User, bob: User) -> None:
    eve = await house.user(ada.account, "eve")
    await eve.get("/sms")
    for user, path, status in (
        (ada, "/w1/sms", 403), (eve, "/w0/sms", 403), (ada, "/w2/sms", 404), (bob, "/w1/sms", 404),
        (ada, "/w999999999/sms", 404),
    ):  # fmt: skip
        assert (await user.ask("GET", path)).refusal == (status, ""), path
    for sms in ("s1", "s7", "s00", "s", "s٠"):
        reply = await ada.ask("PUT", f"/w0/sms/{sms}", {"alias": "mine"})
        assert reply.refusal[0] == 404, sms
    assert (await eve.get("/w1/sms"))["items"][0]["alias"] == "SMS von Eve"


@pytest.mark.parametrize(
    ("scopes", "read", "write"),
    [
        (("sms:read",), 200, 403),
        (("sms:write",), 403, 204),
        (("all",), 200, 204),
        (("sms:callerid:read",), 403, 403),
    ],
)
async def test_a_token_needs_a_scope_of_the_call(
    ada: User, scopes: tuple[str, ...], read: int, write: int
) -> None:
    token = await ada.token(*scopes)
    assert (await token.ask("GET", "/w0/sms")).status == read
    assert (await token.ask("PUT", "/w0/sms/s0", {"alias": "x"})).status == write


async def test_a_number_is_never_given_to_another_user(house: House, ada: User) -> None:
    from textwire.domain.account import SCOPES, Caller

    eve = await house.user(ada.account, "eve")
    assert (await eve.get("/authorization/userinfo"))["sub"] == "w1"
    by = Caller(ada.account, ada.principal.id, "user", ada.principal.public_id, frozenset(SCOPES))
    await house.core.people.remove(by, "user", eve.principal.public_id)
    dan = await house.user(ada.account, "dan")
    assert (await dan.get("/authorization/userinfo"))["sub"] == "w2"
