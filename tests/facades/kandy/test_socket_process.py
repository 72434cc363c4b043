"""Channels over wss, as people run the server: restarts, lost connections, an old token, and nobody else's texts."""

import asyncio
import base64
import json
import urllib.request
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.serving import Server, server

EVENTS = 1_000
AT_ONCE = 8
PATIENCE = 60.0
HTTPS = ("--https", "127.0.0.1:0")
PASSWORD = "correct horse battery staple"
REMOTES = tuple(f"+4477009{n:05d}" for n in range(10_300, 10_300 + AT_ONCE))  # without manners of their own


class User:
    """Somebody with a number, a token and a channel, who counts what he hears."""

    def __init__(self, running: Server, email: str, password: str, client: str, number: str) -> None:
        self.running, self.email, self.number = running, email, number
        self.heard: list[tuple[str, dict[str, Any]]] = []
        form = {
            "grant_type": "password", "client_id": client, "username": email, "password": password, "scope": "openid",
        }  # fmt: skip
        said = self._call(
            "POST", "/cpaas/auth/v1/token", urlencode(form).encode(), "application/x-www-form-urlencoded"
        )
        self.token = said["access_token"]
        self.id = self._claim(said["id_token"])

    @staticmethod
    def _claim(token: str) -> str:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["preferred_username"])

    def _call(self, method: str, path: str, body: bytes = b"", kind: str = "application/json") -> Any:
        headers = {"Content-Type": kind}
        if hasattr(self, "token"):
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(
            self.running.urls["https"] + path, body or None, headers, method=method
        )
        with urllib.request.urlopen(request, timeout=30, context=self.running.trust()) as answer:
            return json.loads(answer.read() or b"null")

    def subscribe(self, lifetime: int = 3600, role: str = "client") -> None:
        """Makes a channel and lets it hear of the number."""
        asked = {
            "channelLifetime": lifetime,
            "channelType": "Websockets",
            "clientCorrelator": "c",
            "x-connCheckRole": role,
        }
        path = f"/cpaas/notificationchannel/v1/{self.id}/channels"
        made = self._call("POST", path, json.dumps({"notificationChannel": asked}).encode())[
            "notificationChannel"
        ]
        self.channel, self.url = made["callbackURL"], made["channelData"]["channelURL"]
        wanted = {"callbackReference": {"notifyURL": self.channel}, "destinationAddress": self.number}
        path = f"/cpaas/smsmessaging/v1/{self.id}/inbound/subscriptions"
        self._call("POST", path, json.dumps({"subscription": wanted}).encode())

    def connect(self, **more: Any) -> connect:
        url = self.running.urls["https"].replace("https", "wss") + self.url
        return connect(
            f"{url}?access_token={quote(self.token)}", ssl=self.running.trust(), max_queue=None, **more
        )

    async def hear(self, socket: ClientConnection) -> dict[str, Any]:
        said = await socket.recv()
        assert isinstance(said, str), "frames are text"
        [(name, inner)] = json.loads(said).items()
        if "id" in inner:
            self.heard.append((name, inner))
        return {name: inner}

    async def until(self, socket: ClientConnection, count: int) -> None:
        """Until so many texts were heard of, each counted once."""
        async with asyncio.timeout(PATIENCE):
            while len(self.texts) < count:
                await self.hear(socket)

    @property
    def texts(self) -> list[str]:
        """What was heard, in the order of the first hearing, without what came again under the same id."""
        by_id = {inner["id"]: inner for _, inner in self.heard}
        return [
            inner["inboundSMSMessage"]["message"] for inner in by_id.values() if "inboundSMSMessage" in inner
        ]

    @property
    def repeats(self) -> int:
        return sum(Counter(inner["id"] for _, inner in self.heard).values()) - len(
            {i["id"] for _, i in self.heard}
        )


def two_users(running: Server) -> tuple[User, User]:
    """The first one of the account, and another one with a number of his own."""
    bought = running.api("GET", "/api/numbers/available?country=GB")["items"][0]["number"]
    running.api("POST", "/api/numbers", {"number": bought})
    made = running.api(
        "POST", "/api/users", {"email": "eve@example.test", "password": PASSWORD, "default_number": bought}
    )
    own, first = running.credentials["kandy"], running.credentials["numbers"][0]
    return (
        User(running, own["email"], own["password"], own["client_id"], first),
        User(running, "eve@example.test", PASSWORD, made["kandy_client_id"], bought),
    )


async def text(running: Server, number: str, said: str, remote: str = REMOTES[0]) -> None:
    path = f"/api/simnet/phones/{quote(remote)}/messages"
    await asyncio.to_thread(running.api, "POST", path, {"to": number, "text": said})


async def gather(calls: list[Any]) -> None:
    """All of them, some at once."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(call: Any) -> None:
        async with gate:
            await call

    await asyncio.gather(*(one(call) for call in calls))


async def test_two_users_hear_of_a_thousand_interleaved_texts_each_his_own_and_all_of_them(
    tmp_path: Path,
) -> None:
    with server(tmp_path, *HTTPS) as running:
        ada, eve = await asyncio.to_thread(two_users, running)
        for one in (ada, eve):
            await asyncio.to_thread(one.subscribe)
        async with ada.connect() as hers, eve.connect() as his:
            calls = [
                text(running, who.number, f"canary-{who.email}-{n}", REMOTES[n % AT_ONCE])
                for n in range(EVENTS // 2)
                for who in (ada, eve)
            ]
            await asyncio.gather(gather(calls), ada.until(hers, EVENTS // 2), eve.until(his, EVENTS // 2))
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    await asyncio.gather(ada.hear(hers), eve.hear(his))
    for one in (ada, eve):
        assert sorted(one.texts) == sorted(f"canary-{one.email}-{n}" for n in range(EVENTS // 2))
        assert one.repeats == 0


async def test_a_lost_connection_a_kill_and_a_restart_lose_nothing_and_keep_the_order(tmp_path: Path) -> None:
    said = iter(range(10_000))
    with server(tmp_path, *HTTPS) as running:
        ada, _ = await asyncio.to_thread(two_users, running)
        await asyncio.to_thread(ada.subscribe)
        async with ada.connect() as socket:
            for _ in range(10):
                await text(running, ada.number, f"{next(said):04}")
            await ada.until(socket, 10)
            socket.transport.abort()  # TCP is gone without a word
        for _ in range(10):
            await text(running, ada.number, f"{next(said):04}")
        async with ada.connect() as socket:  # the same channel, the same token
            await ada.until(socket, 20)
            for _ in range(10):
                await text(running, ada.number, f"{next(said):04}")
            await asyncio.to_thread(running.kill)
            with pytest.raises(ConnectionClosed):
                await ada.until(socket, 10_000)
    with server(tmp_path, *HTTPS) as running:
        ada.running = running
        for _ in range(10):
            await text(running, ada.number, f"{next(said):04}")
        async with ada.connect() as socket:
            await ada.until(socket, 40)
            stopping = asyncio.create_task(asyncio.to_thread(running.stop))
            with pytest.raises(ConnectionClosed) as caught:
                await ada.until(socket, 10_000)
            await stopping
        assert caught.value.rcvd is not None
        assert caught.value.rcvd.code == 1012  # not 1000: it comes back
    with server(tmp_path, *HTTPS) as running:
        ada.running = running
        async with ada.connect() as socket:
            await text(running, ada.number, f"{next(said):04}")
            await ada.until(socket, 41)
    assert ada.texts == [f"{n:04}" for n in range(41)]


async def test_a_newer_socket_replaces_the_older_and_a_ping_answers_for_what_has_arrived(
    tmp_path: Path,
) -> None:
    with server(tmp_path, *HTTPS) as running:
        ada, _ = await asyncio.to_thread(two_users, running)
        await asyncio.to_thread(ada.subscribe)
        async with ada.connect() as first:
            await text(running, ada.number, "one")
            await ada.until(first, 1)
            await asyncio.sleep(6)  # a look at the books, and the answer to its ping
            async with ada.connect() as second:
                with pytest.raises(ConnectionClosed) as caught:
                    await ada.hear(first)
                assert caught.value.rcvd is not None
                assert caught.value.rcvd.code == 4009
                await text(running, ada.number, "two")
                await ada.until(second, 2)
    assert ada.texts == ["one", "two"]
    assert ada.repeats == 0  # the first had certainly arrived


async def test_conn_checks_over_tls_and_refusals_by_status(tmp_path: Path) -> None:
    with server(tmp_path, *HTTPS) as running:
        ada, eve = await asyncio.to_thread(two_users, running)
        await asyncio.to_thread(ada.subscribe)
        async with ada.connect(compression="deflate", origin="https://codepen.io") as socket:
            await socket.send('{"connCheck":{"interval":0.5}}')
            assert await socket.recv() == '{"connAck":{}}'
        for token, status in (("", 401), ("x" * 20, 401), (eve.token, 403)):
            kept, ada.token = ada.token, token
            with pytest.raises(InvalidStatus) as caught:
                async with ada.connect():
                    pass
            assert caught.value.response.status_code == status
            assert b"requestError" in (caught.value.response.body or b"")
            ada.token = kept
        assert ada.token not in running.complaints + running.printed
