"""/api/live as a client sees it: who gets in, what is said, what is not."""

import asyncio
from typing import Any

import pytest

from tests.facades.api.house import PHONE, House
from textwire.facades.api.events import body
from textwire.live.limits import Limits
from textwire.store import events, feed, messages
from textwire.store.accounts import insert_credential
from textwire.store.committer import Unit
from textwire.store.engines.engine import statement

from .sockets import listening, refused


async def test_events_come_as_webhooks_have_them_behind_a_greeting(house: House) -> None:
    async with listening(house.alice) as client:
        hello = await client.hear()
        assert hello == {"type": "hello", "position": f"evt_{await feed.head(house.engine)}", "gap": False}
        sent = await house.alice.sent(text="live")
        heard = await client.until("message.delivered")
        assert [event["type"] for event in heard] == [
            "message.accepted", "message.sent", "message.delivered",
        ]  # fmt: skip
        assert [event["sequence"] for event in heard] == [1, 2, 3]
        assert {event["data"]["id"] for event in heard} == {sent["id"]}
        kept = (await messages.some(house.engine, [int(sent["id"])]))[int(sent["id"])]
        for event, told in zip(heard, await events.of_subject(house.engine, int(sent["id"])), strict=True):
            assert list(event) == ["id", "type", "timestamp", "sequence", "data"]
            assert event == _json(body(f"evt_{told.number}", told, kept))


def _json(encoded: bytes) -> Any:
    import json

    return json.loads(encoded)


async def test_after_an_event_comes_what_was_missed(house: House) -> None:
    async with listening(house.alice) as client:
        await client.hear()
        await house.alice.sent()
        first, *rest = await client.until("message.delivered")
    for after in (first["id"], first["id"].removeprefix("evt_"), first["id"] + ".77"):
        async with listening(house.alice, f"?after={after}") as again:
            assert (await again.hear())["gap"] is False
            assert await again.until("message.delivered") == rest


async def test_the_greetings_position_is_a_place_to_come_back_to(house: House) -> None:
    async with listening(house.alice) as client:
        position = (await client.hear())["position"]
    await house.alice.sent()
    async with listening(house.alice, f"?after={position}") as again:
        assert (await again.hear())["position"] == position
        assert len(await again.until("message.delivered")) == 3


async def test_a_socket_hears_only_the_events_and_numbers_that_it_asks_for(house: House) -> None:
    mine, other = house.alice.numbers
    async with (
        listening(house.alice, "?events=message.delivered,message.received") as some,
        listening(house.alice, f"?numbers={other.replace('+', '%2B')}") as one,
        listening(house.alice, f"?numbers={mine}") as unencoded,
    ):
        for client in (some, one, unencoded):
            await client.hear()
        await house.alice.sent(**{"from": mine})
        await house.alice.sent(**{"from": other})
        await house.phones.text(PHONE, mine, "hi")
        heard = [await some.hear() for _ in range(3)]
        assert sorted(event["type"] for event in heard) == [
            "message.delivered", "message.delivered", "message.received",
        ]  # fmt: skip
        assert {event["data"]["from"] for event in await one.until("message.delivered")} == {other}
        heard = await unencoded.until("message.delivered")
        assert {event["data"]["from"] for event in heard} <= {mine, PHONE}


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?after=", "after"),
        ("?after=evt_", "after"),
        ("?after=-1", "after"),
        ("?after=evt_99999999999999999999", "after"),
        ("?after=9223372036854775808", "after"),
        ("?after=evt_1%27--", "after"),
        ("?after=%D9%A1", "after"),
        ("?after=" + "1" * 65, "after"),
        ("?events=", "events"),
        ("?events=message.sent,message.read", "events"),
        ("?events=subscription.canceled", "events"),
        ("?numbers=+", "numbers"),
        ("?numbers=" + ",".join(["%2B16139998877"] * 101), "numbers"),
        ("?from=1", "from"),
    ],
)
async def test_a_wish_that_cannot_be_is_refused_before_the_handshake(
    house: House, query: str, field: str
) -> None:
    status, code, fields = await refused(house.alice, query)
    assert (status, fields) == (400, [field])
    assert code in ("invalid_field", "invalid_address", "unknown_field")


async def test_without_a_key_that_may_read_nobody_gets_in(house: House) -> None:
    assert await refused(house.alice, authorization="") == (401, "unauthorized", [])
    assert await refused(house.alice, authorization="Bearer tw_wrong") == (401, "unauthorized", [])
    assert await refused(house.alice, authorization="", cookie="session=x") == (401, "unauthorized", [])
    assert await refused(house.alice, "?access_token=tw_wrong", authorization="") == (401, "unauthorized", [])
    # A wrong header is not mended by a right parameter: which of them counts would be anybody's guess.
    wrong = await refused(house.alice, f"?access_token={house.alice.key}", authorization="Basic x")
    assert wrong == (401, "unauthorized", [])


async def test_a_browser_gives_its_key_as_a_parameter(house: House) -> None:
    async with listening(house.alice, f"?access_token={house.alice.key}", authorization="") as client:
        assert (await client.hear())["type"] == "hello"


@pytest.mark.parametrize(
    ("origin", "host", "may"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080", True),
        ("http://localhost:8080", "localhost:8080", True),
        ("http://127.0.0.1", "127.0.0.1:80", True),
        ("https://127.0.0.1:8080", "127.0.0.1:8080", True),  # TLS may end in front of us
        ("https://sms.example", "sms.example", True),
        ("https://sms.example", "sms.example:8080", False),
        ("http://evil.example", "127.0.0.1:8080", False),
        ("http://127.0.0.1:8081", "127.0.0.1:8080", False),
        ("http://127.0.0.1.evil.example:8080", "127.0.0.1:8080", False),
        ("http://127.0.0.1:8080@evil.example", "127.0.0.1:8080", False),
        ("null", "127.0.0.1:8080", False),
        ("", "127.0.0.1:8080", True),  # no browser
        ("file://", "127.0.0.1:8080", False),
        ("http://127.0.0.1:x", "127.0.0.1:8080", False),
        ("null", "null", False),
    ],
)
async def test_only_our_own_pages_may_open_a_socket(house: House, origin: str, host: str, may: bool) -> None:
    for more in ({}, {"authorization": "", "cookie": "session=valid"}):
        async with listening(house.alice, origin=origin, host=host, **more) as client:
            if may and not more:
                assert client.refusal is None
            else:
                assert client.refusal is not None
                expected = (401, "unauthorized", []) if may else (403, "origin_forbidden", [])
                assert client.refusal.problem == expected


async def test_a_page_elsewhere_that_the_operator_names_may(house: House) -> None:
    listener = house.door.sockets[0].handler.__self__  # type: ignore[attr-defined]
    listener._origins = ["https://app.example"]
    async with listening(house.alice, origin="https://app.example") as client:
        assert client.refusal is None
    assert (await refused(house.alice, origin="https://app.example.evil"))[0] == 403


async def test_over_plain_http_the_path_asks_for_an_upgrade(house: House) -> None:
    reply = await house.alice.ask("GET", "/api/live")
    assert reply.problem == (426, "upgrade_required", [])
    assert reply.headers["upgrade"] == "websocket"
    assert (await house.ask("GET", "/api/live")).status == 401


async def test_an_account_hears_nothing_of_another(house: House) -> None:
    async with listening(house.alice, "?after=0") as alice, listening(house.bob, "?after=0") as bob:
        for n in range(5):
            await asyncio.gather(house.alice.sent(text=f"alice {n}"), house.bob.sent(text=f"bob {n}"))
        for client, own in ((alice, "alice"), (bob, "bob")):
            heard: list[Any] = []
            while sum(event["type"] == "message.delivered" for event in heard) < 5:
                heard += await client.until("message.delivered")
            texts = {event["data"]["text"] for event in heard if event["type"] != "hello"}
            assert texts == {f"{own} {n}" for n in range(5)}


async def test_an_account_may_have_so_many_sockets_at_once(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.live, "limits", Limits(sockets=1))
    async with listening(house.alice) as first:
        await first.hear()
        assert house.live.open.total() == 1
        assert (await refused(house.alice))[:2] == (429, "too_many_sockets")
        async with listening(house.bob) as other:
            assert other.refusal is None
    assert not house.live.open
    async with listening(house.alice) as again:
        assert again.refusal is None


class _Keys:
    """A write that adds a key of alice's, and one that revokes it."""

    def __init__(self, house: House, digest: str) -> None:
        self._house, self._digest = house, digest

    async def run(self, unit: Unit, items: list[bool]) -> list[None]:
        for add in items:
            if add:
                caller = self._house.alice.caller.id
                given = ("key", self._digest, "", "read", 0)
                await insert_credential(unit, 999, caller, given, 1)
            else:
                await unit.run(statement("delete from credential where id = 999"))
        return [None for _ in items]


async def test_a_socket_is_closed_once_its_key_is_revoked_and_others_stay(house: House) -> None:
    from textwire.access.secrets import digest

    keys = _Keys(house, digest("tw_short"))
    await house.core.store.write(keys, True)
    async with (
        listening(house.alice, authorization="Bearer tw_short") as short,
        listening(house.alice) as long,
    ):
        assert (await short.hear())["type"] == (await long.hear())["type"] == "hello"
        await house.core.store.write(keys, False)
        began = asyncio.get_running_loop().time()
        assert await short.hear() is None
        assert short.code == 4001
        assert asyncio.get_running_loop().time() - began <= 5
        await house.alice.sent()
        await long.until("message.delivered")


async def test_who_guesses_keys_at_the_socket_is_told_to_wait_like_everywhere(house: House) -> None:
    answers = [await refused(house.alice, authorization=f"Bearer tw_{n}") for n in range(302)]
    assert answers[0] == (401, "unauthorized", [])
    assert answers[-1] == (429, "too_many_failures", [])
    async with listening(house.alice) as client:
        assert client.refusal is None
