"""A person with a browser, and the program that he lets in: the walk that the vendor's examples take."""

import html
import re
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.facades.sipgate.house import PASSWORD, House, Reply, User

from .logins import FORM, OIDC, Pair, post

PLACE = "http://localhost:3000/oauth"
CLIENTS = "/authorization/oauth2/clients"
DETAILS = {
    "name": "Termine & Co", "description": "Books <b>appointments</b>", "redirectUris": [PLACE],
    "webOrigins": ["http://localhost:3000"], "privacyUrl": "https://www.example.com/privacy",
    "termsUrl": "https://www.example.com/terms",
}  # fmt: skip


class Program(NamedTuple):
    """A registered client."""

    house: House
    id: str
    secret: str

    async def page(
        self, place: str = f"{OIDC}/auth", headers: dict[str, str] | None = None, **other: str
    ) -> Reply:
        """What its user's browser gets; a field that is "" is left out."""
        fields = {"client_id": self.id, "redirect_uri": PLACE, "scope": "balance:read sessions:sms:write",
                  "response_type": "code", "state": "a b&c"}  # fmt: skip
        query = urlencode({k: v for k, v in {**fields, **other}.items() if v})
        return await self.house.ask_at(
            "GET", f"{place}?{query}", b"", headers or {"host": "login.sipgate.com"}
        )

    async def code(self, user: User, **other: str) -> dict[str, str]:
        """What comes back when the user has allowed it."""
        return answered(await allow(self.house, await self.page(**other), user))

    async def redeem(self, code: str, **other: str) -> Reply:
        """The code, used."""
        fields = {"client_id": self.id, "client_secret": self.secret, "grant_type": "authorization_code",
                  "redirect_uri": PLACE, "code": code}  # fmt: skip
        return await post(self.house, **{**fields, **other})

    async def pair(self, user: User, **other: str) -> Pair:
        """Tokens for a user."""
        reply = await self.redeem((await self.code(user, **other))["code"])
        assert reply.status == 200, reply
        return Pair(self.house, reply.json)


async def registered(user: User, **other: Any) -> Program:
    """A new client of a user's account."""
    reply = await user.ask("POST", CLIENTS, {**DETAILS, **other})
    assert reply.status == 200, reply
    return Program(user.house, reply.json["clientId"], reply.json["clientSecret"])


def form_of(page: Reply) -> tuple[str, str]:
    """Where a page's form goes, and what it carries."""
    text = page.body.decode()
    action, carried = re.search(r'action="([^"]*)"', text), re.search(r'name="form" value="([^"]*)"', text)
    assert action, text
    assert carried, text
    return html.unescape(action[1]), html.unescape(carried[1])


async def submit(house: House, page: Reply, headers: dict[str, str] | None = None, **fields: str) -> Reply:
    """A page's form, filled in and sent."""
    action, carried = form_of(page)
    body = urlencode({"form": carried, **fields}).encode()
    return await house.ask_at("POST", action, body, {**FORM, **(headers or {})})


async def allow(house: House, page: Reply, user: User, password: str = PASSWORD) -> Reply:
    """The form as the user fills it in."""
    return await submit(house, page, username=user.principal.email, password=password, decision="allow")


def answered(reply: Reply, place: str = PLACE, mark: str = "?") -> dict[str, str]:
    """What the program hears; that it is the one that was asked for is checked here."""
    assert reply.status == 302, reply
    there, found, told = reply.headers["location"].partition(mark)
    assert (there, found) == (place, mark)
    assert not urlsplit(f"?{told}" if mark == "?" else "").fragment
    return dict(parse_qsl(told))
