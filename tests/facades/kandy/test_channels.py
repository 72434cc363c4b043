"""Notification channels: webhooks made, shown and ended; what they may call and what not."""

from typing import Any

import msgspec
import pytest

from textwire.store import channels
from textwire.switch import readers

from .house import BLOCKED, House, Session, Tenant

URL = "https://app.example/hook?x=1"


def wanted(**changes: Any) -> dict[str, Any]:
    """The body of a creation as the SDKs send it, with members changed (None: left out)."""
    channel = {
        "channelData": {"x-webhookURL": URL},
        "channelType": "webhooks",
        "clientCorrelator": "PUB-x-node",
    }
    channel = {name: value for name, value in {**channel, **changes}.items() if value is not None}
    return {"notificationChannel": channel}


async def kept(house: House, tenant: Tenant) -> list[channels.Channel]:
    return await channels.of_principal(house.core.store.engine, tenant.user.id)


async def test_the_answer_is_the_vendors_to_the_letter(session: Session) -> None:
    reply = await session.ask("POST", session.channels, wanted())
    assert reply.status == 201
    channel = reply.json["notificationChannel"]["callbackURL"]
    assert channel.startswith("wh-")
    assert reply.json == {
        "notificationChannel": {
            "callbackURL": channel,
            "channelData": {"x-webhookURL": URL},
            "channelType": "webhooks",
            "clientCorrelator": "PUB-x-node",
            "resourceURL": f"{session.channels}/{channel}",
        }
    }


@pytest.mark.parametrize("kind", ["webhooks", "Webhooks", "WEBHOOKS"])
async def test_the_type_is_read_in_any_case_and_answered_in_lower(session: Session, kind: str) -> None:
    reply = await session.ask("POST", session.channels, wanted(channelType=kind))
    assert reply.json["notificationChannel"]["channelType"] == "webhooks"


async def test_what_a_channel_presents_is_repeated_once_kept_sealed_and_not_shown_again(
    house: House, ada: Tenant, session: Session
) -> None:
    data = {"x-webhookURL": URL, "x-authorization": "Basic Zm9vOmJhcg=="}
    reply = await session.ask("POST", session.channels, wanted(channelData=data))
    assert reply.json["notificationChannel"]["channelData"] == data
    [channel] = await kept(house, ada)
    assert channel.credential
    assert "Zm9v" not in channel.credential
    again = await session.ask("GET", f"{session.channels}/{channel.public_id}")
    assert again.json["notificationChannel"]["channelData"] == {"x-webhookURL": URL}


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8089/hook", "http://localhost:1880", "https://app.example"]
)
async def test_the_url_is_kept_as_it_came(house: House, ada: Tenant, session: Session, url: str) -> None:
    await session.channel(url)
    assert [channel.url for channel in await kept(house, ada)] == [url]


BAD: list[tuple[str, Any, str]] = [
    ("an unknown type", wanted(channelType="push"), "channelType"),
    ("no type", wanted(channelType=None), "channelType"),
    ("type a number", wanted(channelType=1), "channelType"),
    ("no data", wanted(channelData=None), "x-webhookURL"),
    ("empty data", wanted(channelData={}), "x-webhookURL"),
    ("an empty URL", wanted(channelData={"x-webhookURL": ""}), "x-webhookURL"),
    ("URL null", wanted(channelData={"x-webhookURL": None}), "x-webhookURL"),
    ("URL a number", wanted(channelData={"x-webhookURL": 7}), "x-webhookURL"),
    ("no URL at all", wanted(channelData={"x-webhookURL": "hook"}), "x-webhookURL"),
    ("an address never called", wanted(channelData={"x-webhookURL": BLOCKED}), "x-webhookURL"),
    ("data a list", wanted(channelData=[URL]), "channelData"),
    ("a line feed to present", wanted(channelData={"x-webhookURL": URL, "x-authorization": "a\r\nb: c"}), "x-authorization"),
    ("letters no header has", wanted(channelData={"x-webhookURL": URL, "x-authorization": "ключ"}), "x-authorization"),
    ("too much to present", wanted(channelData={"x-webhookURL": URL, "x-authorization": "a" * 1025}), "x-authorization"),
    ("an endless correlator", wanted(clientCorrelator="c" * 257), "clientCorrelator"),
    ("another frame", {"channel": {}}, "notificationChannel"),
    ("a list", [], "body"),
    ("null", None, "body"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "blamed"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
async def test_bad_input_is_an_invalid_value_of_some_part_and_nothing_happens(
    house: House, ada: Tenant, session: Session, given: Any, blamed: str
) -> None:
    reply = await session.ask("POST", session.channels, msgspec.json.encode(given))
    assert reply.refusal == (400, "SVC0002", [blamed])
    assert await kept(house, ada) == []


async def test_an_empty_list_is_a_list(session: Session) -> None:
    reply = await session.ask("GET", session.channels)
    assert reply.json == {
        "notificationChannelList": {"notificationChannel": [], "resourceURL": session.channels}
    }


async def test_channels_are_listed_filtered_and_shown_one_by_one(session: Session) -> None:
    first, second = await session.channel(), await session.channel()
    await session.ask("POST", session.channels, wanted(clientCorrelator="other"))
    listed = (await session.ask("GET", session.channels)).json["notificationChannelList"][
        "notificationChannel"
    ]
    assert [channel["callbackURL"] for channel in listed[:2]] == [first, second]
    assert len(listed) == 3
    for query, count in (
        ("clientCorrelator=other", 1),
        ("clientCorrelator=none", 0),
        ("channelType=Webhooks", 3),
        ("channelType=websockets", 0),
    ):
        found = (await session.ask("GET", f"{session.channels}?{query}")).json["notificationChannelList"]
        assert len(found["notificationChannel"]) == count
    one = (await session.ask("GET", f"{session.channels}/{first}")).json
    assert one == {"notificationChannel": listed[0]}


async def test_a_deleted_channel_is_gone_with_its_subscriptions(session: Session) -> None:
    channel, other = await session.channel(), await session.channel("http://127.0.0.1:10/other")
    for one in (channel, other):
        assert (await session.subscribe(one)).status == 201
    reply = await session.ask("DELETE", f"{session.channels}/{channel}")
    assert (reply.status, reply.body) == (204, b"")
    assert (await session.ask("GET", f"{session.channels}/{channel}")).refusal[0] == 404
    assert (await session.ask("DELETE", f"{session.channels}/{channel}")).refusal[0] == 404
    left = (await session.ask("GET", f"{session.sms}/inbound/subscriptions")).json["subscriptionList"][
        "subscription"
    ]
    assert [one["callbackReference"]["notifyURL"] for one in left] == [other]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_another_users_channel_is_missing_like_one_that_never_was(
    house: House, session: Session, bob: Tenant, method: str
) -> None:
    theirs = await (await house.session(bob)).channel()
    foreign = await session.ask(method, f"{session.channels}/{theirs}")
    missing = await session.ask(method, f"{session.channels}/wh-{'0' * 36}")
    assert foreign.refusal == missing.refusal == (404, "SVC0004", ["resourceURL"])
    assert len(await kept(house, bob)) == 1


async def test_a_webhook_that_nobody_used_for_a_day_is_collected(
    house: House, ada: Tenant, session: Session
) -> None:
    used, idle, again = [
        await session.channel(f"http://{name}.example/") for name in ("used", "idle", "again")
    ]
    await session.subscribe(used)
    url = (await session.subscribe(again, destinationAddress=ada.numbers[1])).json["subscription"][
        "resourceURL"
    ]
    collect = house.core.desk.readers.collect
    await collect()
    await session.ask("DELETE", url)
    house.times.after(23 * 3600)
    session = await house.session(ada)
    await collect()
    assert {one.public_id for one in await kept(house, ada)} == {used, idle, again}
    house.times.after(2 * 3600)
    await collect()
    assert {one.public_id for one in await kept(house, ada)} == {
        used,
        again,
    }  # that one was used until 2 hours ago
    await session.subscribe(again)
    house.times.after(48 * 3600)
    await collect()
    await collect()
    assert {one.public_id for one in await kept(house, ada)} == {used, again}


async def test_webhooks_are_looked_at_in_slices(
    house: House, ada: Tenant, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "MOST_LOOKS", 2)
    for n in range(5):
        await session.channel(f"http://{n}.example/")
    looks = house.core.desk.readers.collect
    assert [await looks() for _ in range(4)] == [True, True, False, True]
    house.times.after(25 * 3600)
    for _ in range(4):
        await looks()
    assert await kept(house, ada) == []
