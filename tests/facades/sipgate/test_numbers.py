"""PUT /numbers/{id}: to whose extension a number leads, so that what comes in for it is that user's."""

from typing import Any

import pytest

from textwire.store import people

from .house import OWNED, House, User

PATH = f"/numbers/{OWNED[1:]}"


async def placed(user: User) -> list[str]:
    """The extensions to which the account's numbers lead."""
    return [one["endpointId"] for one in (await user.get("/numbers"))["items"]]


async def test_a_number_leads_to_one_extension_at_a_time(house: House, ada: User) -> None:
    eve = await house.user(ada.account, "eve")
    for endpoint in ("s0", "s1", "s1", "s0", ""):
        reply = await ada.ask("PUT", PATH, {"endpointId": endpoint})
        assert (reply.status, reply.body) == (204, b"")
        assert await placed(ada) == [endpoint]
    await ada.ask("PUT", PATH, {"endpointId": "s1"})
    await house.text("to eve")
    [entry] = (await eve.get("/history"))["items"]
    assert (entry["connectionIds"], entry["smsContent"]) == (["s1"], "to eve")


@pytest.mark.parametrize("body", [{}, {"endpointId": None}, {"releaseForMnp": False, "quickDial": None}])
async def test_who_says_nothing_changes_nothing(ada: User, body: Any) -> None:
    await ada.ask("PUT", PATH, {"endpointId": "s0"})
    assert (await ada.ask("PUT", PATH, body)).status == 204
    assert await placed(ada) == ["s0"]


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({"endpointId": "s7"}, (404, "/endpointId")), ({"endpointId": "p0"}, (404, "/endpointId")),
        ({"endpointId": 0}, (404, "/endpointId")), ({"endpointId": []}, (404, "/endpointId")),
        ({"endpointId": "s0", "releaseForMnp": True}, (403, "")), ({"endpointId": "s0", "quickDial": True}, (403, "")),
        ({"quickDial": "yes"}, (400, "/quickDial")), ({"releaseForMnp": 1}, (400, "/releaseForMnp")),
    ],
)  # fmt: skip
async def test_what_cannot_be_changed(ada: User, body: Any, refusal: tuple[int, str]) -> None:
    assert (await ada.ask("PUT", PATH, body)).refusal == refusal
    assert await placed(ada) == [""]


async def test_anothers_number_is_as_unknown_as_nobodys(house: House, ada: User, bob: User) -> None:
    await ada.get("/sms")
    others = await bob.ask("PUT", PATH, {"endpointId": "s0"})
    nobodys = await bob.ask("PUT", "/numbers/4915799912300", {"endpointId": "s0"})
    assert others.refusal == nobodys.refusal
    assert (others.status, others.body) == (404, nobodys.body)
    assert (await ada.ask("PUT", "/numbers/49157x", {})).refusal[0] == 404
    assert await placed(ada) == [""]


async def test_only_an_administrator_with_the_scope_changes_it(house: House, ada: User) -> None:
    eve = await house.user(ada.account, "eve")
    await house.do(lambda unit: people.allow(unit, eve.principal.id, "password", "read send"))
    assert (await eve.ask("PUT", PATH, {"endpointId": "s1"})).refusal == (403, "")
    for scope, status in (("numbers:write", 204), ("numbers:read", 403)):
        assert (await (await ada.token(scope)).ask("PUT", PATH, {"endpointId": "s0"})).status == status
