"""/v1/applications: the same applications as older clients see them: parameters, one capability, webhooks as lists."""

# "Application API" version 1 (OpenAPI application 1.0.2); npm's `nexmo` before 2.5 and Node-RED's voice configuration
# call it, with everything in the query, PyPI's `nexmo` with JSON.

from typing import Any, Final

import msgspec

from textwire.domain.application import Application
from textwire.facades.vonage.api import Api, validation
from textwire.facades.vonage.parameters import Parameters
from textwire.facades.vonage.problems import Wrong
from textwire.facades.vonage.rest import Call
from textwire.store import applications as shelf
from textwire.switch.desk import Desk
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import forms
from .applications import Applications
from .forms import LISTING, MOST, MOST_PAGES, PAGE, PAYLOAD, Form, Members

PATH: Final = "/v1/applications"
ONE: Final = PATH + "/{id}"
LONGEST_NAME: Final = 100
# type → the endpoints that it has, with the method by which each is called unless another is named.
TYPES: Final = {
    "voice": {"answer_url": "GET", "event_url": "POST"},
    "messages": {"inbound_url": "POST", "status_url": "POST"},
}
METHODS: Final = ("GET", "POST")


class Endpoint(msgspec.Struct, frozen=True):
    """A webhook of a capability."""

    endpoint_type: str
    endpoint: str
    http_method: str


class Webhooks(msgspec.Struct, frozen=True):
    """A capability."""

    webhooks: list[Endpoint]


class View(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename={"links": "_links"}):
    """An application; its keys are told one by one only."""

    id: str
    name: str
    voice: Webhooks | None = None
    messages: Webhooks | None = None
    keys: Any = None
    links: dict[str, Any]


class Listed(msgspec.Struct, frozen=True, kw_only=True, rename={"links": "_links", "embedded": "_embedded"}):
    """A page, the first of which is 0."""

    count: int
    page_size: int
    page_index: int
    embedded: dict[str, list[View]]
    links: dict[str, Any]


class Applications1:
    """The handlers."""

    def __init__(self, desk: Desk, applications: Applications) -> None:
        self._engine, self._applications = desk.store.engine, applications

    def routes(self, api: Api) -> tuple[Route, ...]:
        """Both paths; credentials may be parameters."""
        return (
            api.loose("GET", PATH, self._list),
            api.loose("POST", PATH, self._create),
            api.loose("GET", ONE, self._one),
            api.loose("PUT", ONE, self._change),
            api.loose("DELETE", ONE, self._remove),
        )

    async def _list(self, call: Call) -> Response:
        size, index = (
            _whole(call.given, "page_size", PAGE, 1, MOST),
            _whole(call.given, "page_index", 0, 0, MOST_PAGES),
        )
        found = await shelf.leaf(self._engine, call.caller.account, index * size, size)
        count = await shelf.count(self._engine, call.caller.account)
        views = [_view(one, keys=False) for one in found]
        links = {
            name: {"href": f"{PATH}?page_size={size}&page_index={page}"}
            for name, page in (("self", index), ("first", 0), ("last", max(count - 1, 0) // size))
        }
        return json_response(
            Listed(
                count=count, page_size=size, page_index=index, embedded={"applications": views}, links=links
            )
        )

    async def _create(self, call: Call) -> Response:
        made, private = await self._applications.make(call.caller, _form(call.given, {}))
        return json_response(_view(made, private), 201)

    async def _one(self, call: Call) -> Response:
        return json_response(_view(await self._applications.found(call.request, call.caller)))

    async def _change(self, call: Call) -> Response:
        """Its other capability and the privacy that it was given over version 2 stay."""
        found = await self._applications.found(call.request, call.caller)
        form = _form(call.given, forms.view(found).capabilities)
        form = msgspec.structs.replace(form, privacy=forms.view(found).privacy)
        return json_response(_view(await self._applications.change(call.caller, found, form)))

    async def _remove(self, call: Call) -> Response:
        await self._applications.remove(call.request, call.caller)
        return Response(204)


def _form(given: Parameters, before: dict[str, Members]) -> Form:
    """What is asked for, as version 2 says it."""
    name, kind = given.get("name", "").strip(), given.get("type", "")
    if not 0 < len(name) <= LONGEST_NAME:
        raise _wrong("name", f"must have 1 to {LONGEST_NAME} characters")
    if kind not in TYPES:
        raise _wrong("type", f"must be one of {', '.join(TYPES)}")
    webhooks = {}
    for endpoint, usual in TYPES[kind].items():
        if not (address := given.get(endpoint)):
            raise _wrong(endpoint, "is required")
        method = given.get(endpoint.removesuffix("url") + "method", usual).upper()
        if method not in METHODS or len(address) > forms.LONGEST_URL:
            raise _wrong(endpoint, "must be a URL, called by GET or POST")
        webhooks[endpoint] = {"address": address, "http_method": method}
    capability = {**before.get(kind, {}), "webhooks": webhooks}
    return Form(name=name, capabilities={**before, kind: capability})


def _view(one: Application, private: str = "", *, keys: bool = True) -> View:
    shown = forms.view(one, private)
    return View(
        id=shown.id, name=shown.name, voice=_webhooks(shown.capabilities.get("voice")),
        messages=_webhooks(shown.capabilities.get("messages")), keys=shown.keys if keys else None,
        links={"self": {"href": f"{PATH}/{shown.id}"}},
    )  # fmt: skip


def _webhooks(capability: Members | None) -> Webhooks | None:
    """As lists; what was given over version 2 in no shape that it could have is passed over."""
    if capability is None:
        return None
    given = capability.get("webhooks")
    found = given.items() if isinstance(given, dict) else ()
    return Webhooks(
        [
            Endpoint(name, str(one.get("address", "")), str(one.get("http_method", "POST")))
            for name, one in found
            if isinstance(one, dict)
        ]
    )


def _whole(given: Parameters, name: str, default: int, least: int, most: int) -> int:
    written = given.get(name) or str(default)
    if not (
        written.isascii()
        and written.isdigit()
        and len(written) <= len(str(most))
        and least <= int(written) <= most
    ):
        raise validation(LISTING, Wrong(name, f"must be between {least} and {most}"))
    return int(written)


def _wrong(name: str, reason: str) -> Exception:
    return validation(PAYLOAD, Wrong(name, reason))
