"""Channels that are sockets: made, shown, prolonged and ended over REST."""

from typing import Any

import msgspec
import pytest

from .house import House, Session, Tenant
from .page import socket_channel


async def test_the_answer_is_the_vendors_to_the_letter(session: Session) -> None:
    made = await socket_channel(session)
    channel = made["callbackURL"]
    assert channel.startswith("ws-")
    assert "/" not in channel
    assert made == {
        "callbackURL": channel,
        "channelData": {"channelURL": f"{session.channels}/{channel}/websocket"},
        "channelLifetime": 3600,
        "channelType": "websockets",
        "clientCorrelator": "sampleCorrelator",
        "x-connCheckRole": "client",
        "resourceURL": f"{session.channels}/{channel}",
    }
    assert session.channels.startswith("/")


@pytest.mark.parametrize("kind", ["websockets", "Websockets", "WEBSOCKETS", "WebSockets"])
async def test_the_type_is_read_in_any_case_and_answered_in_lower(session: Session, kind: str) -> None:
    assert (await socket_channel(session, channelType=kind))["channelType"] == "websockets"


@pytest.mark.parametrize(
    ("asked", "granted"), [(None, 3600), (3600, 3600), (1, 30), (30, 30), (86_400, 86_400), (86_401, 86_400), (10**12, 86_400)]
)  # fmt: skip
async def test_a_lifetime_is_granted_within_bounds(session: Session, asked: int | None, granted: int) -> None:
    assert (await socket_channel(session, channelLifetime=asked))["channelLifetime"] == granted


@pytest.mark.parametrize(
    ("asked", "granted"), [(None, "client"), ("client", "client"), ("server", "server"), ("Server", "server")]
)
async def test_who_asks_whether_the_other_is_there(session: Session, asked: str | None, granted: str) -> None:
    made = await socket_channel(session, **{"x-connCheckRole": asked})
    assert made["x-connCheckRole"] == granted
    shown = await session.ask("GET", made["resourceURL"])
    assert shown.json == {"notificationChannel": made}


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("a lifetime of nothing", {"channelLifetime": 0}, "channelLifetime"),
    ("a negative lifetime", {"channelLifetime": -5}, "channelLifetime"),
    ("a lifetime in words", {"channelLifetime": "3600"}, "channelLifetime"),
    ("a lifetime beyond all integers", {"channelLifetime": 2**80}, "channelLifetime"),
    ("another role", {"x-connCheckRole": "both"}, "x-connCheckRole"),
    ("a role that is a number", {"x-connCheckRole": 1}, "x-connCheckRole"),
    ("an endless correlator", {"clientCorrelator": "c" * 257}, "clientCorrelator"),
]


@pytest.mark.parametrize(("changes", "blamed"), [row[1:] for row in BAD], ids=[row[0] for row in BAD])
async def test_bad_input_is_an_invalid_value_of_some_part_and_nothing_happens(
    session: Session, changes: dict[str, Any], blamed: str
) -> None:
    wanted = {"channelType": "websockets", **changes}
    reply = await session.ask("POST", session.channels, {"notificationChannel": wanted})
    assert reply.refusal == (400, "SVC0002", [blamed])
    listed = (await session.ask("GET", session.channels)).json["notificationChannelList"][
        "notificationChannel"
    ]
    assert listed == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "wsx"),
        ("?channelType=Websockets", "sx"),
        ("?channelType=webhooks", "w"),
        ("?channelType=push", ""),
        ("?clientCorrelator=x", "x"),
        ("?clientCorrelator=x&channelType=webhooks", ""),
    ],
)
async def test_lists_are_filtered_by_type_and_correlator(session: Session, query: str, found: str) -> None:
    made = {
        "w": await session.channel(),
        "s": (await socket_channel(session))["callbackURL"],
        "x": (await socket_channel(session, clientCorrelator="x"))["callbackURL"],
    }
    listed = (await session.ask("GET", session.channels + query)).json["notificationChannelList"]
    assert [one["callbackURL"] for one in listed["notificationChannel"]] == [made[name] for name in found]
    assert listed["resourceURL"] == session.channels


@pytest.mark.parametrize("place", ["{resource}", "{channel}/channelLifetime"])
async def test_a_channel_is_prolonged_at_both_places(house: House, session: Session, place: str) -> None:
    made = await socket_channel(session, channelLifetime=60)
    path = place.format(resource=made["resourceURL"], channel=made["channelData"]["channelURL"])
    reply = await session.ask("PUT", path, {"notificationChannelLifetime": {"channelLifetime": 7200}})
    assert (reply.status, reply.json) == (200, {"notificationChannelLifetime": {"channelLifetime": 7200}})
    house.times.after(7100)
    shown = await session.ask("GET", made["resourceURL"])
    assert shown.json["notificationChannel"]["channelLifetime"] == 7200
    house.times.after(101)
    assert (await session.ask("GET", made["resourceURL"])).refusal == (404, "SVC0004", ["resourceURL"])
    body = {"notificationChannelLifetime": {"channelLifetime": 60}}
    assert (await session.ask("PUT", path, body)).refusal == (404, "SVC0004", ["resourceURL"])
    listed = (await session.ask("GET", session.channels)).json["notificationChannelList"][
        "notificationChannel"
    ]
    assert listed == []


@pytest.mark.parametrize(
    ("body", "blamed"),
    [
        ({}, "notificationChannelLifetime"),
        ({"notificationChannelLifetime": {}}, "channelLifetime"),
        ({"notificationChannelLifetime": {"channelLifetime": 0}}, "channelLifetime"),
        ({"notificationChannelLifetime": {"channelLifetime": None}}, "channelLifetime"),
        ([], "body"),
    ],
)
async def test_a_bad_prolongation_is_an_invalid_value(session: Session, body: Any, blamed: str) -> None:
    made = await socket_channel(session)
    reply = await session.ask("PUT", made["resourceURL"], msgspec.json.encode(body))
    assert reply.refusal == (400, "SVC0002", [blamed])


async def test_a_webhook_may_be_prolonged_too(session: Session) -> None:
    path = f"{session.channels}/{await session.channel()}"
    reply = await session.ask("PUT", path, {"notificationChannelLifetime": {"channelLifetime": 99_999_999}})
    assert (reply.status, reply.json) == (200, {"notificationChannelLifetime": {"channelLifetime": 86_400}})
    shown = (await session.ask("GET", path)).json["notificationChannel"]
    assert "channelLifetime" not in shown
    assert "x-connCheckRole" not in shown


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_another_users_channel_is_missing_like_one_that_never_was(
    house: House, session: Session, bob: Tenant, method: str
) -> None:
    theirs = (await socket_channel(await house.session(bob)))["callbackURL"]
    body = {"notificationChannelLifetime": {"channelLifetime": 60}} if method == "PUT" else b""
    foreign = await session.ask(method, f"{session.channels}/{theirs}", body)
    missing = await session.ask(method, f"{session.channels}/ws-{'0' * 36}", body)
    assert foreign.refusal == missing.refusal == (404, "SVC0004", ["resourceURL"])


async def test_a_foreign_or_unknown_channel_takes_no_subscription(
    house: House, session: Session, bob: Tenant
) -> None:
    theirs = (await socket_channel(await house.session(bob)))["callbackURL"]
    for channel in (theirs, f"ws-{'0' * 36}"):
        assert (await session.subscribe(channel)).refusal == (400, "SVC0002", ["notifyURL"])


async def test_plain_http_on_the_sockets_path_is_told_to_upgrade(session: Session) -> None:
    made = await socket_channel(session)
    reply = await session.ask("GET", made["channelData"]["channelURL"])
    assert reply.refusal[0] == 426
