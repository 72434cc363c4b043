"""A creating verb under its caller's key, on both engines."""

import asyncio
from typing import Any

import pytest

from tests.store.house import ACCOUNT, NOW, ask
from textwire.domain.refusal import Refusal
from textwire.store import accounts
from textwire.store.committer import Unit
from textwire.store.idempotency import KEEP
from textwire.store.store import Store
from textwire.switch import once
from textwire.switch.once import Keep, Replayed


class Naming:
    """A verb that keeps a name of its own for each item; it refuses some."""

    def __init__(self) -> None:
        self.made, self.refused = 0, {"bad"}

    async def run(self, unit: Unit, items: list[str]) -> list[Any]:
        outcomes: list[Any] = []
        for item in items:
            if item in self.refused:
                outcomes.append(Refusal("not_found"))
                continue
            self.made += 1
            await accounts.set_setting(unit, f"made-{self.made}", item)
            outcomes.append(f"{item}-{self.made}")
        return outcomes


def keep(key: str = "k", *, digest: str = "d", account: int = ACCOUNT, at: int = NOW) -> Keep:
    return Keep(
        account=account, scope="POST /x", key=key, digest=digest, at=at, word=lambda made: (201, f'"{made}"')
    )


async def made(store: Store) -> list[str]:
    return [
        row[0] for row in await ask(store, "select value from setting where name like 'made-%' order by name")
    ]


async def told(store: Store, verb: Naming, item: str, wish: Keep) -> str:
    """What a caller is told: the outcome, the earlier answer's text, or the refusal's code."""
    try:
        return str(await once.write(store, verb, item, wish))
    except Replayed as replayed:
        return f"{replayed.answered.status} {replayed.answered.answer}"
    except Refusal as refusal:
        return refusal.code


async def test_without_a_key_every_request_makes_something(house: Store) -> None:
    verb = Naming()
    assert [await once.write(house, verb, "a") for _ in range(2)] == ["a-1", "a-2"]


async def test_a_repeated_request_is_told_what_the_first_was_and_makes_nothing(house: Store) -> None:
    verb = Naming()
    assert [await told(house, verb, "a", keep()) for _ in range(3)] == ["a-1", '201 "a-1"', '201 "a-1"']
    assert await made(house) == ["a"]


async def test_many_at_once_with_one_key_make_one_thing(house: Store) -> None:
    verb = Naming()
    answers = await asyncio.gather(*(told(house, verb, "a", keep()) for _ in range(20)))
    assert sorted(answers) == ['201 "a-1"'] * 19 + ["a-1"]
    assert await made(house) == ["a"]


async def test_keys_of_one_batch_are_their_own(house: Store) -> None:
    one, two = Naming(), Naming()
    wishes = [(one, "a", keep("1")), (two, "b", keep("2")), (one, "c", keep("3"))]
    answers = await asyncio.gather(*(told(house, *wish) for wish in wishes))
    assert answers == ["a-1", "b-1", "c-2"]


async def test_another_request_under_the_key_is_a_conflict(house: Store) -> None:
    verb = Naming()
    at_once = [told(house, verb, "a", keep()), told(house, verb, "a", keep(digest="other"))]
    assert await asyncio.gather(*at_once) == ["a-1", "idempotency_mismatch"]
    assert await told(house, verb, "a", keep(digest="other")) == "idempotency_mismatch"
    assert await made(house) == ["a"]


async def test_a_refusal_is_not_kept(house: Store) -> None:
    verb = Naming()
    answers = await asyncio.gather(*(told(house, verb, "bad", keep()) for _ in range(2)))
    assert answers == ["not_found", "not_found"]
    verb.refused.clear()
    assert await told(house, verb, "bad", keep()) == "bad-1"


async def test_a_second_request_of_the_same_batch_has_its_turn_when_the_first_was_refused(
    house: Store,
) -> None:
    verb = Naming()
    answers = await asyncio.gather(
        told(house, verb, "bad", keep()), told(house, verb, "good", keep(digest="other"))
    )
    assert answers == ["not_found", "good-1"]


async def test_accounts_do_not_share_keys(house: Store) -> None:
    verb = Naming()
    assert [await told(house, verb, "a", keep(account=n)) for n in (1, 2)] == ["a-1", "a-2"]


async def test_a_key_is_free_again_after_24_hours(house: Store) -> None:
    verb = Naming()
    answers = [await told(house, verb, "a", keep(at=at)) for at in (NOW, NOW + KEEP - 1, NOW + KEEP)]
    assert answers == ["a-1", '201 "a-1"', "a-2"]


async def test_what_was_answered_can_be_asked_for_before_anything_else(house: Store) -> None:
    verb = Naming()
    await once.earlier(house.engine, keep())
    await told(house, verb, "a", keep())
    with pytest.raises(Replayed):
        await once.earlier(house.engine, keep())
    with pytest.raises(Refusal, match="idempotency_mismatch"):
        await once.earlier(house.engine, keep(digest="other"))
