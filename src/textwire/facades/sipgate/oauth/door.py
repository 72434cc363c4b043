"""The door of sipgate's logins: the paths of the vendor's login host, and how they refuse."""

from textwire.access.access import Access
from textwire.access.signing import SigningKey
from textwire.switch.desk import Desk
from textwire.web.request import Request
from textwire.web.response import Response
from textwire.web.routes import Door

from .clients import Clients
from .consent import Consent
from .errors import CORS, refuse
from .known import Known
from .token import Token
from .tokens import Tokens
from .wire import PREFIXES


def tokens(desk: Desk) -> Tokens:
    """What issues tokens here, and verifies them at the API's door."""
    made = Tokens(desk.store.engine, SigningKey(desk.store, desk.seal, desk.unseal), desk.real_now)
    desk.people.observers.append(made.forget)
    return made


def door(desk: Desk, access: Access, tokens: Tokens) -> Door:
    """What `app` mounts."""
    clients = Clients(desk.store.engine, desk.unseal)
    return Door(
        name="sipgate-login",
        prefixes=PREFIXES,
        routes=(
            *Consent(desk, access, tokens, clients).routes(),
            *Token(desk, access, tokens, clients).routes(),
            *Known(tokens).routes(),
        ),
        refuse=refuse,
        options=_options,
    )


async def _options(request: Request) -> Response:
    """Every preflight is answered."""
    return Response(204, headers=CORS)
