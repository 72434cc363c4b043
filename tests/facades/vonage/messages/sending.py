"""Sends by the Messages API, as an application with its JWT or as an account by Basic, and reads what is told."""

import itertools
import json as text
from typing import Any

import msgspec
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey

from tests.facades.vonage.asking import basic, json
from tests.facades.vonage.house import PHONE, SIGNING, START, Answer, Called, House

NOW = START // 1_000_000
INBOUND, STATUS = "http://127.0.0.1:9000/inbound", "http://127.0.0.1:9000/status"
BODY: dict[str, Any] = {
    "channel": "sms", "message_type": "text", "from": "AcmeInc", "to": PHONE[1:], "text": "hi",
}  # fmt: skip
OLD: dict[str, Any] = {
    "from": {"type": "sms", "number": "AcmeInc"}, "to": {"type": "sms", "number": PHONE[1:]},
    "message": {"content": {"type": "text", "text": "hi"}},
}  # fmt: skip
FAILING = "441632960003"  # its ending: rejected at once
UNKNOWN = "441632960001"  # its ending: the network knows no such subscriber

_count = itertools.count()


class Application:
    """One of the account, with its private key."""

    def __init__(self, house: House, public_id: str, key: str) -> None:
        self.house, self.id, self._key = house, public_id, RSAKey.import_key(key)

    def token(self, **more: object) -> str:
        """A new token each time."""
        said = {"application_id": self.id, "iat": NOW, "jti": f"jti-{next(_count)}", "exp": NOW + 900, **more}
        return jws.serialize_compact({"alg": "RS256", "typ": "JWT"}, text.dumps(said), self._key, ["RS256"])

    async def ask(self, method: str, path: str, body: Any = None, token: str = "") -> Answer:
        headers = {"authorization": f"Bearer {token or self.token()}"}
        return await json(self.house, method, path, body, headers)

    async def send(self, **changes: Any) -> Answer:
        return await self.ask("POST", "/v1/messages", changed(changes))


async def application(house: House, **places: str | None) -> Application:
    """With places for inbound texts and statuses, unless others are named."""
    urls = {"inbound_url": INBOUND, "status_url": STATUS, **places}
    version = urls.pop("version", None)
    webhooks = {name: {"address": url, "http_method": "POST"} for name, url in urls.items() if url}
    messages: dict[str, Any] = {"webhooks": webhooks, **({"version": version} if version else {})}
    body = {"name": "n", "capabilities": {"messages": messages}}
    made = (await json(house, "POST", "/v2/applications", body)).json
    return Application(house, made["id"], made["keys"]["private_key"])


async def send(house: House, **changes: Any) -> Answer:
    """By Basic."""
    return await json(house, "POST", "/v1/messages", changed(changes))


def changed(changes: dict[str, Any]) -> dict[str, Any]:
    """The usual body with changes; None leaves a member out, `sender` is `from`."""
    named = {"from" if name == "sender" else name: value for name, value in changes.items()}
    return {name: value for name, value in {**BODY, **named}.items() if value is not None}


def said(called: Called) -> dict[str, Any]:
    """What a webhook was told."""
    found: dict[str, Any] = msgspec.json.decode(called.body)
    return found


def claims(called: Called, secret: str = SIGNING) -> dict[str, Any]:
    """What the token of a webhook says; raises for one that the secret has not signed."""
    scheme, _, token = called.headers["Authorization"].partition(" ")
    assert scheme == "Bearer"
    found = jws.deserialize_compact(token, OctKey.import_key(secret), ["HS256"])
    assert found.headers() == {"alg": "HS256", "typ": "JWT"}
    read: dict[str, Any] = text.loads(found.payload)
    return read


__all__ = ["Application", "application", "basic", "changed", "claims", "said", "send"]
