"""OAuth clients of the caller's account: registered, looked at with their secrets, changed, taken away."""

import uuid
from typing import Any, Final

from textwire.access.secrets import token
from textwire.domain.refusal import Refusal
from textwire.facades.sipgate.gate import Gate, Me, worded
from textwire.facades.sipgate.identity import sip_id
from textwire.facades.sipgate.scopes import CLIENTS_READ, CLIENTS_WRITE
from textwire.facades.sipgate.users import is_admin
from textwire.facades.sipgate.wire import ROOT, Wire
from textwire.store import oauth_clients, people
from textwire.store.oauth_clients import Details, OAuthClient
from textwire.switch.desk import Desk
from textwire.switch.people.clients import MOST_CLIENTS
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import written

ALL: Final = f"{ROOT}/authorization/oauth2/clients"
ONE: Final = f"{ALL}/{{client}}"
SECRET_LENGTH: Final = 36  # of 62 letters and digits: 214 bits


class Shown(Wire, frozen=True, kw_only=True):
    """A client, with its secret: whoever may see it may see that again."""

    client_id: str
    client_secret: str
    name: str
    description: str
    redirect_uris: tuple[str, ...]
    web_origins: tuple[str, ...]
    privacy_url: str
    terms_url: str


class Listed(Wire, frozen=True, kw_only=True):
    """Not `items`, as everywhere else."""

    data: list[Shown]


class Urls(Wire, frozen=True, kw_only=True):
    """What a user may read before he lets a client in."""

    privacy_url: str
    terms_url: str


class Written(Wire, frozen=True, kw_only=True):
    """The body."""

    name: Any = None
    description: Any = None
    redirect_uris: Any = None
    web_origins: Any = None
    privacy_url: Any = None
    terms_url: Any = None


class Managing:
    """The resource: for who may `manage` the account, as the secrets are the account's."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def routes(self, gate: Gate) -> tuple[Route, ...]:
        """The last one is open: a login page of one's own asks for it."""
        return (
            gate.route("GET", ALL, self._list, CLIENTS_READ),
            gate.route("POST", ALL, self._add, CLIENTS_WRITE),
            gate.route("GET", ONE, self._show, CLIENTS_READ),
            gate.route("PUT", ONE, self._change, CLIENTS_WRITE),
            gate.route("DELETE", ONE, self._remove, CLIENTS_WRITE),
            Route("GET", f"{ONE}/gdpr", worded(self._urls)),
        )

    async def _list(self, request: Request, me: Me) -> Response:
        await self._manages(me)
        engine = self._desk.store.engine
        found = await oauth_clients.of_account(engine, me.caller.account, MOST_CLIENTS)
        return json_response(Listed(data=[self._shown(one) for one in found]))

    async def _add(self, request: Request, me: Me) -> Response:
        await self._manages(me)
        details = _details(await request.json(Written))
        name = f"{sip_id(me.caller.account)}-{me.extension.number}-{uuid.uuid4()}"
        sealed = self._desk.seal(token(SECRET_LENGTH))
        return json_response(
            self._shown(await self._desk.people.clients.add(me.caller, name, sealed, details))
        )

    async def _show(self, request: Request, me: Me) -> Response:
        await self._manages(me)
        found = await oauth_clients.by_id(self._desk.store.engine, request.params["client"])
        if found is None or found.account != me.caller.account:
            raise Refusal("not_found")
        return json_response(self._shown(found))

    async def _change(self, request: Request, me: Me) -> Response:
        await self._manages(me)
        details = _details(await request.json(Written))
        changed = await self._desk.people.clients.change(me.caller, request.params["client"], details)
        return json_response(self._shown(changed))

    async def _remove(self, request: Request, me: Me) -> Response:
        await self._manages(me)
        await self._desk.people.clients.remove(me.caller, request.params["client"])
        return Response(202)

    async def _urls(self, request: Request) -> Response:
        found = await oauth_clients.by_id(self._desk.store.engine, request.params["client"])
        if found is None:
            raise Refusal("not_found")
        return json_response(Urls(privacy_url=found.details.privacy_url, terms_url=found.details.terms_url))

    async def _manages(self, me: Me) -> None:
        engine, caller = self._desk.store.engine, me.caller
        found = await people.one(engine, caller.account, "user", caller.public_id)
        if found is None or not is_admin(found):
            raise Refusal("scope_missing", "This takes a user who may manage the account.")

    def _shown(self, client: OAuthClient) -> Shown:
        about = client.details
        try:
            secret = self._desk.unseal(client.secret)
        except ValueError:  # sealed under the key of another server: it proves nobody any more
            secret = ""
        return Shown(
            client_id=client.public_id, client_secret=secret, name=about.name, description=about.description,
            redirect_uris=about.redirect_uris, web_origins=about.web_origins, privacy_url=about.privacy_url,
            terms_url=about.terms_url,
        )  # fmt: skip


def _details(body: Written) -> Details:
    """What a body says; the vendor's own curl calls leave out the two addresses. Refusal missing_field, invalid_field."""
    return Details(
        name=written.text(body.name, "name", written.LONGEST_NAME),
        description=written.text(body.description, "description", written.LONGEST_DESCRIPTION),
        redirect_uris=written.each(body.redirect_uris, "redirectUris", written.redirect_uri),
        web_origins=written.each(body.web_origins, "webOrigins", written.origin),
        privacy_url=written.page(body.privacy_url, "privacyUrl"),
        terms_url=written.page(body.terms_url, "termsUrl"),
    )
