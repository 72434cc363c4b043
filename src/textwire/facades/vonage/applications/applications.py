"""/v2/applications: an account's applications."""

import uuid
from collections.abc import Callable

from textwire.access import minting
from textwire.access.keypairs import Pairs
from textwire.domain.account import Caller
from textwire.domain.application import Application, Places
from textwire.domain.refusal import Refusal
from textwire.facades.vonage.api import Api, validation
from textwire.facades.vonage.problems import Failing, Wrong
from textwire.store import applications as shelf
from textwire.switch.desk import Desk
from textwire.web.decode import BadBody
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import forms
from .forms import PATH, Form

ONE = PATH + "/{id}"
UNKNOWN = (404, "#not-found", "Not Found", "The requested application was not found")


class Applications:
    """The handlers. `judge_url` raises Refusal("blocked_address") for a webhook that we never call."""

    def __init__(self, desk: Desk, judge_url: Callable[[str], None]) -> None:
        self._applications, self._judge = desk.people.applications, judge_url
        self._engine, self._pairs = desk.store.engine, Pairs()

    def routes(self, api: Api) -> tuple[Route, ...]:
        """Both paths."""
        return (
            api.route("GET", PATH, self._list),
            api.route("POST", PATH, self._create),
            api.route("GET", ONE, self._one),
            api.route("PUT", ONE, self._change),
            api.route("DELETE", ONE, self._remove),
        )

    async def _list(self, request: Request, caller: Caller) -> Response:
        page, size = forms.page(dict(request.query))
        found = await shelf.leaf(self._engine, caller.account, (page - 1) * size, size)
        total = await shelf.count(self._engine, caller.account)
        return json_response(forms.listed(found, page, size, total))

    async def make(self, caller: Caller, form: Form) -> tuple[Application, str]:
        """A new one, and its private key if that was made here."""
        places, public, private = self._places(form), forms.key_of(form), ""
        if not public:
            private, public = await self._pairs.make()
        name = str(uuid.uuid4())
        key = minting.application(name, public)
        return await self._applications.add(caller, name, form.name, key, places), private

    async def change(self, caller: Caller, found: Application, form: Form) -> Application:
        """It is as the form says; without a key there, with the one it has."""
        places, public = self._places(form), forms.key_of(form)
        key = {"key": minting.application(found.public_id, public)} if public else {}
        return await self._applications.change(caller, found.public_id, form.name, places, **key)

    async def _create(self, request: Request, caller: Caller) -> Response:
        made, private = await self.make(caller, await _form(request))
        return json_response(forms.view(made, private), 201)

    async def _one(self, request: Request, caller: Caller) -> Response:
        return json_response(forms.view(await self.found(request, caller)))

    async def _change(self, request: Request, caller: Caller) -> Response:
        found = await self.found(request, caller)
        return json_response(forms.view(await self.change(caller, found, await _form(request))))

    async def _remove(self, request: Request, caller: Caller) -> Response:
        await self.remove(request, caller)
        return Response(204)

    async def remove(self, request: Request, caller: Caller) -> None:
        """The one that the path names goes."""
        found = await self.found(request, caller)
        await self._applications.remove(caller, found.public_id)

    async def found(self, request: Request, caller: Caller) -> Application:
        """The one that the path names."""
        found = await shelf.one(self._engine, caller.account, request.params["id"].lower())
        if found is None:
            raise Failing(*UNKNOWN)
        return found

    def _places(self, form: Form) -> Places:
        places = forms.places(form)
        for name, url in (("inbound_url", places.inbound_url), ("status_url", places.status_url)):
            try:
                if url:
                    self._judge(url)
            except Refusal as refusal:
                where = f"capabilities.messages.webhooks.{name}.address"
                raise validation(forms.PAYLOAD, Wrong(where, refusal.detail)) from None
        return places


async def _form(request: Request) -> Form:
    try:
        return await request.json(Form)
    except BadBody as bad:
        raise validation(forms.PAYLOAD, Wrong(bad.field or "body", bad.reason)) from None
