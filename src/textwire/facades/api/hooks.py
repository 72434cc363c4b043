"""/api/hooks: which addresses are told of which events."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from textwire.domain.account import Caller
from textwire.domain.event import BIT, TYPES, mask
from textwire.domain.refusal import Refusal
from textwire.store.hooks import Hook
from textwire.switch.desk import Desk
from textwire.switch.readers import MOST_NUMBERS
from textwire.web.request import Request
from textwire.web.response import Response, json_response
from textwire.web.routes import Route

from . import pages, reading, views
from .entrance import Entrance

PATH: Final = "/api/hooks"
EVENTS: Final = tuple(
    name for name in TYPES if name != "subscription.canceled"
)  # that one is told to vendors' clients


class HookForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to post, and what; without `numbers` it is about all of the account's."""

    url: str
    events: list[str]
    numbers: list[str] | None = None


class Hooks:
    """The handlers. `judge_url` raises Refusal("blocked_address") for an address that we never call."""

    def __init__(self, desk: Desk, judge_url: Callable[[str], None]) -> None:
        self._readers, self._judge = desk.readers, judge_url

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """What is under /api/hooks."""
        return (
            entrance.route("POST", PATH, self._create),
            entrance.route("GET", PATH, self._list),
            entrance.route("DELETE", PATH + "/{id}", self._delete),
        )

    async def _create(self, request: Request, caller: Caller) -> Response:
        """The only answer that shows the secret."""
        form = await reading.form(request, HookForm)
        types, numbers = _types(form.events), _numbers(form.numbers or [])
        self._judge_url(form.url)
        hook, secret = await self._readers.create_hook(
            caller.account, caller.principal, url=form.url, types=types, numbers=numbers
        )
        return json_response({**_view(hook), "secret": secret}, 201)

    async def _list(self, request: Request, caller: Caller) -> Response:
        wanted = pages.wanted(request)
        found = await self._readers.list_hooks(caller.account)
        return pages.page(found, wanted, lambda hook: (-hook.id, ""), _view)

    async def _delete(self, request: Request, caller: Caller) -> Response:
        await self._readers.delete_hook(caller.account, request.params["id"])
        return Response(204)

    def _judge_url(self, url: str) -> None:
        try:
            self._judge(url)
        except Refusal as refusal:
            refusal.field = "url"
            raise


def _types(events: list[str]) -> int:
    """The bits of event names; refuses by place the first that there is not."""
    if not events:
        raise Refusal("missing_field", "Name at least one event.", "events")
    for n, name in enumerate(events):
        if name not in EVENTS:
            raise Refusal("invalid_field", f"The events are {', '.join(EVENTS)}.", f"events[{n}]")
    return mask(events)


def _numbers(written: list[str]) -> tuple[str, ...]:
    if len(written) > MOST_NUMBERS:
        raise Refusal("invalid_field", f"A hook is about at most {MOST_NUMBERS} numbers.", "numbers")
    return tuple(reading.number(one, f"numbers[{n}]") for n, one in enumerate(written))


def _view(hook: Hook) -> dict[str, Any]:
    return {
        "id": hook.public_id,
        "url": hook.url,
        "events": [name for name in EVENTS if hook.types & BIT[name]],
        "numbers": hook.number.split() or None,
        "state": hook.state,
        "failing_since": views.stamp(hook.failing_since) if hook.failing_since else None,
        "created_at": views.stamp(hook.created_at),
    }
