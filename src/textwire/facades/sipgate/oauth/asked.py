"""What a client asks of the login page: read, judged, and sealed into the form that the page is."""

# RFC 6749 §4.1.1, §4.2.1; PKCE: RFC 7636 §4.3; `nonce` and `prompt`: OpenID Connect Core 1.0 §3.1.2.1.

import re
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from . import scopes
from .clients import Client, Clients
from .wire import Form

FORM_SECONDS: Final = 600  # how long a page may stand open
LONGEST: Final = {"state": 2048, "nonce": 512, "redirect_uri": 2000}
FRAGMENT: Final = "fragment"
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # of SHA-256, in base64url

Kind = Literal["code", "token"]


class Asked(msgspec.Struct, frozen=True, omit_defaults=True):
    """Kept with a login: where its code has to be redeemed for, by whom (PKCE), and what the ID token repeats."""

    redirect_uri: str = ""
    challenge: str = ""
    nonce: str = ""


class Wish(msgspec.Struct, frozen=True, kw_only=True, tag="login"):
    """A request that may be shown to a user. `fragment`: where the answer goes in the address."""

    realm: str
    client: str
    kind: Kind
    scopes: str
    asked: Asked
    state: str | None = None
    fragment: bool = False
    until: int = 0


class Wrong(Exception):
    """A request that must not lead anywhere: who sent it is told so by a page (RFC 6749 §4.1.2.1)."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What goes back to the client at once, in place of a page: an error."""

    wish: Wish
    error: str


class Asking:
    """Reads requests."""

    def __init__(
        self,
        clients: Clients,
        seal: Callable[[str], str],
        unseal: Callable[[str], str],
        now: Callable[[], int],
    ) -> None:
        """`now`: the real clock in µs."""
        self._clients, self._seal, self._unseal, self._now = clients, seal, unseal, now

    async def read(self, realm: str, query: Form) -> tuple[Wish, Client] | Answer:
        """What is asked, and by whom. Raises Wrong."""
        client = await self._clients.find(query.get("client_id", ""))
        if client is None:
            raise Wrong("Client not found.")
        place = query.get("redirect_uri", "")
        if place not in client.details.redirect_uris:
            raise Wrong("Invalid parameter: redirect_uri")
        for name, most in LONGEST.items():
            if len(query.get(name, "")) > most:
                raise Wrong(f"Invalid parameter: {name}")
        wish = Wish(
            realm=realm, client=client.id, kind="token" if query.get("response_type") == "token" else "code",
            scopes=scopes.granted(query.get("scope", "")) or "", state=query.get("state"),
            asked=Asked(place, query.get("code_challenge", ""), query.get("nonce", "")),
            fragment=FRAGMENT in (query.get("response_mode"), "fragment" if query.get("response_type") == "token" else ""),
        )  # fmt: skip
        error = _error(query)
        return Answer(wish=wish, error=error) if error else (wish, client)

    def form(self, wish: Wish) -> str:
        """What the page carries, so that its answer belongs to what was asked: nobody can write, read or keep it."""
        until = self._now() + FORM_SECONDS * 1_000_000
        return self._seal(msgspec.json.encode(msgspec.structs.replace(wish, until=until)).decode())

    async def opened(self, realm: str, form: str) -> tuple[Wish, Client]:
        """What a page's form was made for. Raises Wrong."""
        try:
            wish = msgspec.json.decode(self._unseal(form), type=Wish)
        except (ValueError, msgspec.MsgspecError):
            raise Wrong("This form is not one of ours.") from None
        if wish.until <= self._now() or wish.realm != realm:
            raise Wrong("This page has been open for too long. Go back to the program that sent you here.")
        client = await self._clients.find(wish.client)
        if client is None or wish.asked.redirect_uri not in client.details.redirect_uris:
            raise Wrong("Client not found.")
        return wish, client


def _error(query: Form) -> str:
    """What of OAuth's errors a request is, "" if it is good."""
    kind, challenge = query.get("response_type"), query.get("code_challenge", "")
    method = query.get("code_challenge_method", "plain" if challenge else "")
    if not kind:
        return "invalid_request"
    if kind not in ("code", "token"):
        return "unsupported_response_type"
    if query.get("response_mode", "query") not in ("query", FRAGMENT):
        return "invalid_request"
    if (challenge or method) and not (method == "S256" and _CHALLENGE.fullmatch(challenge)):
        return "invalid_request"
    if scopes.granted(query.get("scope", "")) is None:
        return "invalid_scope"
    # Nobody is ever logged in here already.
    return "login_required" if "none" in query.get("prompt", "").split() else ""
