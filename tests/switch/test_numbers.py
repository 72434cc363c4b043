"""Numbers: who owns and who may use one, and what ends when it is taken away."""

import asyncio
from typing import Any

import msgspec
import pytest

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, ask, do, run
from textwire.domain.account import Principal
from textwire.domain.event import ALL, Event
from textwire.domain.number import Assignment, Number
from textwire.domain.refusal import Refusal
from textwire.store import accounts, numbers

from .desk_house import FOREIGN_NUMBER, NUMBER, OTHER, PROJECT, SECOND_NUMBER, STRANGER, Verbs


def told(events: list[Event]) -> list[tuple[str, Any, int]]:
    return [(e.type, msgspec.json.decode(e.data), e.hook) for e in events]


async def refused(code: str, work: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        await work
    assert caught.value.code == code
    return caught.value


async def test_a_number_belongs_to_whoever_had_it_first(verbs: Verbs) -> None:
    new = await verbs.numbers.add(ACCOUNT, "+15550001111", "US")
    assert new == Number("+15550001111", ACCOUNT, "US", NOW)
    for account in (ACCOUNT, OTHER):
        refusal = await refused("number_taken", verbs.numbers.add(account, "+15550001111"))
        assert refusal.field == "number"


async def test_two_who_want_a_number_at_once_do_not_both_get_it(verbs: Verbs) -> None:
    outcomes = await asyncio.gather(
        *(verbs.numbers.add(account, "+15550001111") for account in (ACCOUNT, OTHER)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [Number, Refusal]


async def test_the_list_shows_an_accounts_numbers_with_their_assignments(verbs: Verbs) -> None:
    await verbs.numbers.assign(ACCOUNT, NUMBER, PROJECT)
    found = await verbs.numbers.list(ACCOUNT)
    assert [(one.number.number, one.assignments) for one in found] == [
        (NUMBER, (Assignment(NUMBER, PRINCIPAL, 1), Assignment(NUMBER, PROJECT, 0))),
        (SECOND_NUMBER, ()),
    ]


async def test_assigning_tells_so_once(verbs: Verbs) -> None:
    for _ in range(2):
        made = await verbs.numbers.assign(ACCOUNT, SECOND_NUMBER, PROJECT)
        assert made == Assignment(SECOND_NUMBER, PROJECT, 0)
    await verbs.numbers.assign(ACCOUNT, SECOND_NUMBER, PROJECT, default=True)
    assert told(verbs.heard) == [("number.assigned", {"number": SECOND_NUMBER, "principal": "project-7"}, 0)]


async def test_a_new_default_replaces_the_old_one(verbs: Verbs) -> None:
    await verbs.numbers.assign(ACCOUNT, SECOND_NUMBER, PRINCIPAL, default=True)
    found = await numbers.assignments(verbs.store.engine, ACCOUNT)
    assert sorted((a.number, a.is_default) for a in found) == [(NUMBER, 0), (SECOND_NUMBER, 1)]


@pytest.mark.parametrize(
    ("account", "number", "principal", "field"),
    [
        (ACCOUNT, FOREIGN_NUMBER, PRINCIPAL, "number"),
        (ACCOUNT, "+15550009999", PRINCIPAL, "number"),
        (OTHER, NUMBER, STRANGER, "number"),
        (ACCOUNT, NUMBER, STRANGER, "principal"),
        (ACCOUNT, NUMBER, 12345, "principal"),
    ],
)
async def test_what_is_foreign_is_not_found(
    verbs: Verbs, account: int, number: str, principal: int, field: str
) -> None:
    for verb in (verbs.numbers.assign, verbs.numbers.unassign):
        assert (await refused("not_found", verb(account, number, principal))).field == field
    assert verbs.heard == []


async def test_unassigning_cancels_only_that_principals_subscriptions_of_that_number(verbs: Verbs) -> None:
    await verbs.numbers.assign(ACCOUNT, SECOND_NUMBER, PRINCIPAL)
    await verbs.numbers.assign(ACCOUNT, NUMBER, PROJECT)
    mine, theirs = await verbs.channel(), await verbs.channel(PROJECT)
    first = await verbs.subscribe(mine)
    await verbs.subscribe(await verbs.channel(url="https://customer.test/second"))
    stays = [await verbs.subscribe(mine, SECOND_NUMBER), await verbs.subscribe(theirs, NUMBER, PROJECT)]
    own, _ = await verbs.webhooks.create(
        ACCOUNT, PRINCIPAL, url="https://x.test", types=ALL, numbers=(NUMBER,)
    )
    verbs.heard.clear()

    canceled = await verbs.numbers.unassign(ACCOUNT, NUMBER, PRINCIPAL)

    assert len(canceled) == 2
    active = {public_id for public_id, state in await verbs.hooks() if state == "active"}
    assert active == {one.hook.public_id for one in stays} | {own.public_id}
    assert {state for _, state in await verbs.hooks()} == {"active", "canceled"}
    unassigned, *ended = told(verbs.heard)
    assert unassigned == ("number.unassigned", {"number": NUMBER, "principal": f"user-{ACCOUNT}"}, 0)
    assert [kind for kind, _, _ in ended] == ["subscription.canceled"] * 2
    assert ended[0] == (
        "subscription.canceled",
        {
            "number": NUMBER,
            "principal": f"user-{ACCOUNT}",
            "subscription": first.hook.public_id,
            "channel": mine,
        },
        first.hook.id,
    )
    assert [e.at for e in verbs.heard] == [NOW] * 3


async def test_each_cancellation_is_owed_though_the_hook_has_ended(verbs: Verbs) -> None:
    await verbs.subscribe(await verbs.channel())
    verbs.heard.clear()
    await verbs.numbers.unassign(ACCOUNT, NUMBER, PRINCIPAL)
    owed = [ref for (ref,) in await ask(verbs.store, "select ref from outbox where topic = 'hook'")]
    assert owed == [e.number for e in verbs.heard if e.type == "subscription.canceled"]


async def test_handing_takes_a_number_from_every_other_user_and_from_no_project(verbs: Verbs) -> None:
    await run(verbs.store, f"update principal set kind = 'user' where id = {PRINCIPAL}")
    second = Principal(777, ACCOUNT, "user", "user-777", "", "second")
    await do(verbs.store, accounts.insert_principal, second, NOW)
    await verbs.numbers.assign(ACCOUNT, NUMBER, PROJECT)
    await verbs.subscribe(await verbs.channel())
    for principal, held in ((777, [777]), (777, [777]), (0, []), (PRINCIPAL, [PRINCIPAL]), (777, [777])):
        await verbs.numbers.hand(ACCOUNT, NUMBER, principal)
        [first, _] = await verbs.numbers.list(ACCOUNT)
        assert sorted(a.principal for a in first.assignments) == sorted([*held, PROJECT])
    assert [state for _, state in await verbs.hooks()] == ["canceled"], "what hung on it has ended"


async def test_handing_what_is_anothers_or_to_a_stranger_is_not_found(verbs: Verbs) -> None:
    await refused("not_found", verbs.numbers.hand(ACCOUNT, FOREIGN_NUMBER, PRINCIPAL))
    await refused("not_found", verbs.numbers.hand(ACCOUNT, NUMBER, STRANGER))
    [first, _] = await verbs.numbers.list(ACCOUNT)
    assert first.assignments == (Assignment(NUMBER, PRINCIPAL, 1),)


async def test_unassigning_is_all_or_nothing(verbs: Verbs) -> None:
    """A transaction that fails after the cancellation leaves number, subscription and outbox as they were."""
    await verbs.subscribe(await verbs.channel())
    await run(verbs.store, "update counter set value = 9223372036854775807 where name = 'event'")
    with pytest.raises(Exception):  # noqa: B017 - the engines word the overflow differently
        await verbs.numbers.unassign(ACCOUNT, NUMBER, PRINCIPAL)
    assert [state for _, state in await verbs.hooks()] == ["active"]
    assert await ask(verbs.store, "select count(*) from outbox") == [(0,)]
    [first, _] = await verbs.numbers.list(ACCOUNT)
    assert first.assignments == (Assignment(NUMBER, PRINCIPAL, 1),)


async def test_unassigning_what_is_not_assigned_is_not_found(verbs: Verbs) -> None:
    await refused("not_found", verbs.numbers.unassign(ACCOUNT, SECOND_NUMBER, PRINCIPAL))
    await verbs.numbers.unassign(ACCOUNT, NUMBER, PRINCIPAL)
    await refused("not_found", verbs.numbers.unassign(ACCOUNT, NUMBER, PRINCIPAL))


async def test_unassigning_moves_the_version_of_hooks_only_if_one_was_canceled(verbs: Verbs) -> None:
    await verbs.numbers.assign(ACCOUNT, NUMBER, PROJECT)
    before = await verbs.version()
    await verbs.numbers.unassign(ACCOUNT, NUMBER, PROJECT)
    assert await verbs.version() == before
    await verbs.subscribe(await verbs.channel())
    before = await verbs.version()
    await verbs.numbers.unassign(ACCOUNT, NUMBER, PRINCIPAL)
    assert await verbs.version() > before


async def test_a_released_number_is_taken_from_everybody_and_free_again(verbs: Verbs) -> None:
    await verbs.numbers.assign(ACCOUNT, NUMBER, PROJECT)
    for principal in (PRINCIPAL, PROJECT):
        await verbs.subscribe(await verbs.channel(principal), NUMBER, principal)
    verbs.heard.clear()
    await refused("not_found", verbs.numbers.release(OTHER, NUMBER))
    await verbs.numbers.release(ACCOUNT, NUMBER)
    assert [e.type for e in verbs.heard] == [
        *["number.unassigned"] * 2,
        *["subscription.canceled"] * 2,
        "number.released",
    ]
    assert [one.number.number for one in await verbs.numbers.list(ACCOUNT)] == [SECOND_NUMBER]
    assert (await verbs.numbers.add(OTHER, NUMBER)).account == OTHER
    assert await ask(verbs.store, "select count(*) from assignment") == [(0,)]


async def test_wishes_of_one_batch_see_what_those_before_have_done(verbs: Verbs) -> None:
    outcomes = await asyncio.gather(
        verbs.numbers.unassign(ACCOUNT, NUMBER, PRINCIPAL),
        verbs.numbers.unassign(ACCOUNT, NUMBER, PRINCIPAL),
        verbs.numbers.assign(ACCOUNT, NUMBER, PRINCIPAL),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [tuple, Refusal, Assignment]
