"""Subscriptions: which number they are about, where they go, and when they end."""

from typing import Any

import msgspec
import pytest

from textwire.store import hooks

from .house import House, Session, Tenant


async def kept(house: House, tenant: Tenant) -> list[hooks.Subscription]:
    return await hooks.subscriptions(house.core.store.engine, tenant.user.id)


async def listed(session: Session) -> list[Any]:
    reply = await session.ask("GET", f"{session.sms}/inbound/subscriptions")
    assert reply.status == 200
    found: list[Any] = reply.json["subscriptionList"]["subscription"]
    return found


async def test_the_answer_is_the_vendors_to_the_letter(session: Session) -> None:
    channel = await session.channel()
    reply = await session.subscribe(channel, destinationAddress="+16139998878")
    assert reply.status == 201
    identifier = reply.json["subscription"]["resourceURL"].rpartition("/")[2]
    assert reply.json == {
        "subscription": {
            "callbackReference": {"notifyURL": channel},
            "clientCorrelator": "c-1",
            "destinationAddress": "+16139998878",
            "resourceURL": f"{session.sms}/inbound/subscriptions/{identifier}",
        }
    }


@pytest.mark.parametrize("absent", [{}, {"destinationAddress": ""}, {"destinationAddress": None}])
async def test_without_a_number_it_is_about_the_default_one(
    ada: Tenant, session: Session, absent: dict[str, Any]
) -> None:
    reply = await session.subscribe(await session.channel(), **absent)
    assert reply.json["subscription"]["destinationAddress"] == ada.numbers[0]


@pytest.mark.parametrize("written", ["+16139998878", "tel:+16139998878", "sip:6139998878@domain"])
async def test_every_form_of_a_number_is_that_number(session: Session, written: str) -> None:
    reply = await session.subscribe(await session.channel(), destinationAddress=written)
    assert reply.json["subscription"]["destinationAddress"] == "+16139998878"


@pytest.mark.parametrize("number", ["+16139998879", "+447700900001", "+4915799900000", "12345"])
async def test_a_number_that_is_not_assigned_is_forbidden(
    house: House, ada: Tenant, bob: Tenant, session: Session, number: str
) -> None:
    reply = await session.subscribe(await session.channel(), destinationAddress=number)
    assert reply.refusal == (403, "POL0001", ["sender_forbidden"])
    assert await kept(house, ada) == []


async def test_without_any_number_it_is_forbidden(house: House) -> None:
    await house.tenant("eve", ("+4915799912345",))
    session = await house.session_of("eve")
    reply = await session.subscribe(await session.channel())
    assert reply.refusal == (403, "POL0001", ["no_default_number"])


def wanted(**members: Any) -> dict[str, Any]:
    return {"subscription": members}


BAD: list[tuple[str, Any, str]] = [
    ("no reference", wanted(), "notifyURL"),
    ("an empty reference", wanted(callbackReference={}), "notifyURL"),
    ("an unknown channel", wanted(callbackReference={"notifyURL": "wh-" + "0" * 36}), "notifyURL"),
    ("a URL instead of a channel", wanted(callbackReference={"notifyURL": "https://app.example/"}), "notifyURL"),
    ("channel null", wanted(callbackReference={"notifyURL": None}), "notifyURL"),
    ("reference a text", wanted(callbackReference="wh-1"), "callbackReference"),
    ("a number of letters", wanted(destinationAddress="hello"), "destinationAddress"),
    ("number a number", wanted(destinationAddress=16139998877), "destinationAddress"),
    ("an endless correlator", wanted(clientCorrelator="c" * 257), "clientCorrelator"),
    ("another frame", {"subscriptions": {}}, "subscription"),
    ("null", None, "body"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "blamed"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
async def test_bad_input_is_an_invalid_value_of_some_part_and_nothing_happens(
    house: House, ada: Tenant, session: Session, given: Any, blamed: str
) -> None:
    reply = await session.ask("POST", f"{session.sms}/inbound/subscriptions", msgspec.json.encode(given))
    assert reply.refusal == (400, "SVC0002", [blamed])
    assert await kept(house, ada) == []


async def test_another_users_channel_cannot_be_named(
    house: House, ada: Tenant, session: Session, bob: Tenant
) -> None:
    theirs = await (await house.session(bob)).channel()
    assert (await session.subscribe(theirs)).refusal == (400, "SVC0002", ["notifyURL"])
    assert await kept(house, ada) == []


async def test_an_empty_list_is_a_list(session: Session) -> None:
    reply = await session.ask("GET", f"{session.sms}/inbound/subscriptions")
    url = f"{session.sms}/inbound/subscriptions"
    assert reply.json == {"subscriptionList": {"resourceURL": url, "subscription": []}}


async def test_one_is_shown_as_the_list_shows_it(session: Session) -> None:
    made = (await session.subscribe(await session.channel())).json
    assert await listed(session) == [made["subscription"]]
    assert (await session.ask("GET", made["subscription"]["resourceURL"])).json == made


async def test_the_same_again_is_the_same_subscription_on_the_newer_channel(session: Session) -> None:
    # An app that starts again makes a new channel with the address it had before.
    first = (await session.subscribe(await session.channel())).json["subscription"]
    channel = await session.channel()
    second = (await session.subscribe(channel)).json["subscription"]
    assert second["resourceURL"] == first["resourceURL"]
    assert second["callbackReference"]["notifyURL"] == channel
    assert await listed(session) == [second]


async def test_another_address_is_a_second_subscription_of_the_number(session: Session) -> None:
    for url in ("http://127.0.0.1:9/one", "http://127.0.0.1:9/two"):
        assert (await session.subscribe(await session.channel(url))).status == 201
    one, two = await listed(session)
    assert one["resourceURL"] != two["resourceURL"]
    assert one["destinationAddress"] == two["destinationAddress"]


async def test_a_deleted_subscription_is_gone_and_its_channel_stays(session: Session) -> None:
    channel = await session.channel()
    url = (await session.subscribe(channel)).json["subscription"]["resourceURL"]
    reply = await session.ask("DELETE", url)
    assert (reply.status, reply.body) == (204, b"")
    assert await listed(session) == []
    assert (await session.ask("GET", url)).refusal == (404, "SVC0004", ["resourceURL"])
    assert (await session.ask("DELETE", url)).refusal == (404, "SVC0004", ["resourceURL"])
    assert (await session.ask("GET", f"{session.channels}/{channel}")).status == 200


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_another_users_subscription_is_missing_like_one_that_never_was(
    house: House, session: Session, bob: Tenant, method: str
) -> None:
    other = await house.session(bob)
    theirs = (
        (await other.subscribe(await other.channel())).json["subscription"]["resourceURL"].rpartition("/")[2]
    )
    for identifier in (theirs, "0" * 36):
        reply = await session.ask(method, f"{session.sms}/inbound/subscriptions/{identifier}")
        assert reply.refusal == (404, "SVC0004", ["resourceURL"])
    assert len(await listed(other)) == 1


async def test_taking_the_number_away_ends_that_users_subscriptions_alone(
    house: House, ada: Tenant, session: Session
) -> None:
    for number in ada.numbers:
        await session.subscribe(await session.channel(), destinationAddress=number)
    project = await house.project(ada)
    await project.subscribe(await project.channel())
    await house.core.desk.numbers.unassign(ada.user.account, ada.numbers[0], ada.user.id)
    assert [one["destinationAddress"] for one in await listed(session)] == [ada.numbers[1]]
    assert len(await listed(project)) == 1
    again = await session.subscribe(await session.channel(), destinationAddress=ada.numbers[0])
    assert again.refusal == (403, "POL0001", ["sender_forbidden"])
