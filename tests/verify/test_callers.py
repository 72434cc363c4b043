"""Caller ids on each engine: proved for one extension, chosen, lost with the number; and extensions are numbered once."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from tests.store.house import ask, do, running, settle
from textwire.domain.account import Principal
from textwire.domain.refusal import Refusal
from textwire.store import accounts, senders
from textwire.store.extensions import Extension
from textwire.switch.extensions import BUILT_IN, Extensions, chosen
from textwire.verify.callers import Callers

from .town import ACCOUNT, EUR, NOW, OTHER_PHONE, PHONE, PRINCIPAL, Town, wrong


class Place:
    """An extension of the town's account, with the verbs."""

    def __init__(self, town: Town, extension: Extension) -> None:
        self.town, self.number = town, extension.number
        self.extensions = Extensions(town.store)
        self.callers = Callers(town.store, town.codes, lambda: town.now)

    async def now(self) -> Extension:
        return await self.extensions.of(ACCOUNT, PRINCIPAL)

    async def add(self, number: str = PHONE) -> str:
        """Asks for a caller id; the code on the handset."""
        await self.callers.add(await self.now(), number)
        return self.town.texts[-1].text[:6]

    async def tried(self, key: int, code: str) -> str:
        """ "", or the code of the refusal."""
        try:
            await self.callers.verify(await self.now(), key, code)
        except Refusal as refusal:
            return refusal.code
        return ""

    async def shown(self) -> list[tuple[int, str, bool]]:
        found = await self.extensions.callers(await self.now())
        return [(one.number, one.address, bool(one.verified_at)) for one in found]

    async def chosen(self) -> int:
        now = await self.now()
        return chosen(now, await self.extensions.callers(now))


@pytest.fixture
async def place(town: Town) -> Place:
    return Place(town, await Extensions(town.store).of(ACCOUNT, PRINCIPAL))


async def test_users_get_numbers_in_the_order_in_which_they_came(town: Town) -> None:
    more = [Principal(PRINCIPAL + n, ACCOUNT, "user", f"more-{n}", "", "") for n in (3, 1, 2)]
    for one in more:
        await do(town.store, accounts.insert_principal, one, NOW)
    extensions = Extensions(town.store)
    await asyncio.gather(*(extensions.of(ACCOUNT, PRINCIPAL + n) for n in range(4)))
    assert [(one.number, one.principal - PRINCIPAL) for one in await extensions.all(ACCOUNT)] == [
        (0, 0), (1, 1), (2, 2), (3, 3),
    ]  # fmt: skip


async def test_who_is_no_user_of_the_account_has_none(town: Town) -> None:
    key = Principal(999, ACCOUNT, "key", "a-key", "", "")
    await do(town.store, accounts.insert_principal, key, NOW)
    for principal in (999, 12345):
        with pytest.raises(Refusal) as refused:
            await Extensions(town.store).of(ACCOUNT, principal)
        assert refused.value.code == "not_found"


async def test_a_caller_id_is_proved_chosen_and_dropped(place: Place) -> None:
    code = await place.add()
    assert await place.shown() == [(1, PHONE, False)]
    assert await place.tried(1, wrong(code)) == "code_wrong"
    assert await place.tried(2, code) == "not_found"
    assert await place.tried(1, code) == ""
    assert await place.shown() == [(1, PHONE, True)]
    await place.extensions.choose(await place.now(), 1)
    assert await place.chosen() == 1
    await place.extensions.drop(await place.now(), 1)
    assert (await place.chosen(), await place.shown()) == (BUILT_IN, [])


async def test_numbers_of_caller_ids_are_not_given_twice(place: Place) -> None:
    await place.add()
    await place.extensions.drop(await place.now(), 1)
    await place.add(OTHER_PHONE)
    assert [one[0] for one in await place.shown()] == [2]


async def test_asked_for_at_once_each_gets_a_number_of_its_own(place: Place) -> None:
    wanted = [f"+44770090012{n}" for n in range(8)]
    await asyncio.gather(*(place.add(number) for number in wanted))
    assert sorted(one[0] for one in await place.shown()) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert {one[1] for one in await place.shown()} == set(wanted)


async def test_the_same_asked_for_at_once_is_one(place: Place) -> None:
    await asyncio.gather(*(place.add() for _ in range(5)))
    assert await place.shown() == [(1, PHONE, False)]
    assert await ask(place.town.store, "select count(*) from code where state = 'live'") == [(1,)]


async def test_a_number_that_is_lost_is_not_sent_from_any_more(place: Place) -> None:
    assert await place.tried(1, await place.add()) == ""
    await place.extensions.choose(await place.now(), 1)
    await do(place.town.store, senders.forget, [PHONE])
    assert (await place.chosen(), await place.shown()) == (BUILT_IN, [(1, PHONE, False)])
    with pytest.raises(Refusal):
        await place.extensions.choose(await place.now(), 1)


async def test_what_could_not_be_texted_is_no_caller_id(place: Place) -> None:
    place.town.refusal = Refusal("unavailable")
    with pytest.raises(Refusal):
        await place.add()
    assert await place.shown() == []
    assert await place.town.balance() == 1000 * EUR


@pytest.fixture
async def towns(postgres: str) -> AsyncIterator[tuple[Town, Town]]:
    async with running(postgres) as one, running(postgres, owner=2) as other:
        pair = Town(one, node=4), Town(other, node=5)
        await pair[0].settle()
        yield pair


async def test_two_nodes_number_every_user_once(towns: tuple[Town, Town]) -> None:
    others = range(200, 210)
    for account in others:
        await settle(towns[0].store, account=account)
        await do(
            towns[0].store, accounts.insert_principal,
            Principal(account * 10 + 1, account, "user", f"second-{account}", "", ""), NOW,
        )  # fmt: skip
    found = await asyncio.gather(
        *(
            Extensions(town.store).of(account, account * 10 + n)
            for account in others
            for n in (0, 1)
            for town in towns
        )
    )
    assert Counter((one.account, one.number) for one in found) == {(a, n): 2 for a in others for n in (0, 1)}
