"""Webhooks of the own API: made, changed, rotated and ended, each within its account and bounds."""

import asyncio
import uuid
from typing import Any

import pytest

from tests.store.house import ACCOUNT, NOW, PRINCIPAL, do
from textwire.domain.event import mask
from textwire.domain.refusal import Refusal
from textwire.store import hooks
from textwire.switch import webhooks
from textwire.switch.webhooks import OVERLAP, Change

from .desk_house import FOREIGN_NUMBER, NUMBER, OTHER, SECOND_NUMBER, Verbs
from .test_numbers import refused

URL = "https://customer.test/hook"
TYPES = mask(["message.received", "message.sent"])


async def create(verbs: Verbs, account: int = ACCOUNT, **named: Any) -> Any:
    hook, _ = await verbs.webhooks.create(account, account * 10, **{"url": URL, "types": TYPES, **named})
    return hook


async def test_a_hook_is_kept_with_its_secret_sealed_and_the_secret_is_given_once(verbs: Verbs) -> None:
    hook, secret = await verbs.webhooks.create(
        ACCOUNT, PRINCIPAL, url=URL, types=TYPES, numbers=(NUMBER, SECOND_NUMBER, NUMBER), correlator="mine"
    )
    assert secret == "whsec_x"
    assert (hook.secret, hook.number, hook.types) == ("sealed:whsec_x", f"{NUMBER} {SECOND_NUMBER}", TYPES)
    assert (hook.dialect, hook.state, hook.channel, hook.created_at) == ("api", "active", 0, NOW)
    assert uuid.UUID(hook.public_id).version == 4
    assert await hooks.one(verbs.store.engine, ACCOUNT, hook.public_id) == hook


async def test_hooks_are_listed_newest_first_within_their_account(verbs: Verbs) -> None:
    mine = [await create(verbs) for _ in range(3)]
    foreign = await create(verbs, OTHER)
    await verbs.subscribe(await verbs.channel())
    assert await verbs.webhooks.list(ACCOUNT) == mine[::-1]
    assert await verbs.webhooks.list(OTHER) == [foreign]


@pytest.mark.parametrize("number", [FOREIGN_NUMBER, "+15550009999"])
async def test_a_hook_is_about_own_numbers_only(verbs: Verbs, number: str) -> None:
    assert (await refused("not_found", create(verbs, numbers=(NUMBER, number)))).field == "numbers"
    assert await verbs.hooks() == []


@pytest.mark.parametrize(
    ("named", "field"),
    [({"types": 0}, "types"), ({"numbers": (NUMBER,) * (webhooks.MOST_NUMBERS + 1)}, "numbers")],
)
async def test_a_hook_wants_something_and_not_too_much(
    verbs: Verbs, named: dict[str, Any], field: str
) -> None:
    assert (await refused("invalid_field", create(verbs, **named))).field == field


async def test_an_account_has_so_many_hooks_and_no_more_even_at_once(
    verbs: Verbs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "MOST_HOOKS", 3)
    await verbs.subscribe(await verbs.channel())
    outcomes = await asyncio.gather(*(create(verbs) for _ in range(5)), return_exceptions=True)
    assert sum(isinstance(outcome, Refusal) for outcome in outcomes) == 3
    channel = await verbs.channel(url=URL + "/other")
    await refused("too_many_hooks", verbs.subscribe(channel))
    await create(verbs, OTHER)
    await verbs.numbers.unassign(ACCOUNT, NUMBER, PRINCIPAL)  # what is canceled does not count
    await create(verbs)


async def test_a_deleted_hook_is_gone_and_observers_hear_so(verbs: Verbs) -> None:
    ended: list[int] = []
    verbs.webhooks.ended.append(ended.extend)
    hook = await create(verbs)
    await refused("not_found", verbs.webhooks.delete(OTHER, hook.public_id))
    assert ended == []
    await verbs.webhooks.delete(ACCOUNT, hook.public_id)
    assert ended == [hook.id]
    assert await verbs.hooks() == []
    await refused("not_found", verbs.webhooks.delete(ACCOUNT, hook.public_id))


async def test_a_subscription_is_not_deleted_as_a_hook(verbs: Verbs) -> None:
    found = await verbs.subscribe(await verbs.channel())
    await refused("not_found", verbs.webhooks.delete(ACCOUNT, found.hook.public_id))


async def change(verbs: Verbs, hook: hooks.Hook, **wanted: Any) -> hooks.Hook:
    return await verbs.webhooks.change(ACCOUNT, hook.public_id, Change(**wanted))


async def test_what_is_not_named_stays_as_it_is(verbs: Verbs) -> None:
    hook = await create(verbs, numbers=(NUMBER,))
    assert await change(verbs, hook) == hook
    other = await change(verbs, hook, url="https://other.test/")
    assert (other.url, other.types, other.number, other.secret) == (
        "https://other.test/", hook.types, NUMBER, hook.secret,
    )  # fmt: skip
    assert (await change(verbs, hook, types=1)).url == "https://other.test/"
    assert (await change(verbs, hook, numbers=())).number == ""
    assert await verbs.webhooks.one(ACCOUNT, hook.public_id) == await change(verbs, hook)


async def test_a_hook_that_is_switched_on_again_has_a_clean_record_and_observers_hear_both(
    verbs: Verbs,
) -> None:
    ended: list[int] = []
    changed: list[int] = []
    verbs.webhooks.ended.append(ended.extend)
    verbs.webhooks.changed.append(changed.extend)
    hook = await create(verbs)
    await do(verbs.store, hooks.failing, [(hook.id, NOW - 5)])
    off = await change(verbs, hook, active=False)
    assert (off.state, off.failing_since, ended, changed) == ("disabled", NOW - 5, [hook.id], [])
    on = await change(verbs, hook, active=True)
    assert (on.state, on.failing_since, changed) == ("active", 0, [hook.id])
    await do(verbs.store, hooks.failing, [(hook.id, NOW)])
    assert (await change(verbs, hook, active=True)).failing_since == NOW  # it was on: nothing is forgiven


@pytest.mark.parametrize(
    ("wanted", "code", "field"),
    [
        ({"types": 0}, "invalid_field", "types"),
        ({"numbers": (NUMBER,) * (webhooks.MOST_NUMBERS + 1)}, "invalid_field", "numbers"),
        ({"numbers": (FOREIGN_NUMBER,)}, "not_found", "numbers"),
    ],
)
async def test_a_change_that_cannot_be_changes_nothing(
    verbs: Verbs, wanted: dict[str, Any], code: str, field: str
) -> None:
    hook = await create(verbs)
    assert (await refused(code, change(verbs, hook, url="https://other.test/", **wanted))).field == field
    assert await verbs.webhooks.one(ACCOUNT, hook.public_id) == hook


async def test_after_a_rotation_the_secret_before_is_kept_for_a_day(verbs: Verbs) -> None:
    hook = await create(verbs)
    changed: list[int] = []
    verbs.webhooks.changed.append(changed.extend)
    verbs.secret = "whsec_y"
    rotated, secret = await verbs.webhooks.rotate(ACCOUNT, hook.public_id)
    assert secret == "whsec_y"
    assert (rotated.secret, rotated.old_secret, rotated.old_until) == (
        "sealed:whsec_y", "sealed:whsec_x", NOW + OVERLAP,
    )  # fmt: skip
    assert changed == [hook.id]
    assert await verbs.webhooks.one(ACCOUNT, hook.public_id) == rotated


async def test_what_is_another_accounts_or_a_vendors_is_not_there(verbs: Verbs) -> None:
    foreign = await create(verbs, OTHER)
    other = await create(verbs, dialect="klingon")
    subscription = await verbs.subscribe(await verbs.channel())
    for public_id in (foreign.public_id, subscription.hook.public_id, "nothing"):
        await refused("not_found", verbs.webhooks.one(ACCOUNT, public_id))
        await refused("not_found", verbs.webhooks.change(ACCOUNT, public_id, Change(types=1)))
        await refused("not_found", verbs.webhooks.rotate(ACCOUNT, public_id))
    await refused("not_found", verbs.webhooks.one(ACCOUNT, other.public_id))


async def test_every_change_of_a_hook_moves_the_version(verbs: Verbs) -> None:
    seen = [await verbs.version()]

    async def moved() -> bool:
        seen.append(await verbs.version())
        return seen[-1] > seen[-2]

    hook = await create(verbs)
    assert await moved()
    await change(verbs, hook, types=1)
    assert await moved()
    await change(verbs, hook, types=1)  # which is no change
    assert not await moved()
    await verbs.webhooks.rotate(ACCOUNT, hook.public_id)
    assert await moved()
    await verbs.webhooks.delete(ACCOUNT, hook.public_id)
    assert await moved()
