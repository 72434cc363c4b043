"""What clients of the login do: forms in, tokens out."""

import base64
import json
from typing import Any, NamedTuple
from urllib.parse import urlencode

from tests.facades.sipgate.house import PASSWORD, House, Reply, User

APP = "sipgate-app-web"
REALM = "/auth/realms/third-party"
OIDC = f"{REALM}/protocol/openid-connect"
API = "/login/sipgate-apps/protocol/openid-connect"
FORM = {"content-type": "application/x-www-form-urlencoded", "host": "login.sipgate.com"}
INFO = "/authorization/userinfo"


class Pair(NamedTuple):
    """Tokens that came, and who may use them."""

    house: House
    answer: dict[str, Any]

    @property
    def access(self) -> str:
        return str(self.answer["access_token"])

    @property
    def refresh(self) -> str:
        return str(self.answer["refresh_token"])

    async def status(self, path: str = INFO, method: str = "GET", body: bytes = b"") -> int:
        """What the API answers to the access token."""
        return (await bearing(self.house, self.access, path, method, body)).status


async def bearing(
    house: House, token: str, path: str = INFO, method: str = "GET", body: bytes = b""
) -> Reply:
    """A request of the API with a token."""
    given = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    return await house.ask(method, path, body, given)


async def post(house: House, place: str = f"{OIDC}/token", **fields: str) -> Reply:
    """A form to the login."""
    return await house.ask_at("POST", place, urlencode(fields).encode(), FORM)


async def logged_in(user: User, place: str = f"{OIDC}/token", **more: str) -> Pair:
    """The tokens for a user's password."""
    fields = {
        "client_id": APP,
        "grant_type": "password",
        "username": user.principal.email,
        "password": PASSWORD,
    }
    reply = await post(user.house, place, **{**fields, **more})
    assert reply.status == 200, reply
    return Pair(user.house, reply.json)


async def refresh(pair: Pair, **more: str) -> Reply:
    """The refresh token, used."""
    fields = {"client_id": APP, "grant_type": "refresh_token", "refresh_token": pair.refresh}
    return await post(pair.house, **{**fields, **more})


async def refreshed(pair: Pair) -> Pair:
    """The tokens that come of it."""
    reply = await refresh(pair)
    assert reply.status == 200, reply
    return Pair(pair.house, reply.json)


def part(token: str, number: int) -> Any:
    """The header (0) or the payload (1) of a token."""
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def error(reply: Reply) -> tuple[int, str]:
    """Status and error of a refused login, whose shape is checked here."""
    assert reply.headers["content-type"] == "application/json", reply
    assert list(reply.json) == ["error", "error_description"]
    assert reply.json["error_description"]
    return reply.status, str(reply.json["error"])
