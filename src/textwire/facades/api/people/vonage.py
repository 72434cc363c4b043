"""/api/account/vonage: what Vonage's clients call with in the name of the account, and how its secrets are changed."""

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from textwire.access import minting
from textwire.domain.account import Caller
from textwire.facades.api import reading, views
from textwire.facades.api.about import About
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.repeating import create
from textwire.switch.desk import Desk
from textwire.switch.people.api_keys import ApiKey
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

PATH: Final = "/api/account/vonage"


class VonageForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What to make anew; what the account has not got at all is made in any case."""

    api_secret: Annotated[
        bool, Meta(description="Make a new api_secret; the one before it stays good beside it.")
    ] = False
    signature_secret: Annotated[
        bool, Meta(description="Make a new signature_secret; the old one is good no longer.")
    ] = False
    end_old: Annotated[bool, Meta(description="No api_secret but the newest is good any longer.")] = False


class VonageView(msgspec.Struct, frozen=True, kw_only=True):
    """What there is: `api_secrets` says since when each is good, the oldest first; no secret is shown."""

    api_key: str | None
    api_secrets: list[str]
    signature_since: str | None


class VonageMade(VonageView, frozen=True, kw_only=True):
    """The same afterwards. What was made is shown this once; null was not made now."""

    api_secret: str | None
    signature_secret: str | None


class Vonage:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._keys = desk, desk.people.api_keys

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """The one path."""
        return (
            entrance.route("GET", PATH, self._get, about=About(
                summary="See your account's api_key for Vonage's clients, without its secrets", answer=VonageView,
            )),
            entrance.route("POST", PATH, self._make, about=About(
                summary="Make credentials for Vonage's clients, or new secrets; the answer shows them once",
                form=VonageForm, answer=VonageMade, status=201, once=True, example={"api_secret": True},
            )),
        )  # fmt: skip

    async def _get(self, request: Request, caller: Caller) -> Response:
        found = await self._keys.of(caller.account, minting.VONAGE_OWNER, minting.VONAGE)
        return json_response(_view(found))

    async def _make(self, request: Request, caller: Caller) -> Response:
        form = await reading.form(request, VonageForm)
        minted = minting.api_key(self._desk.seal)
        return await create(
            self._desk, request, caller,
            lambda keep: self._keys.equip(
                caller, minted.kept, secret=form.api_secret, signature=form.signature_secret,
                end_old=form.end_old, keep=keep,
            ),
            lambda found: _shown(found, minted), secret=True,
        )  # fmt: skip


def _view(found: ApiKey) -> VonageView:
    return VonageView(
        api_key=found.api_key or None,
        api_secrets=[views.stamp(one.created_at) for one in found.secrets],
        signature_since=views.stamp(found.signature.created_at) if found.signature else None,
    )


def _shown(found: ApiKey, minted: minting.MintedApiKey) -> VonageMade:
    """Of what was minted, what the write has taken."""
    signs = found.signature is not None and found.signature.id in found.made
    return VonageMade(
        **msgspec.structs.asdict(_view(found)),
        api_secret=minted.api_secret if found.newest in found.made else None,
        signature_secret=minted.signature_secret if signs else None,
    )
