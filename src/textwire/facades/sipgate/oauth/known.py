"""What any client of OpenID Connect looks up: the endpoints, the key, and who the user is."""

from typing import Any, Final

from textwire.domain.refusal import Refusal
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import scopes
from .bearer import bearer
from .errors import CORS, Failed
from .token import answered
from .tokens import Tokens, subject
from .wire import PROTOCOL, issuer, routes

# OpenID Connect Discovery 1.0 §3: member → place under the issuer.
ENDPOINTS: Final = {
    "authorization_endpoint": "auth", "token_endpoint": "token", "userinfo_endpoint": "userinfo",
    "end_session_endpoint": "logout", "jwks_uri": "certs",
}  # fmt: skip
ABLE: Final[dict[str, Any]] = {
    "grant_types_supported": ["authorization_code", "implicit", "refresh_token", "password"],
    "response_types_supported": ["code", "token"],
    "response_modes_supported": ["query", "fragment"],
    "subject_types_supported": ["public"],
    "id_token_signing_alg_values_supported": ["RS256"],
    "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    "code_challenge_methods_supported": ["S256"],
    "scopes_supported": ["openid", *scopes.MEANING],
}


class Known:
    """The resources."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    def routes(self) -> tuple[Route, ...]:
        """Open to everybody, but for the last."""
        return (
            *routes("GET", ".well-known/openid-configuration", self._discover),
            *routes("GET", f"{PROTOCOL}/certs", answered(self._certs)),
            *routes("GET", f"{PROTOCOL}/userinfo", answered(self._user)),
            *routes("POST", f"{PROTOCOL}/userinfo", answered(self._user)),
        )

    async def _discover(self, request: Request) -> Response:
        realm = issuer(request)
        places = {name: f"{realm}/{PROTOCOL}/{place}" for name, place in ENDPOINTS.items()}
        return json_response({"issuer": realm, **places, **ABLE}, headers=CORS)

    async def _certs(self, request: Request) -> Response:
        return json_response({"keys": [await self._tokens.public()]}, headers=CORS)

    async def _user(self, request: Request) -> Response:
        try:
            _, found = await self._tokens.standing(bearer(request), "Bearer")
        except Refusal:
            raise Failed("invalid_token") from None
        user = found.user
        told = {
            "sub": subject(user.id),
            "name": user.name,
            "preferred_username": user.email,
            "email": user.email,
        }
        return json_response(told, headers=CORS)
