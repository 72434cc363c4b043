"""Codes and refresh tokens are good once, on either engine, and whatever comes at the same time on two nodes."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.store.house import NOW, PRINCIPAL, ask, run, running, settle
from textwire.domain.ids import Ids
from textwire.store import logins as shelf
from textwire.store.logins import Login
from textwire.store.store import Store
from textwire.switch.logins import CODE_SECONDS, LIFE_SECONDS, SECOND, Begin, Logins, Redeem, Renew

CLIENT, PASSWORD = "sipgate-app-web", 900


class Time:
    now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def logins(house: Store, time: Time) -> Logins:
    await run(
        house,
        f"""insert into credential (id, principal, kind, lookup, created_at)
            values ({PASSWORD}, {PRINCIPAL}, 'password', 'password:x', 0)""",
    )
    return Logins(house, Ids(1), time)


def wish(n: int = 1, **other: object) -> Begin:
    fields: dict[str, object] = {
        "session": f"session-{n}", "principal": PRINCIPAL, "credential": PASSWORD, "client": CLIENT, "scopes": "all",
        "seconds": CODE_SECONDS, "code": f"digest-{n}",
    }  # fmt: skip
    return Begin(**{**fields, **other})  # type: ignore[arg-type]


def redeem(n: int = 1, *, client: str = CLIENT, fits: bool = True, pair: str = "pair-1") -> Redeem:
    return Redeem(f"digest-{n}", client, lambda asked: fits, pair)


def renew(pair: str, following: str, client: str = CLIENT) -> Renew:
    return Renew("session-1", client, pair, following)


async def test_a_code_opens_its_login_once(logins: Logins, house: Store, time: Time) -> None:
    begun = await logins.begin(wish())
    assert begun.until == NOW + CODE_SECONDS * SECOND
    time.now += 59 * SECOND
    opened = await logins.redeem(redeem())
    assert opened is not None
    assert (opened.pair, opened.until) == ("pair-1", time.now + LIFE_SECONDS * SECOND)
    assert await logins.redeem(redeem(pair="pair-2")) is None
    assert await ask(house, "select * from login") == []


async def test_what_does_not_fit_leaves_the_code_as_it_is(logins: Logins, time: Time) -> None:
    await logins.begin(wish())
    for other in (
        redeem(2),
        redeem(client="other"),
        redeem(fits=False),
        Redeem("", CLIENT, lambda asked: True, "p"),
    ):
        assert await logins.redeem(other) is None
    assert await logins.redeem(redeem()) is not None
    await logins.begin(wish(2))
    time.now += CODE_SECONDS * SECOND
    assert await logins.redeem(redeem(2)) is None


async def test_another_client_cannot_end_a_login_with_a_used_code(logins: Logins, house: Store) -> None:
    await logins.begin(wish())
    await logins.redeem(redeem())
    assert await logins.redeem(redeem(client="other")) is None
    assert await logins.renew(renew("pair-1", "pair-2", client="other")) is None
    await logins.end("session-1", "other")
    assert await logins.renew(renew("pair-1", "pair-2")) is not None


async def test_logins_that_have_no_code_are_found_by_none(logins: Logins) -> None:
    await logins.begin(wish(1, code="", pair="pair-1"))
    await logins.begin(wish(2, code="", pair="pair-1"))
    assert await logins.redeem(Redeem("", CLIENT, lambda asked: True, "p")) is None


async def test_of_many_at_once_one_renews_and_the_chain_ends(logins: Logins, house: Store) -> None:
    await logins.begin(wish(code="", pair="pair-0"))
    found = await asyncio.gather(*(logins.renew(renew("pair-0", f"pair-{n + 1}")) for n in range(20)))
    assert sum(one is not None for one in found) == 1
    assert await ask(house, "select * from login") == []


async def test_a_login_stands_as_long_as_its_password(logins: Logins, house: Store, time: Time) -> None:
    await logins.begin(wish(code="", pair="p"))

    async def stands() -> bool:
        return await shelf.standing(house.engine, "session-1", time.now) is not None

    assert await stands()
    await run(house, f"update credential set expires_at = {NOW + 5} where id = {PASSWORD}")
    assert await stands()
    time.now += 5
    assert not await stands()
    await run(house, f"update credential set expires_at = 0 where id = {PASSWORD}")
    assert await stands()
    time.now = NOW + CODE_SECONDS * SECOND
    assert not await stands()
    time.now = NOW
    await run(house, f"delete from credential where id = {PASSWORD}")
    assert not await stands()


async def test_the_oldest_logins_of_a_user_make_room(
    logins: Logins, house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textwire.switch.logins.MOST_OF_A_CLIENT", 3)
    await logins.begin(wish(0, client="other"))
    await asyncio.gather(*(logins.begin(wish(n)) for n in range(1, 6)))
    await logins.begin(wish(6))
    found = {row[0] for row in await ask(house, "select session from login")}
    assert len(found) == 4
    assert {"session-0", "session-6"} <= found


async def test_what_is_over_is_forgotten_in_pieces(
    logins: Logins, house: Store, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textwire.switch.logins.MOST_PURGED", 2)
    for n in range(3):
        await logins.begin(wish(n))
    time.now += CODE_SECONDS * SECOND
    await logins.begin(wish(9))
    assert [await logins.forget() for _ in range(2)] == [True, False]
    assert await ask(house, "select session from login") == [("session-9",)]


@pytest.fixture
async def cluster(postgres: str) -> AsyncIterator[list[Logins]]:
    async with running(postgres) as one, running(postgres, owner=2) as other:
        await settle(one)
        yield [Logins(one, Ids(1), Time()), Logins(other, Ids(2), Time())]


async def test_two_nodes_give_one_pair_for_one_refresh_token_and_one_for_a_code(
    cluster: list[Logins],
) -> None:
    for n in range(10):
        await cluster[0].begin(wish(n, code="", pair="pair-0"))
        await cluster[0].begin(wish(n + 100))
        renewed = await asyncio.gather(
            *(
                node.renew(Renew(f"session-{n}", CLIENT, "pair-0", f"pair-{k}x"))
                for k, node in enumerate(cluster * 3)
            )
        )
        opened = await asyncio.gather(*(node.redeem(redeem(n + 100)) for node in cluster * 3))
        for outcomes in (renewed, opened):
            assert [isinstance(one, Login) for one in outcomes].count(True) == 1
