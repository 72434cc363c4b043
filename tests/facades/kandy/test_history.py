"""Threads and messages as Kandy's SDKs read them, and what may not be read."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from textwire.domain.message import FINAL, STATES
from textwire.domain.number import Assignment
from textwire.facades.kandy.history.statuses import STATUSES
from textwire.store import numbers
from textwire.store.engines.engine import statement

from .house import PATIENCE, House, Reply, Session, Tenant, opened

LOCAL, SECOND, SPARE = "+16139998877", "+16139998878", "+16139998879"
PHONE, OTHER = "+16131234567", "+16131234568"


def thread_path(session: Session, remote: str = PHONE, local: str = LOCAL) -> str:
    return f"{session.sms}/remoteAddresses/{remote}/localAddresses/{local}"


async def threads(session: Session, query: str = "", remote: str = "") -> list[Any]:
    path = f"{session.sms}/remoteAddresses" + (f"/{remote}" if remote else "")
    reply = await session.ask("GET", path + query)
    assert reply.status == 200, reply
    assert list(reply.json) == ["smsThreadList"]
    assert reply.json["smsThreadList"]["resourceURL"] == path
    return list(reply.json["smsThreadList"]["smsThread"])


async def messages(session: Session, query: str = "", **where: str) -> list[Any]:
    path = f"{thread_path(session, **where)}/messages"
    reply = await session.ask("GET", path + query)
    assert reply.status == 200, reply
    assert list(reply.json) == ["smsMessageList"]
    return list(reply.json["smsMessageList"]["smsMessage"])


async def thread(session: Session, **where: str) -> Any:
    reply = await session.ask("GET", thread_path(session, **where))
    assert reply.status == 200, reply
    return reply.json["smsThread"]


async def text(house: House, text: str = "hello", number: str = PHONE, to: str = LOCAL) -> None:
    """A person texts a number of ours, which has kept it when this returns."""
    await house.core.simulated.text(number, to, text)


async def url_of(session: Session, *to: str, **more: Any) -> str:
    """The resourceURL of a message that was just sent."""
    reply = await session.send(*(to or (PHONE,)), **more)
    assert reply.status == 201, reply
    return str(reply.json["outboundSMSMessageRequest"]["resourceURL"])


async def delivered(session: Session, url: str) -> None:
    """Waits until a message is final."""
    async with asyncio.timeout(PATIENCE):
        while (await session.ask("GET", f"{url}/status")).json != {"status": "DeliveredToTerminal"}:
            await asyncio.sleep(0.01)


async def test_nothing_yet_is_an_empty_list(session: Session) -> None:
    assert await threads(session) == []
    assert await threads(session, remote=PHONE) == []
    assert await messages(session) == []


async def test_a_thread_has_the_members_that_sdks_read(house: House, session: Session) -> None:
    await text(house, "one")
    await text(house, "two 😀")
    [one] = await threads(session)
    details = one.pop("threadDetails")
    assert one == {
        "remoteAddress": PHONE, "localAddress": LOCAL, "resourceURL": thread_path(session),
    }  # fmt: skip
    assert set(details) == {"firstMessageTime", "lastMessageTime", "lastText", "length", "new"}
    assert (details["lastText"], details["length"], details["new"]) == ("two 😀", 2, 2)
    assert 10**12 < details["firstMessageTime"] <= details["lastMessageTime"] < 10**13
    assert await thread(session) == one | {"threadDetails": details}


async def test_a_message_has_the_members_that_sdks_read(house: House, session: Session) -> None:
    url = await url_of(session, text="out")
    await text(house, "in")
    inbound, outbound = await messages(session)
    assert outbound["resourceURL"] == url
    assert outbound["messageId"] == url.rpartition("/")[2]
    assert (outbound["type"], outbound["message"]) == ("outbound", "out")
    assert (inbound["type"], inbound["message"], inbound["status"]) == (
        "inbound",
        "in",
        "DeliveredToTerminal",
    )
    for one in (inbound, outbound):
        assert set(one) == {"type", "messageId", "message", "status", "dateTime", "resourceURL"}
        assert 10**12 < one["dateTime"] < 10**13
        assert one["resourceURL"] == f"{thread_path(session)}/messages/{one['messageId']}"
        for path in (one["resourceURL"], f"{thread_path(session)}/messages/messages/{one['messageId']}"):
            assert (await session.ask("GET", path)).json == {"smsMessage": one}


async def test_a_status_is_alone_at_the_top(house: House, session: Session) -> None:
    url = await url_of(session)
    first = (await session.ask("GET", f"{url}/status")).json
    assert first in ({"status": "DeliveredToNetwork"}, {"status": "DeliveredToTerminal"})
    await delivered(session, url)


def test_every_state_has_one_of_the_words_that_the_browser_sdk_knows() -> None:
    assert set(STATUSES) == STATES
    assert set(STATUSES.values()) == {
        "DeliveredToNetwork", "DeliveredToTerminal", "DeliveryImpossible", "Unknown",
    }  # fmt: skip
    assert STATUSES["sent"] == "DeliveredToNetwork"
    assert STATUSES["received"] == STATUSES["delivered"] == "DeliveredToTerminal"


async def test_a_message_is_in_its_thread_as_soon_as_it_was_answered(session: Session) -> None:
    for n in range(1, 8):
        url = await url_of(session, text=f"text {n}")
        assert (await messages(session))[0]["resourceURL"] == url
        assert (await thread(session))["threadDetails"]["length"] == n


async def test_reading_the_messages_resets_what_is_new(house: House, session: Session) -> None:
    await text(house)
    assert (await thread(session))["threadDetails"]["new"] == 1
    await messages(session)
    details = (await thread(session))["threadDetails"]
    assert details["new"] == 0
    assert details["lastPullTime"] >= details["lastMessageTime"]
    await text(house)
    assert (await thread(session))["threadDetails"]["new"] == 1
    await threads(session)
    assert (await thread(session))["threadDetails"]["new"] == 1


async def test_what_is_new_is_each_users_own(house: House, ada: Tenant, session: Session) -> None:
    project = await house.project(ada)
    await text(house)
    await messages(session)
    assert (await thread(session))["threadDetails"]["new"] == 0
    assert (await thread(project))["threadDetails"]["new"] == 1
    assert "lastPullTime" not in (await thread(project))["threadDetails"]


async def test_new_alone_shows_what_was_not_received_yet(house: House, session: Session) -> None:
    await text(house, "one")
    await url_of(session, text="sent")
    await messages(session)
    await text(house, "two")
    await text(house, "elsewhere", number=OTHER)
    await url_of(session, text="sent again")
    for yes in ("true", "1", "yes", "TRUE"):
        assert {t["remoteAddress"] for t in await threads(session, f"?new={yes}")} == {PHONE, OTHER}
    assert [t["remoteAddress"] for t in await threads(session, "?new=1", remote=PHONE)] == [PHONE]
    assert [m["message"] for m in await messages(session, "?new=true")] == ["two"]
    assert await messages(session, "?new=true") == []
    assert [t["remoteAddress"] for t in await threads(session, "?new=true")] == [OTHER]
    assert len(await threads(session, "?new=false")) == 2
    assert len(await messages(session, "?new=")) == 4


async def test_new_messages_stay_so_on_the_pages_behind_the_first(house: House, session: Session) -> None:
    for n in range(5):
        await text(house, f"text {n}")
    found, query = [], "?new=true&max=2"
    while query:
        reply = await session.ask("GET", f"{thread_path(session)}/messages{query}")
        page = reply.json["smsMessageList"]
        found += [m["message"] for m in page["smsMessage"]]
        query = f"?new=true&max=2&next={page['next']}" if "next" in page else ""
        await text(house, "late")
    assert found == [f"text {n}" for n in (4, 3, 2, 1, 0)]


async def test_pages_hold_together_while_messages_come(house: House, session: Session) -> None:
    for n in range(9):
        await text(house, f"text {n}")
    found, query = [], "?max=2"
    while query:
        page = (await session.ask("GET", f"{thread_path(session)}/messages{query}")).json["smsMessageList"]
        found += [m["message"] for m in page["smsMessage"]]
        query = f"?max=2&next={page['next']}" if "next" in page else ""
        await text(house, "late")
    assert found == [f"text {n}" for n in range(8, -1, -1)]
    assert (await thread(session))["threadDetails"]["new"] == 5  # those that came behind the first page


async def test_pages_of_threads_miss_none_that_moves_up_meanwhile(house: House, session: Session) -> None:
    phones = [f"+1613123450{n}" for n in range(8)]
    for phone in phones:
        await text(house, number=phone)
    seen, query = list[str](), "?max=3"
    pages = 0
    while query:
        reply = await session.ask("GET", f"{session.sms}/remoteAddresses{query}")
        page = reply.json["smsThreadList"]
        seen += [t["remoteAddress"] for t in page["smsThread"]]
        assert len(page["smsThread"]) <= 3
        query = f"?max=3&next={page['next']}" if "next" in page else ""
        pages += 1
        if pages == 1:  # the last two of the list move to its top, and one is new
            for phone in (phones[0], phones[1], "+16131234599"):
                await text(house, number=phone)
    assert set(seen) == {*phones, "+16131234599"}
    assert len(seen) == len(set(seen))
    assert pages == 3


async def test_a_single_page_has_no_next(house: House, session: Session) -> None:
    await text(house)
    for path, name in (
        (f"{session.sms}/remoteAddresses", "smsThreadList"),
        (f"{thread_path(session)}/messages", "smsMessageList"),
    ):
        reply = await session.ask("GET", f"{path}?max=1")
        assert "next" not in reply.json[name]


async def test_of_several_numbers_the_thread_that_was_active_last_is_first(
    house: House, session: Session
) -> None:
    wanted = []
    for n in range(6):
        local = (LOCAL, SECOND)[n % 2]
        await text(house, number=f"+1613123450{n}", to=local)
        wanted.insert(0, (f"+1613123450{n}", local))
    assert [(t["remoteAddress"], t["localAddress"]) for t in await threads(session)] == wanted
    found, query = [], "?max=4"
    while query:
        page = (await session.ask("GET", f"{session.sms}/remoteAddresses{query}")).json["smsThreadList"]
        found += [(t["remoteAddress"], t["localAddress"]) for t in page["smsThread"]]
        query = f"?max=4&next={page['next']}" if "next" in page else ""
    assert found == wanted


async def test_only_what_came_behind_a_time_is_shown(house: House, session: Session) -> None:
    await text(house, "old")
    [old] = await messages(session)
    await asyncio.sleep(0.005)
    await text(house, "young")
    await text(house, "young too", number=OTHER)
    behind = f"?lastMessageTime={old['dateTime']}"
    assert [m["message"] for m in await messages(session, behind)] == ["young"]
    assert len(await messages(session, f"?lastMessageTime={old['dateTime'] - 1}")) == 2
    assert len(await messages(session, f"?lastMessageTime={old['dateTime'] // 1000 - 1}")) == 2  # in seconds
    assert await messages(session, f"?lastMessageTime={old['dateTime'] // 1000 + 100}") == []
    in_snake_case = f"?last_message_time={old['dateTime']}"  # as Python's SDK documents and sends it
    assert [m["message"] for m in await messages(session, in_snake_case)] == ["young"]
    young = (await thread(session))["threadDetails"]["lastMessageTime"]
    assert len(await threads(session, f"?lastMessageTime={young - 1}")) == 2
    assert [t["remoteAddress"] for t in await threads(session, f"?lastMessageTime={young}")] in ([OTHER], [])
    assert await threads(session, f"?lastMessageTime={young + 1000}") == []


@pytest.mark.parametrize(
    "written", [LOCAL, "default", "Default", "user-ada", "tel:+16139998877", "sip:6139998877@x"]
)
async def test_the_local_address_is_read_in_any_form(house: House, session: Session, written: str) -> None:
    await text(house)
    found = await thread(session, local=written)
    assert (found["localAddress"], found["resourceURL"]) == (LOCAL, thread_path(session))
    [one] = await messages(session, local=written)
    assert one["resourceURL"].startswith(thread_path(session))


@pytest.mark.parametrize(
    "written",
    [PHONE, "%2B16131234567", "tel:+16131234567", "sip:+16131234567@domain", "sip:6131234567@d.example"],
)
async def test_the_remote_address_is_read_in_any_form(house: House, session: Session, written: str) -> None:
    await text(house)
    assert (await thread(session, remote=written))["remoteAddress"] == PHONE
    path = f"{session.sms}/remoteAddresses/{written}"
    listed = (await session.ask("GET", path)).json["smsThreadList"]
    assert [t["remoteAddress"] for t in listed["smsThread"]] == [PHONE]
    assert listed["resourceURL"] == f"{session.sms}/remoteAddresses/{PHONE}"


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("max=0", "max"), ("max=-1", "max"), ("max=x", "max"), ("next=x", "next"), ("next=MQ", "next"),
        ("next=%C3%BC", "next"), ("lastMessageTime=soon", "lastMessageTime"),
        ("lastMessageTime=12345678901234567890", "lastMessageTime"),
    ],
)  # fmt: skip
async def test_a_parameter_that_cannot_be_is_an_invalid_value(
    session: Session, query: str, part: str
) -> None:
    for path in (f"{session.sms}/remoteAddresses", f"{thread_path(session)}/messages"):
        assert (await session.ask("GET", f"{path}?{query}")).refusal == (400, "SVC0002", [part])


async def test_parameters_of_the_directory_and_empty_ones_mean_nothing(
    house: House, session: Session
) -> None:
    await text(house)
    assert len(await messages(session, "?name=x&firstName=&order=asc&max=&next=&lastMessageTime=")) == 1
    assert len(await threads(session, "?max=1000000")) == 1


@pytest.mark.parametrize(
    "end",
    [
        "",
        "/messages/SM1-0123456789abcdef",
        "/messages/SM1-0123456789abcdef/status",
        "/messages/messages/SM1-0123456789abcdef",
    ],
)
async def test_what_is_foreign_is_as_missing_as_what_is_not_there(
    house: House, session: Session, bob: Tenant, end: str
) -> None:
    theirs = await house.session(bob)
    await text(house, to=bob.numbers[0])
    await text(house, to=SPARE)
    await text(house)
    [foreign] = await messages(theirs, local=bob.numbers[0])
    paths = [
        thread_path(session, local=bob.numbers[0])
        + end.replace("SM1-0123456789abcdef", foreign["messageId"]),
        thread_path(session, local=SPARE) + end,
        thread_path(session, local="+16139990000") + end,
        thread_path(session, local="nobody") + end,
        thread_path(session, remote=OTHER) + end,
        thread_path(session, remote="bob") + end,
    ]
    if end:
        paths += [
            thread_path(session) + end,
            thread_path(session) + end.replace("SM1-0123456789abcdef", foreign["messageId"]),
        ]
        paths += [
            thread_path(session) + end.replace("SM1-0123456789abcdef", odd)
            for odd in ("1", "SM1-", "SM1-ffffffffffffffff")
        ]
    answers = {await said(session, "GET", path) for path in paths}
    assert len(answers) == 1
    assert (await session.ask("GET", paths[0])).refusal == (404, "SVC0004", ["resourceURL"])
    if "status" not in end and "messages/messages" not in end:
        assert answers == {await said(session, "DELETE", path) for path in paths}
    assert len(await messages(theirs, local=bob.numbers[0])) == 1


async def said(session: Session, method: str, path: str) -> tuple[int, bytes]:
    reply = await session.ask(method, path)
    return reply.status, reply.body


async def test_lists_of_what_is_foreign_are_empty_like_those_of_nothing(
    house: House, session: Session, bob: Tenant
) -> None:
    await text(house, to=bob.numbers[0])
    await text(house, to=SPARE)
    for local in (bob.numbers[0], SPARE, "+16139990000", "nobody"):
        assert await messages(session, local=local) == []
    assert await threads(session) == []
    assert await threads(session, remote=PHONE) == []
    assert await threads(session, remote="bob") == []


async def test_each_user_sees_the_threads_of_its_own_numbers(
    house: House, ada: Tenant, session: Session
) -> None:
    project = await house.project(ada)
    await house._do(lambda unit: numbers.unassign(unit, [(ada.project.id, LOCAL)]))
    await house._do(lambda unit: numbers.assign(unit, Assignment(SPARE, ada.project.id, 1)))
    for local in (LOCAL, SECOND, SPARE):
        await text(house, to=local)
    assert {t["localAddress"] for t in await threads(session)} == {LOCAL, SECOND}
    assert {t["localAddress"] for t in await threads(project)} == {SECOND, SPARE}
    assert (await thread(project, local="default"))["localAddress"] == SPARE
    assert (await project.ask("GET", thread_path(project))).status == 404
    assert await messages(project) == []


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_the_threads_of_another_user_are_forbidden(house: House, session: Session, method: str) -> None:
    await text(house)
    other = f"/cpaas/smsmessaging/v1/project-ada/remoteAddresses/{PHONE}/localAddresses/{LOCAL}"
    assert (await session.ask(method, other)).refusal == (403, "POL0001", ["foreign_user"])
    assert (await session.ask(method, other, authorization="")).refusal[:2] == (401, "SVC0001")


async def test_a_user_without_numbers_has_no_threads_and_no_default(
    house: House, ada: Tenant, session: Session
) -> None:
    await text(house)
    for number in ada.numbers:
        await house._do(lambda unit, number=number: numbers.unassign(unit, [(ada.user.id, number)]))
    assert await threads(session) == []
    assert await messages(session, local="default") == []
    assert (await session.ask("GET", thread_path(session, local="default"))).status == 404


async def deletion(session: Session, path: str) -> Reply:
    return await session.ask("DELETE", path, b"null")


async def test_a_deleted_message_is_gone_for_everybody(house: House, ada: Tenant, session: Session) -> None:
    project = await house.project(ada)
    await text(house, "one")
    await text(house, "two")
    _, one = await messages(session)
    reply = await deletion(session, one["resourceURL"])
    assert (reply.status, reply.body) == (204, b"")
    assert [m["message"] for m in await messages(project)] == ["two"]
    assert (await session.ask("GET", one["resourceURL"])).status == 404
    assert (await deletion(session, one["resourceURL"])).refusal == (404, "SVC0004", ["resourceURL"])
    details = (await thread(session))["threadDetails"]
    assert (details["length"], details["lastText"]) == (1, "two")
    assert [m.text for m in await house.messages(ada)] == ["two"]


async def test_a_message_under_way_is_out_of_sight_at_once_and_goes_when_it_is_over(
    house: House, ada: Tenant, session: Session
) -> None:
    await text(house, "kept")
    house.core.network.set_phone(PHONE, state="off", now=house.core.clock.now())
    url = await url_of(session, text="deleted")
    assert (await deletion(session, url)).status == 204
    assert [m["message"] for m in await messages(session)] == ["kept"]
    assert (await session.ask("GET", f"{url}/status")).status == 404
    details = (await thread(session))["threadDetails"]
    assert (details["length"], details["lastText"]) == (1, "kept")
    await house.core.desk.histories.chore()
    assert await state_of(house, ada, "deleted") not in FINAL
    house.core.network.set_phone(PHONE, state="on", now=house.core.clock.now())
    house.core.simulated.stir()
    async with asyncio.timeout(PATIENCE):
        while await state_of(house, ada, "deleted") not in FINAL:
            await asyncio.sleep(0.01)
    await house.core.desk.histories.chore()
    assert [m.text for m in await house.messages(ada)] == ["kept"]


async def state_of(house: House, tenant: Tenant, text: str) -> str:
    return next(m.state for m in await house.messages(tenant) if m.text == text)


async def test_a_deleted_thread_is_gone_with_all_that_it_held(
    house: House, ada: Tenant, session: Session
) -> None:
    await text(house, "one")
    await text(house, "elsewhere", number=OTHER)
    url = await url_of(session, text="two")
    await delivered(session, url)
    await url_of(session, text="perhaps under way")
    assert (await deletion(session, thread_path(session))).status == 204
    assert (await session.ask("GET", thread_path(session))).status == 404
    assert [t["remoteAddress"] for t in await threads(session)] == [OTHER]
    assert (await deletion(session, thread_path(session))).refusal == (404, "SVC0004", ["resourceURL"])
    await text(house, "again")
    assert [m["message"] for m in await messages(session)] == ["again"]


async def test_every_subscription_of_the_number_hears_of_a_deletion(
    house: House, ada: Tenant, session: Session
) -> None:
    project = await house.project(ada)
    for listener, name in ((session, "a"), (project, "b")):
        channel = await listener.channel(f"http://127.0.0.1:9/{name}")
        assert (await listener.subscribe(channel)).status == 201
    other = await session.channel("http://127.0.0.1:9/other")
    assert (await session.subscribe(other, destinationAddress=SECOND)).status == 201
    await text(house)
    await house.mailbox.first(2)
    house.mailbox.posts.clear()
    [one] = await messages(session)
    await deletion(session, one["resourceURL"])
    posts = await house.mailbox.first(2)
    assert [post.url for post in posts] == ["http://127.0.0.1:9/a", "http://127.0.0.1:9/b"]
    for post, user in zip(posts, ("user-ada", "project-ada"), strict=True):
        name, said = post.said
        assert name == "smsEventNotification"
        assert said.pop("id")
        assert 10**12 < said.pop("dateTime") < 10**13
        assert said == {
            "eventDescription": "A message has been deleted.", "eventType": "MessageDeleted",
            "link": [{"href": one["resourceURL"].replace("user-ada", user), "rel": "smsMessage"}],
        }  # fmt: skip


async def test_on_trial_a_send_for_which_there_is_no_room_is_refused(tmp_path: Path) -> None:
    async with opened(tmp_path, trial_messages=2) as house:
        ada = await house.tenant("ada", (LOCAL, SPARE))
        on_trial = statement("update account set trial = 1")
        await house._do(lambda unit: unit.run(on_trial))
        session, project = await house.session(ada), await house.project(ada)
        house.core.network.set_phone(PHONE, state="off", now=house.core.clock.now())
        assert (await session.send(PHONE)).status == 201
        several = await session.send(PHONE, OTHER)
        infos = several.json["outboundSMSMessageRequest"]["deliveryInfoList"]["deliveryInfo"]
        assert [info["deliveryStatus"] for info in infos][1] == "DeliveryImpossible"
        assert (await session.send(PHONE)).refusal == (403, "POL0001", ["trial_full"])
        assert len(await house.messages(ada)) == 2
        assert (await project.send(PHONE)).status == 201  # each user has so many


async def test_a_thousand_messages_come_in_one_answer(house: House, session: Session) -> None:
    """The browser SDK asks for one page and shows no more than that."""
    await asyncio.gather(*(text(house, f"text {n}") for n in range(1003)))
    reply = await session.ask("GET", f"{thread_path(session)}/messages")
    page = reply.json["smsMessageList"]
    assert len(page["smsMessage"]) == 1000
    rest = await messages(session, f"?next={page['next']}")
    ids = [m["messageId"] for m in page["smsMessage"] + rest]
    assert len(set(ids)) == 1003
    assert ids == sorted(ids, reverse=True)
