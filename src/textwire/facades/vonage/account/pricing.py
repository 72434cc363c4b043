"""/account/get-pricing and its kin: what a text costs, by country."""

# "Pricing API" (OpenAPI pricing 0.0.3). Of a country's networks one is told: the simulated network's, which all are of.

from typing import Final

import msgspec

from textwire.domain.refusal import Refusal
from textwire.facades.vonage.rest import Call, Rest, said
from textwire.facades.vonage.wire import NETWORK, euros
from textwire.switch.desk import Desk
from textwire.web.response import Response
from textwire.web.routes import Route

from .countries import Land, lands

SOLD: Final = ("sms", "sms-transit")
KINDS: Final = (*SOLD, "voice")
CURRENCY: Final = "EUR"
NETWORK_NAME: Final = "Textwire simulated network"
LONGEST_PREFIX: Final = 15
MCC_DIGITS: Final = 3


class Network(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """One network of a country; `ranges` are the digits that its numbers begin with."""

    type: str = "mobile"
    price: str
    currency: str = CURRENCY
    mcc: str = NETWORK[:MCC_DIGITS]
    mnc: str = NETWORK[MCC_DIGITS:]
    network_code: str = NETWORK
    network_name: str = NETWORK_NAME
    ranges: list[int]


class Country(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What a text there costs."""

    dialing_prefix: str
    default_price: str
    currency: str = CURRENCY
    country_display_name: str
    country_code: str
    country_name: str
    networks: list[Network]


class Countries(msgspec.Struct, frozen=True):
    """Several."""

    count: int
    countries: list[Country]


class Pricing:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._price = desk.previews.price

    def routes(self, rest: Rest) -> tuple[Route, ...]:
        """All paths; the oldest clients name no kind."""
        return (
            rest.route("GET", "/account/get-pricing/outbound", self._one),
            rest.route("GET", "/account/get-pricing/outbound/{kind}", self._one),
            rest.route("GET", "/account/get-full-pricing/outbound/{kind}", self._all),
            rest.route("GET", "/account/get-prefix-pricing/outbound/{kind}", self._by_prefix),
            rest.route("GET", "/account/get-prefix-pricing/outbound", self._by_prefix),
        )

    async def _one(self, call: Call) -> Response:
        code = call.given.get("country", "").upper()
        if not _sold(call) or code not in lands():
            raise Refusal("not_found", field="country")
        return said(call.request, "pricing", self._country(code, lands()[code]))

    async def _all(self, call: Call) -> Response:
        return self._several(call, sorted(lands()))

    async def _by_prefix(self, call: Call) -> Response:
        prefix = call.given.get("prefix", "").removeprefix("+")
        if not (prefix.isascii() and prefix.isdigit() and len(prefix) <= LONGEST_PREFIX):
            raise Refusal("invalid_field", field="prefix")
        return self._several(call, [code for code, land in sorted(lands().items()) if land.dialed == prefix])

    def _several(self, call: Call, codes: list[str]) -> Response:
        found = [self._country(code, lands()[code]) for code in codes] if _sold(call) else []
        return said(call.request, "pricing", Countries(len(found), found))

    def _country(self, code: str, land: Land) -> Country:
        price = euros(self._price(land.dialed))
        return Country(
            dialing_prefix=land.dialed, default_price=price, country_display_name=land.name, country_code=code,
            country_name=land.name, networks=[Network(price=price, ranges=[int(land.dialed)])],
        )  # fmt: skip


def _sold(call: Call) -> bool:
    """Whether the kind is one that has a price here; there are no calls. Refusal for what is no kind at all."""
    kind = call.request.params.get("kind", SOLD[0])
    if kind not in KINDS:
        raise Refusal("invalid_field", field="kind")
    return kind in SOLD
