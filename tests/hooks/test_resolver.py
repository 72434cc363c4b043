"""Names are asked for once, remembered briefly, and never in unbounded number."""

import asyncio
import socket
from collections.abc import Sequence

import pytest

from textwire.hooks.answer import Failed
from textwire.hooks.limits import Limits
from textwire.hooks.resolver import Resolver, system


class Names:
    """A look-up that counts, answers from a table and can be held."""

    def __init__(self, **table: Sequence[str]) -> None:
        self.table = table
        self.asked: list[str] = []
        self.held = asyncio.Event()
        self.held.set()

    async def __call__(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        await self.held.wait()
        if name not in self.table:
            raise OSError("no such name")
        return self.table[name]


async def test_an_answer_is_remembered_for_its_time() -> None:
    names = Names(a=["192.0.2.1", "192.0.2.2", "192.0.2.1"])
    resolver = Resolver(Limits(dns_ttl_s=60.0), names)
    until, found = await resolver.addresses("a")
    assert found == ("192.0.2.1", "192.0.2.2")
    assert 59 < until - asyncio.get_running_loop().time() <= 60
    assert await resolver.addresses("a") == (until, found)
    assert names.asked == ["a"]


async def test_an_answer_whose_time_is_over_is_asked_for_again() -> None:
    names = Names(a=["192.0.2.1"])
    resolver = Resolver(Limits(dns_ttl_s=0.0), names)
    await resolver.addresses("a")
    names.table["a"] = ["192.0.2.9"]
    assert (await resolver.addresses("a"))[1] == ("192.0.2.9",)


async def test_a_failure_is_remembered_too() -> None:
    names = Names()
    resolver = Resolver(Limits(), names)
    assert (await resolver.addresses("a"))[1] == (await resolver.addresses("a"))[1] == ()
    assert names.asked == ["a"]


async def test_equal_questions_are_asked_once_and_survive_a_caller_who_leaves() -> None:
    names = Names(a=["192.0.2.1"])
    names.held.clear()
    resolver = Resolver(Limits(), names)
    first, second = (asyncio.create_task(resolver.addresses("a")) for _ in range(2))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    first.cancel()
    names.held.set()
    assert (await second)[1] == ("192.0.2.1",)
    assert first.cancelled()
    assert names.asked == ["a"]


async def test_too_many_questions_at_a_time_are_refused() -> None:
    names = Names(**{f"n{n}": ["192.0.2.1"] for n in range(5)})
    names.held.clear()
    resolver = Resolver(Limits(dns_lookups=3), names)
    asking = [asyncio.create_task(resolver.addresses(f"n{n}")) for n in range(3)]
    await asyncio.sleep(0)
    with pytest.raises(Failed, match="busy"):
        await resolver.addresses("n4")
    names.held.set()
    await asyncio.gather(*asking)
    assert (await resolver.addresses("n4"))[1] == ("192.0.2.1",)


async def test_the_memory_is_bounded() -> None:
    names = Names(**{f"n{n}": ["192.0.2.1"] for n in range(100)})
    resolver = Resolver(Limits(dns_names=10), names)
    for n in range(100):
        await resolver.addresses(f"n{n}")
    await resolver.addresses("n99")
    assert len(names.asked) == 100
    assert len(resolver._known) == 10


async def test_closing_fails_whoever_still_asks() -> None:
    names = Names()
    names.held.clear()
    resolver = Resolver(Limits(), names)
    asking = asyncio.create_task(resolver.addresses("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    resolver.close()
    with pytest.raises(Failed, match="closed"):
        await asking


async def test_the_system_knows_itself() -> None:
    assert set(await system("localhost")) <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize("name", ["a" * 300, "a..b", "a\0b"])
async def test_a_name_that_no_system_can_ask_for_is_an_os_error(name: str) -> None:
    with pytest.raises(OSError):
        await system(name)


async def test_a_name_that_the_system_does_not_know_is_an_os_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr("textwire.hooks.resolver.socket.getaddrinfo", unknown)
    with pytest.raises(OSError, match="not known"):
        await system("hooks.example")
