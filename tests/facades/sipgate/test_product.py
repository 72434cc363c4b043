"""What the vendor's web application asks: restrictions of a user, properties of the product, links."""

import pytest

from textwire.store import people

from .house import House, User

SEND = "CAN_ACCOUNT_SEND_WEB_SMS"
PATH = f"/restrictions?userId=w0&restriction={SEND}"


async def test_a_user_may_send_texts_and_cannot_fax(ada: User) -> None:
    said = {"restriction": SEND, "value": True, "target": "w0"}
    assert await ada.get(PATH) == {"items": [said]}
    assert await ada.get(f"{PATH}&restriction=CAN_SEND_FAX&restriction={SEND}") == {
        "items": [said, {"restriction": "CAN_SEND_FAX", "value": False, "target": "w0"}]
    }


async def test_without_a_name_those_that_are_no_telephony_are_told(ada: User) -> None:
    for path in ("/restrictions?userId=w0", "/restrictions/?userId=w0"):
        items = (await ada.get(path))["items"]
        assert {one["restriction"]: one["value"] for one in items} == {
            SEND: True, "CAN_GET_HISTORY": True, "CAN_GET_ACCOUNT_BALANCE": True,
        }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "refusal"),
    [
        ("", (400, "/userId")), ("userId=w7", (404, "")), ("userId=x", (404, "")), ("userId=", (404, "")),
        ("userId=w0&restriction=", (400, "/restriction")), ("userId=w0&restriction=can_send", (400, "/restriction")),
        ("userId=w0&restriction=" + "X" * 81, (400, "/restriction")),
    ],
)  # fmt: skip
async def test_what_cannot_be_asked(ada: User, query: str, refusal: tuple[int, str]) -> None:
    assert (await ada.ask("GET", f"/restrictions?{query}")).refusal == refusal


async def test_an_administrator_may_ask_of_others(house: House, ada: User, bob: User) -> None:
    eve = await house.user(ada.account, "eve")
    await house.do(lambda unit: people.allow(unit, eve.principal.id, "password", "read send"))
    await eve.get("/sms")
    assert (await ada.get(PATH.replace("w0", "w1")))["items"][0]["target"] == "w1"
    assert (await eve.ask("GET", PATH)).refusal == (403, "")
    assert (await bob.ask("GET", PATH.replace("w0", "w1"))).refusal == (404, "")


async def test_the_properties_are_those_of_the_specification_and_none_is_the_case(ada: User) -> None:
    said = await ada.get("/app/properties")
    assert len(said) == 21
    assert set(said.values()) == {False}
    assert {"identityVerificationRequired", "showEventTimeToLiveHint", "multiSimProduct"} <= set(said)


async def test_everybody_may_ask_for_links_of_which_there_are_none(house: House) -> None:
    reply = await house.ask("GET", "/app/links")
    assert (reply.status, reply.json) == (200, {})


async def test_a_token_needs_the_scope_internal(ada: User) -> None:
    for scope, status in (("internal", 200), ("all", 200), ("account:read", 403)):
        token = await ada.token(scope)
        assert (await token.ask("GET", PATH)).status == status
        assert (await token.ask("GET", "/app/properties")).status == status
