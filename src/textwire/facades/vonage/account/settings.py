"""/account/settings: where the account hears of texts and receipts."""

from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from textwire.domain.account import Settings as Kept
from textwire.domain.refusal import Refusal
from textwire.facades.vonage.rest import Call, Rest, said
from textwire.switch.desk import Desk
from textwire.web.response import Response
from textwire.web.routes import Route

from .secrets import Secrets

# Clients spell them in several ways (moCallBackUrl, moCallbackUrl), so their case counts for nothing.
NAMES: Final = {"mocallbackurl": "inbound_url", "drcallbackurl": "receipt_url"}
NEW: Final = "newsecret"
LONGEST: Final = 2048
THROUGHPUT: Final = 30  # a second: what the vendor allows unless something else was agreed


class View(msgspec.Struct, frozen=True, rename="kebab"):
    """The settings; the rates are told, not set."""

    mo_callback_url: str
    dr_callback_url: str
    max_outbound_request: int
    max_inbound_request: int = THROUGHPUT
    max_calls_per_second: int = THROUGHPUT


class Settings:
    """The handler. `judge_url` raises Refusal("blocked_address") for an address that we never call."""

    def __init__(self, desk: Desk, judge_url: Callable[[str], None], secrets: Secrets) -> None:
        self._people, self._judge, self._secrets = desk.people, judge_url, secrets

    def routes(self, rest: Rest) -> tuple[Route, ...]:
        """The one path."""
        return (rest.route("POST", "/account/settings", self._settle),)

    async def _settle(self, call: Call) -> Response:
        given = {name.lower(): value for name, value in call.given.items()}
        changes, kept = changes_of(given), call.settings
        for url in filter(None, changes.values()):
            self._judge(url)
        if secret := given.get(NEW):
            await self._secrets.replace(call.caller, secret)
        if changes:
            kept = await self._people.settle(call.caller, changes)
        return said(call.request, "account-settings", view(kept))


def changes_of(given: Mapping[str, str]) -> dict[str, str]:
    """Setting → what it shall be; "" is nowhere. Names are in small letters."""
    changes = {setting: given[name].strip() for name, setting in NAMES.items() if name in given}
    for setting, value in changes.items():
        if len(value) > LONGEST:
            raise Refusal("invalid_field", field=setting)
    return changes


def view(kept: Kept) -> View:
    """As they are told."""
    return View(kept.inbound_url, kept.receipt_url, kept.throughput or THROUGHPUT)
