"""Guessing codes of caller ids by sipgate's own calls, from many accounts and addresses at once (reliability SN3)."""

import asyncio

from tests.store.house import ask
from textwire.access import minting
from textwire.domain.account import Account, Principal
from textwire.store import accounts, people
from textwire.store.accounts import Entry
from textwire.store.committer import Unit

from .house import BALANCE, JSON, SECOND, START, House, Reply, basic

ACCOUNTS, CODES, TRIES = 200, 10, 5  # 2,000 codes, each tried as often as it may be
PATIENCE = 300 * SECOND  # of the message clock
ALL = "/w0/sms/s0/callerids"


class Attacker:
    """A person with a token and an account of his own, who calls from another address every time."""

    def __init__(self, house: House, n: int) -> None:
        self.house, self.n, self.calls = house, n, 0
        self.minted = minting.sipgate_token(frozenset(("sms:write",)))
        self.numbers = [f"+4915799{n:03d}{k + 110:03d}" for k in range(CODES)]

    async def found(self, unit: Unit) -> None:
        """Writes him down; a password would only cost time."""
        account, person = self.house.id(), self.house.id()
        name = f"attacker-{self.n}"
        await accounts.insert_account(unit, Account(account, name, 0, 0, "active", START))
        await accounts.book(unit, [Entry(self.house.id(), account, 0, "credit", BALANCE, START)])
        await accounts.insert_principal(
            unit, Principal(person, account, "user", name, f"{name}@example.test", ""), START
        )
        await people.equip(unit, [(self.house.id(), person, self.minted.kept)], START)

    async def ask(self, path: str, body: str) -> Reply:
        self.calls += 1
        given = {"authorization": basic(self.minted.identifier, self.minted.secret), **JSON}
        address = f"10.{self.n}.{self.calls // 250}.{self.calls % 250}"
        return await self.house.ask("POST", ALL + path, body.encode(), given, address)

    async def start(self) -> list[int]:
        """Asks for as many codes as he gets and for one more."""
        wanted = [*self.numbers, f"+4915798{self.n:03d}999"]
        return [(await self.ask("", f'{{"phonenumber":"{number}"}}')).status for number in wanted]

    async def guess(self, key: int, right: str, by: int) -> Reply:
        """The code that is so much more than the right one."""
        guess = f"{(int(right) + by) % 1_000_000:06d}"
        return await self.ask(f"/{key}/verification", f'{{"verificationCode":"{guess}"}}')

    async def attack(self, rights: list[str]) -> list[Reply]:
        """Every wrong guess that counts, and then the right one, which counts no more."""
        return [
            await self.guess(key, right, by)
            for key, right in enumerate(rights, 1)
            for by in (*range(7, 7 * TRIES + 1, 7), 0)
        ]


async def codes_of(house: House, numbers: list[str]) -> dict[str, str]:
    """Handset → the code on it, once all have arrived."""
    found: dict[str, str] = {}
    while waiting := [one for one in numbers if one not in found]:
        assert house.clock.now() < START + PATIENCE, f"{len(waiting)} have not arrived"
        await house.step(SECOND)
        found |= {one: shown[0].text[:6] for one in waiting if (shown := house.core.network.messages(one))}
    return found


async def test_ten_thousand_guesses_at_two_thousand_codes_find_none_and_look_alike(house: House) -> None:
    gang = [Attacker(house, n) for n in range(ACCOUNTS)]
    await asyncio.gather(*(house.do(one.found) for one in gang))
    for statuses in await asyncio.gather(*(one.start() for one in gang)):
        assert statuses == [204] * CODES + [429], "ten codes a day for an account"
    shown = await codes_of(house, [number for one in gang for number in one.numbers])
    rights = [[shown[number] for number in one.numbers] for one in gang]
    replies = await asyncio.gather(*(one.attack(codes) for one, codes in zip(gang, rights, strict=True)))
    said = [reply for of_one in replies for reply in of_one]
    assert len(said) == ACCOUNTS * CODES * (TRIES + 1)
    assert {(reply.status, reply.body) for reply in said} == {(404, said[0].body)}
    kept = house.core.store
    assert await ask(kept, "select state, tries, count(*) from code group by state, tries") == [
        ("dead", TRIES, ACCOUNTS * CODES)
    ]
    assert await ask(kept, "select count(*) from caller_id where verified_at > 0") == [(0,)]
    assert await ask(kept, "select count(*) from sender") == [(0,)]
    assert set(await gang[0].start()) == {429}, "and nobody gets another today"
