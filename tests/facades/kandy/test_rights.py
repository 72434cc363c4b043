"""Who may use a number: bought by the account, and assigned to the very principal (reliability K1, K2, K6, K9)."""

import itertools

import pytest

from textwire.domain.refusal import Refusal
from textwire.store import hooks, numbers
from textwire.store.engines.engine import Unavailable

from .house import BALANCE, House, Session, Tenant
from .test_login import boss

NUMBER = "+16135550142"
TO = "+16131234567"


async def settled(house: House, ada: Tenant, bought: bool, project: bool, user: bool) -> None:
    """NUMBER, bought or not, assigned or not; what cannot be is refused here."""
    desk, account = house.core.desk.numbers, ada.user.account
    if bought:
        await desk.add(account, NUMBER)
    for wanted, principal in ((project, ada.project), (user, ada.user)):
        if wanted and bought:
            await desk.assign(account, NUMBER, principal.id)
        elif wanted:
            with pytest.raises(Refusal) as refused:
                await desk.assign(account, NUMBER, principal.id)
            assert refused.value.code == "not_found"


@pytest.mark.parametrize("caller", ["user", "project"])
@pytest.mark.parametrize(("bought", "project", "user"), list(itertools.product([False, True], repeat=3)))
async def test_only_a_bought_number_that_is_assigned_to_the_caller_sends_and_receives(
    house: House, ada: Tenant, bought: bool, project: bool, user: bool, caller: str
) -> None:
    await settled(house, ada, bought, project, user)
    session = await house.project(ada) if caller == "project" else await house.session(ada)
    sent = await session.send(TO, sender=NUMBER)
    subscribed = await session.subscribe(await session.channel(), destinationAddress=NUMBER)
    if bought and (project if caller == "project" else user):
        assert sent.json["outboundSMSMessageRequest"]["senderAddress"] == NUMBER
        assert subscribed.json["subscription"]["destinationAddress"] == NUMBER
    else:
        for reply in (sent, subscribed):
            assert reply.refusal == (403, "POL0001", ["sender_forbidden"])
            assert b"html" not in reply.body  # with it the browser SDK loses the body of a 403
        assert await house.messages(ada) == []
        assert await house.balance(ada) == BALANCE
        assert await hooks.subscriptions(house.core.store.engine, ada.user.id) == []


@pytest.mark.parametrize("owner", ["nobody", "another account"])
async def test_a_number_of_nobody_and_one_of_somebody_else_are_forbidden_alike(
    house: House, ada: Tenant, bob: Tenant, session: Session, owner: str
) -> None:
    number = "+4915799900000" if owner == "nobody" else bob.numbers[0]
    assert (await session.send(TO, sender=number)).refusal == (403, "POL0001", ["sender_forbidden"])
    subscribed = await session.subscribe(await session.channel(), destinationAddress=number)
    assert subscribed.refusal == (403, "POL0001", ["sender_forbidden"])


async def test_default_follows_the_default_number_and_the_answer_names_what_was_kept(
    house: House, ada: Tenant, session: Session
) -> None:
    first, second = ada.numbers[:2]
    for number in (first, second, first):
        await house.core.desk.numbers.assign(ada.user.account, number, ada.user.id, default=True)
        said = (await session.send(TO)).json["outboundSMSMessageRequest"]
        [newest, *_] = await house.messages(ada)
        assert said["senderAddress"] == newest.sender == number
        subscribed = await session.subscribe(await session.channel())
        assert subscribed.json["subscription"]["destinationAddress"] == number


async def test_a_default_number_that_is_taken_away_is_no_default_any_more(
    house: House, ada: Tenant, session: Session
) -> None:
    await house.core.desk.numbers.unassign(ada.user.account, ada.numbers[0], ada.user.id)
    for reply in (await session.send(TO), await session.subscribe(await session.channel())):
        assert reply.refusal == (403, "POL0001", ["no_default_number"])
    assert (await session.send(TO, sender=ada.numbers[1])).status == 201


async def test_a_number_that_the_account_gives_up_is_nobodys_at_once(
    house: House, ada: Tenant, session: Session
) -> None:
    await session.subscribe(await session.channel("http://one.example/"))
    project = await house.project(ada)
    await project.subscribe(await project.channel("http://two.example/"))
    await house.core.desk.numbers.release(ada.user.account, ada.numbers[0])
    assert (await session.send(TO, sender=ada.numbers[0])).refusal[0] == 403
    posts = await house.mailbox.first(2)
    assert [post.url for post in posts] == ["http://one.example/", "http://two.example/"]
    assert {post.said[0] for post in posts} == {"smsSubscriptionCancellationNotification"}


async def test_taking_a_number_away_is_all_or_nothing(
    house: House, ada: Tenant, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await session.subscribe(await session.channel("http://one.example/"))
    unassign = house.core.desk.numbers.unassign

    async def failing(*_: object) -> None:
        raise Unavailable("the disk is full")

    with monkeypatch.context() as patch:
        patch.setattr(hooks, "cancel", failing)  # the second of three writes of one transaction
        with pytest.raises(Unavailable):
            await unassign(ada.user.account, ada.numbers[0], ada.user.id)
    held = await numbers.of_principal(house.core.store.engine, ada.user.id, 10)
    assert ada.numbers[0] in held
    assert (await session.ask("GET", made.json["subscription"]["resourceURL"])).json == made.json
    assert house.mailbox.posts == []
    await unassign(ada.user.account, ada.numbers[0], ada.user.id)
    [post] = await house.mailbox.first(1)
    assert post.said[0] == "smsSubscriptionCancellationNotification"


async def test_a_texts_outbound_notification_goes_to_every_subscription_of_its_sender(
    house: House, ada: Tenant, session: Session
) -> None:
    project = await house.project(ada)
    await session.subscribe(await session.channel("http://user.example/"))
    await project.subscribe(await project.channel("http://project.example/"))
    await session.subscribe(await session.channel("http://spare.example/"), destinationAddress=ada.numbers[1])
    await session.send(TO, text="from the user")
    await project.send(TO, text="from the project")
    posts = await house.mailbox.first(4)
    told = [(post.url, post.said[1]["outboundSMSMessage"]["message"]) for post in posts]
    assert sorted(told) == [
        ("http://project.example/", "from the project"), ("http://project.example/", "from the user"),
        ("http://user.example/", "from the project"), ("http://user.example/", "from the user"),
    ]  # fmt: skip
    assert all(post.said[0] == "outboundSMSMessageNotification" for post in posts)
    by_text = {post.said[1]["outboundSMSMessage"]["message"]: post.said[1]["id"] for post in posts}
    assert len({post.said[1]["id"] for post in posts}) == len(by_text) == 2


async def test_without_a_subscription_of_its_sender_nobody_is_told_of_a_text(
    house: House, ada: Tenant, session: Session
) -> None:
    await session.subscribe(await session.channel("http://spare.example/"), destinationAddress=ada.numbers[1])
    await session.send(TO, text="in silence")
    await session.send(TO, text="told", sender=ada.numbers[1])
    [post] = await house.mailbox.first(1)
    assert post.said[1]["outboundSMSMessage"]["message"] == "told"


async def test_a_national_number_is_completed_as_the_account_has_it(
    house: House, ada: Tenant, session: Session
) -> None:
    number = "+447700900142"
    await house.core.desk.numbers.add(ada.user.account, number)
    await house.core.desk.numbers.assign(ada.user.account, number, ada.user.id)
    await house.core.people.settle(boss(ada), {"country": "GB"})
    await house.opt_out(ada, "+447700900199")
    sent = await session.send("07700 900143", "sip:07700900199@domain", sender="sip:07700900142@domain")
    said = sent.json["outboundSMSMessageRequest"]
    assert said["senderAddress"] == number
    assert said["address"] == ["+447700900143", "+447700900199"]
    subscribed = await session.subscribe(await session.channel(), destinationAddress="sip:07700900142@domain")
    assert subscribed.json["subscription"]["destinationAddress"] == number
