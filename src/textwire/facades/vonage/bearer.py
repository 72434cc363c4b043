"""Who is calling with a JWT: an application, once per token."""

import hashlib
import re
from typing import Final

from textwire.access import minting
from textwire.access.access import Access
from textwire.domain.refusal import Refusal
from textwire.switch.desk import Desk
from textwire.switch.judge import Idempotency
from textwire.web.request import Request

from . import jwt
from .gate import Proved
from .statuses import Failed

# Under what accepted tokens are remembered: for a day, which is as long as one can be good.
REPLAYS: Final = "vonage jwt"
_BEARER: Final = re.compile(r"bearer +(\S+)", re.IGNORECASE | re.ASCII)  # RFC 6750 §2.1


class Bearers:
    """Proves applications. What comes of it has `once`: it goes into the write that the token is good for, so that
    a token which was taken is not taken again, whichever process has the next request.
    """

    def __init__(self, access: Access, desk: Desk) -> None:
        self._access, self._desk = access, desk

    async def proved(self, request: Request) -> Proved:
        """Raises Failed, or Refusal("too_many_failures") for who got it wrong too often."""
        bearer = _BEARER.fullmatch(request.header(b"authorization") or "")
        found: list[jwt.Claims] = []

        def proves(public_key: str) -> bool:
            try:
                found.append(jwt.read(token, public_key, self._desk.real_now() // 1_000_000))
            except jwt.BadToken:
                return False
            return jwt.allows(found[0], request.method, request.path)

        try:
            token = bearer[1] if bearer else ""
            caller = await self._access.proved(
                minting.APPLICATION, jwt.claimed(token), proves, request.client
            )
        except (Refusal, jwt.BadToken) as error:
            if isinstance(error, Refusal) and error.code != "unauthorized":
                raise
            raise Failed("credentials") from None
        request.trust()
        return Proved(caller, await self._desk.people.settings.of(caller.account), _once(found[0]))


def _once(claims: jwt.Claims) -> Idempotency:
    named = f"{claims.application_id}\0{claims.jti}".encode("utf-8", "surrogatepass")
    digest = hashlib.sha256(named).hexdigest()
    return Idempotency(scope=REPLAYS, key=digest, digest=digest, render=lambda taken: (200, ""))
