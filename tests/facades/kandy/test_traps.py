"""Small things that break one SDK or another, each named by whom it would hit."""

import asyncio
import base64
import json
import re
from typing import Any

import pytest

from textwire.access import minting

from .house import CHANNELS, SMS, House, Reply, Session, Tenant
from .test_login import boss, claims, client_form, password_form

TO = "+16131234567"
CALLERS_AT_ONCE, RENEWALS = 20, 200


async def answers(session: Session) -> dict[str, Reply]:
    """One answer of each kind that has a body."""
    channel = await session.ask(
        "POST", session.channels,
        {"notificationChannel": {"channelType": "Webhooks", "channelData": {"x-webhookURL": "https://a.example/"}}},
    )  # fmt: skip
    url = channel.json["notificationChannel"]["resourceURL"]
    made = await session.subscribe(channel.json["notificationChannel"]["callbackURL"])
    return {
        "send": await session.send(TO),
        "channel": channel,
        "channels": await session.ask("GET", session.channels),
        "one channel": await session.ask("GET", url),
        "subscription": made,
        "subscriptions": await session.ask("GET", f"{session.sms}/inbound/subscriptions"),
        "one subscription": await session.ask("GET", made.json["subscription"]["resourceURL"]),
    }


def urls(value: Any) -> list[str]:
    """Every resourceURL in a body."""
    if isinstance(value, list):
        return [url for one in value for url in urls(one)]
    if not isinstance(value, dict):
        return []
    own = [value["resourceURL"]] if "resourceURL" in value else []
    return own + [url for one in value.values() for url in urls(one)]


async def test_an_answer_has_one_member_and_its_type(session: Session) -> None:
    """Java's SDK fails on siblings, Node's and Python's take whichever member comes first."""
    created = {"send", "channel", "subscription"}
    for name, reply in (await answers(session)).items():
        assert reply.status == (201 if name in created else 200), name
        assert len(reply.json) == 1, name
        assert reply.headers["content-type"] == "application/json", name
        assert "set-cookie" not in reply.headers, name
        assert "location" not in reply.headers, name


async def test_urls_in_bodies_are_paths_with_raw_pluses_and_end_in_an_identifier(session: Session) -> None:
    """All SDKs take the last segment for the identifier; JavaScript's compares the user in it."""
    for name, reply in (await answers(session)).items():
        for url in urls(reply.json):
            assert url.startswith((f"{SMS}/{session.user}/", f"{CHANNELS}/{session.user}/channels")), name
            assert "%" not in url, name
            assert re.fullmatch(r"[\w-]+", url.rpartition("/")[2]), name


async def test_no_member_of_an_answer_is_null(session: Session) -> None:
    """Java's and .NET's models are not made for it."""
    for reply in (await answers(session)).values():
        assert b"null" not in reply.body


async def test_a_users_id_needs_no_escape_in_a_path(house: House, ada: Tenant) -> None:
    """JavaScript's SDK puts it raw into paths and compares it with the one in resourceURL."""
    people = house.core.people
    public = minting.kandy_project("ada", "Émile's & söns' \U0001f600 @home")
    made = [
        await people.add(boss(ada), "user", "Zoë @ home/%2F", (), email="zoe@example.test"),
        await people.add(boss(ada), "project", "a b/c", (public.kept,)),
    ]
    for person in made:
        assert re.fullmatch("[A-Za-z0-9-]+", person.principal.public_id)
    reply = await house.login(
        grant_type="client_credentials", client_id=public.identifier, client_secret=public.secret
    )
    project = Session(house, made[1].principal.public_id, reply.json["access_token"])
    assert claims(reply.json["id_token"])["preferred_username"] == project.user
    assert (await project.ask("GET", f"{project.sms}/inbound/subscriptions")).status == 200


@pytest.mark.parametrize("form", [password_form, client_form], ids=["user", "project"])
async def test_tokens_are_read_by_the_weakest_reader(house: House, ada: Tenant, form: Any) -> None:
    """PHP and Go read plain base64; a `-` or `_` makes their user nobody. Each login draws new random claims."""
    for _ in range(50):
        said = (await house.login(**form(ada))).json
        for name in ("access_token", "id_token", "refresh_token"):
            header, payload, signature = said[name].split(".")
            assert header
            assert signature
            octets = base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True)
            assert octets.isascii()
            read = json.loads(octets)
            assert isinstance(read["exp"], int)
            assert isinstance(read["iat"], int)


async def test_first_calls_at_once_each_get_tokens_that_are_all_good(house: House, ada: Tenant) -> None:
    """Node's SDK logs in once for each of the first calls that it makes at the same time."""
    replies = await asyncio.gather(
        *(house.login(**form(ada)) for form in [password_form, client_form] * CALLERS_AT_ONCE)
    )
    tokens = {reply.json["access_token"] for reply in replies}
    assert len(tokens) == 2 * CALLERS_AT_ONCE
    for reply in replies:
        user = claims(reply.json["id_token"])["preferred_username"]
        session = Session(house, user, reply.json["access_token"])
        assert (await session.ask("GET", session.channels)).status == 200


async def test_who_logs_in_before_every_call_is_never_told_to_wait(house: House, ada: Tenant) -> None:
    """PHP's SDK compares with the time of issue: it asks again on every call made in a later second."""
    first = await house.session(ada)
    for _ in range(RENEWALS):
        house.times.after(1)
        assert (await house.session(ada)).token != first.token
    assert (await first.ask("GET", first.channels)).status == 200


async def test_what_ruby_and_python_leave_out_of_an_empty_text_is_a_400(session: Session) -> None:
    for wanted in ({"address": [TO]}, {"address": [TO], "outboundSMSTextMessage": {}}):
        body = {"outboundSMSMessageRequest": wanted}
        reply = await session.ask("POST", f"{session.sms}/outbound/default/requests", body)
        assert reply.refusal == (400, "SVC0002", ["message"])


@pytest.mark.parametrize("written", ['"\\ud83d\\ude00 \\u00e9"', '"😀 é"'], ids=["escaped", "raw"])
async def test_an_emoji_arrives_raw_or_escaped_and_goes_back_as_itself(
    house: House, ada: Tenant, session: Session, written: str
) -> None:
    """Python and PHP escape, the others do not."""
    body = f'{{"outboundSMSMessageRequest":{{"address":["{TO}"],"outboundSMSTextMessage":{{"message":{written}}}}}}}'
    reply = await session.ask("POST", f"{session.sms}/outbound/default/requests", body)
    assert reply.json["outboundSMSMessageRequest"]["outboundSMSTextMessage"]["message"] == "😀 é"
    assert [message.text for message in await house.messages(ada)] == ["😀 é"]


@pytest.mark.parametrize("suffix", ["node", "ruby", "python", "php", "java", "csharp"])
async def test_the_correlator_of_every_sdk_comes_back(session: Session, suffix: str) -> None:
    """It is the client identifier, blanks and all, with the SDK's name."""
    correlator = f"PRIV-acct.z9ht.Project name-{suffix}"
    reply = await session.send(TO, clientCorrelator=correlator)
    assert reply.json["outboundSMSMessageRequest"]["clientCorrelator"] == correlator


async def test_the_browsers_first_info_and_message_id_are_there(session: Session) -> None:
    """JavaScript's SDK reads deliveryInfo[0] and what follows /messages/ without looking whether it is there."""
    said = (await session.send(TO)).json["outboundSMSMessageRequest"]
    info = said["deliveryInfoList"]["deliveryInfo"][0]
    assert info == {"address": TO, "destinationAddress": TO, "deliveryStatus": "DeliveredToNetwork"}
    assert isinstance(said["address"], list)
    assert "/" not in said["resourceURL"].partition("/messages/")[2]
    assert said["deliveryInfoList"]["resourceURL"] == said["resourceURL"] + "/deliveryInfos"


async def test_node_red_subscribes_with_an_empty_number(ada: Tenant, session: Session) -> None:
    reply = await session.subscribe(await session.channel(), destinationAddress="")
    assert reply.json["subscription"]["destinationAddress"] == ada.numbers[0]


async def test_a_subscription_that_is_gone_is_a_404_which_the_browser_takes_for_success(
    session: Session,
) -> None:
    url = (await session.subscribe(await session.channel())).json["subscription"]["resourceURL"]
    assert (await session.ask("DELETE", url)).status == 204
    assert (await session.ask("DELETE", url)).refusal == (404, "SVC0004", ["resourceURL"])


async def test_an_app_that_starts_again_hears_everything_once(
    house: House, ada: Tenant, session: Session
) -> None:
    """Node's SDK makes a channel for every subscription and deletes none."""
    for _ in range(3):
        await session.subscribe(await session.channel("http://app.example/"))
    await session.send(TO, text="one")
    await session.send(TO, text="two")
    posts = await house.mailbox.first(2)
    assert {post.said[1]["outboundSMSMessage"]["message"] for post in posts} == {"one", "two"}
    assert len(house.mailbox.posts) == 2
