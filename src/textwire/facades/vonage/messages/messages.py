"""/v1/messages and /v0.1/messages: a text goes out, and is known by a UUID from then on."""

import uuid
from collections.abc import Awaitable, Callable
from typing import Final

import msgspec
from msgspec.structs import replace

from textwire.domain.message import Telling
from textwire.domain.refusal import Refusal
from textwire.facades.vonage.bearer import Bearers
from textwire.facades.vonage.gate import Gate, Proved
from textwire.facades.vonage.problems import Failing, Wrong, response
from textwire.facades.vonage.statuses import Failed
from textwire.facades.vonage.taking import Taking
from textwire.store import tellings
from textwire.store.engines.engine import Unavailable
from textwire.switch.callbacks import STATUSES
from textwire.switch.desk import Desk
from textwire.switch.draft import SendRequest
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Handler, Route

from . import errors, forms, refusals
from .forms import Wish

PATH: Final = "/v1/messages"
OLD_PATH: Final = "/v0.1/messages"
BODY_LIMIT: Final = 262_144  # bytes: eleven of the longest texts, every character escaped
BEARER: Final = "bearer "


class Taken(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer; `workflow_id` if messages may follow."""

    message_uuid: str
    workflow_id: str = ""


class Messages:
    """The handlers."""

    def __init__(self, desk: Desk, gate: Gate, bearers: Bearers, taking: Taking) -> None:
        self._desk, self._gate, self._bearers, self._taking = desk, gate, bearers, taking

    def routes(self) -> tuple[Route, ...]:
        """The paths."""
        return (
            Route("POST", PATH, _answered(self._sending(forms.read)), BODY_LIMIT),
            Route("POST", OLD_PATH, _answered(self._sending(forms.read_old)), BODY_LIMIT),
            Route("PATCH", PATH + "/{uuid}", _answered(self._update)),
        )

    def _sending(self, read: Callable[[bytes], Wish]) -> Handler:
        async def send(request: Request) -> Response:
            proved = await self._proved(request)
            wish = read(await request.body())
            for n, one in enumerate((wish, *(wish.failover or ()))):
                self._judge(one, f"failover[{n - 1}].webhook_url" if n else "webhook_url")
            if wait := self._taking.wait(proved):
                raise refusals.too_fast(wait)
            await self._taking.expect(proved, STATUSES)
            wanted, taken = _requests(proved, wish)
            accepted = await self._desk.accept(wanted)
            if accepted.replay is not None:  # the token was good for another request, and that was all
                raise Failing(*refusals.UNAUTHORIZED)
            return json_response(taken, 202)

        return send

    async def _update(self, request: Request) -> Response:
        """Messages of other channels can be marked as read, or revoked; a text never can."""
        proved = await self._proved(request)
        found = await tellings.named(
            self._desk.store.engine, proved.caller.account, request.params["uuid"].lower()
        )
        if found is None:
            raise Failing(*refusals.UNKNOWN)
        raise refusals.problem(errors.UNSUPPORTED, Wrong("status", "a text can neither be read nor revoked"))

    async def _proved(self, request: Request) -> Proved:
        """An application by its JWT, or an account by Basic."""
        written = request.header(b"authorization") or ""
        try:
            if written.lower().startswith(BEARER):
                return await self._bearers.proved(request)
            return await self._gate.proved(request, {})
        except Failed:
            raise Failing(*refusals.UNAUTHORIZED) from None

    def _judge(self, wish: Wish, name: str) -> None:
        """A place of the message's own must be one that we call."""
        try:
            if wish.telling.url:
                self._taking.judge(wish.telling.url)
        except Refusal as refusal:
            wrong = Wrong(name, refusal.detail or "is never called")
            raise refusals.problem(errors.INVALID, wrong) from None


def _requests(proved: Proved, wish: Wish) -> tuple[SendRequest, Taken]:
    """What is wanted with what may follow, and the answer if it is taken; every message has its UUID from now on."""
    names = [str(uuid.uuid4()) for _ in (wish, *(wish.failover or ()))]
    if wish.failover is None:
        return _request(proved, wish, replace(wish.telling, name=names[0])), Taken(names[0])
    workflow, items = str(uuid.uuid4()), (wish, *wish.failover)
    first, *rest = (
        _request(proved, one, replace(one.telling, name=name, workflow=workflow, item=n, items=len(items)))
        for n, (one, name) in enumerate(zip(items, names, strict=True), 1)
    )
    return replace(first, failover=tuple(rest)), Taken(names[0], workflow)


def _request(proved: Proved, wish: Wish, telling: Telling) -> SendRequest:
    caller = proved.caller
    return SendRequest(
        account=caller.account, principal=caller.principal, rights="owned", sender=wish.sender,
        recipients=(f"+{wish.to}",), text=wish.text, validity=wish.ttl, correlator=wish.client_ref, plus=False,
        idempotency=proved.once, unicode=wish.unicode, telling=telling,
    )  # fmt: skip


def _answered(work: Callable[[Request], Awaitable[Response]]) -> Handler:
    async def handle(request: Request) -> Response:
        try:
            return await work(request)
        except Failing as failing:
            return response(failing)
        except Unavailable:
            return response(Failing(*refusals.UNAVAILABLE, headers=(("Retry-After", "1"),)))
        except Refusal as refusal:
            return response(refusals.failing(refusal))

    return handle
