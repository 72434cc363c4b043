"""sipgate's login over HTTP: what a program sends, and what the browser of its user does with the page."""

import html
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message
from typing import Any

SECONDS = 30.0
PLACE = "http://localhost:3000/oauth"


class _Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere by itself."""

    def redirect_request(self, *args: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


class Login:
    """The realm of a server, at one of the vendor's paths."""

    def __init__(self, url: str, credentials: dict[str, str], root: str = "/auth/realms/third-party") -> None:
        self.server, self.url, self._kept = url, f"{url}{root}/protocol/openid-connect", credentials

    def tokens(self, **fields: str) -> dict[str, Any]:
        """What the token endpoint answers, or AssertionError."""
        status, told = self.ask(**fields)
        assert status == 200, (status, told.get("error"))
        return told

    def ask(self, **fields: str) -> tuple[int, dict[str, Any]]:
        """Status and body of what the token endpoint answers."""
        status, _, body = _fetch(f"{self.url}/token", fields)
        return status, dict(json.loads(body))

    def by_password(self, **more: str) -> dict[str, Any]:
        """Tokens as the vendor's documentation gets them."""
        user = {"username": self._kept["email"], "password": self._kept["password"]}
        return self.tokens(client_id="sipgate-app-web", grant_type="password", **user, **more)

    def call(self, method: str, path: str, token: str, body: object = None) -> tuple[int, Any]:
        """A call of the API."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        raw = None if body is None else json.dumps(body).encode()
        status, _, said = _fetch(f"{self.server}/v2{path}", raw, headers, method)
        return status, json.loads(said or b"null")

    def register(self, *places: str) -> tuple[str, str]:
        """Identifier and secret of a new client."""
        token = self.by_password()["access_token"]
        details = {"name": "Termine", "description": "Books appointments", "redirectUris": places, "webOrigins": [],
                   "privacyUrl": "https://www.example.com/privacy", "termsUrl": "https://www.example.com/terms"}  # fmt: skip
        status, made = self.call("POST", "/authorization/oauth2/clients", token, details)
        assert status == 200
        return made["clientId"], made["clientSecret"]

    def address(self, client: str, place: str = PLACE, scope: str = "balance:read", **more: str) -> str:
        """Where a program sends its user."""
        asked = {"client_id": client, "redirect_uri": place, "scope": scope, "response_type": "code", **more}
        return f"{self.url}/auth?{urllib.parse.urlencode(asked)}"

    def allowed(self, address: str, sent_to: "Login | None" = None) -> dict[str, str]:
        """What the program hears after its user has filled in the page; `sent_to`: whom the form reaches."""
        status, _, page = _fetch(address)
        assert status == 200
        action, form = (html.unescape(re.findall(rf'{name}="([^"]*)"', page.decode())[-1]) for name in ("action", 'form" value'))  # fmt: skip
        filled = {
            "form": form,
            "username": self._kept["email"],
            "password": self._kept["password"],
            "decision": "allow",
        }
        status, headers, _ = _fetch((sent_to or self).server + action, filled)
        assert status == 302
        return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(headers["Location"]).query))


def _fetch(
    url: str,
    body: dict[str, str] | bytes | None = None,
    headers: dict[str, str] | None = None,
    method: str | None = None,
) -> tuple[int, Message, bytes]:
    raw = urllib.parse.urlencode(body).encode() if isinstance(body, dict) else body
    request = urllib.request.Request(url, raw, headers or {}, method=method)
    try:
        with _OPENER.open(request, timeout=SECONDS) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.headers, refused.read()
