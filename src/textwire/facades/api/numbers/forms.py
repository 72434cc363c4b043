"""How numbers and senders are written in JSON: what callers say, and what they read."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import asdict

from textwire.domain.account import Principal
from textwire.domain.number import Assignment, Feature, Match, NumberState, NumberType, Offer, Settings, Wish
from textwire.domain.refusal import Refusal
from textwire.facades.api import views
from textwire.facades.api.pages import Paging
from textwire.store.rents import Rent
from textwire.switch.numbers import Owned
from textwire.switch.proving import Proof

FEATURES: tuple[Feature, ...] = ("SMS", "VOICE", "MMS")
Written = Annotated[str, Meta(max_length=32, description="A phone number as E.164, with its plus.")]
Label = Annotated[str, Meta(max_length=100, description="Your own name for the number.")]
Value = Annotated[str, Meta(max_length=255)]
Url = Annotated[str, Meta(max_length=2048)]


class Search(Paging, frozen=True, kw_only=True):
    """What to look for among the numbers that can be bought."""

    country: Annotated[str, Meta(pattern="^[A-Za-z]{2}\\Z", description="ISO 3166-1, two letters.")]
    type: NumberType | None = None
    features: (
        Annotated[str, Meta(max_length=32, description="All of them, with commas: SMS,VOICE,MMS.")] | None
    ) = None
    pattern: (
        Annotated[str, Meta(pattern="^\\+?[0-9]{1,15}\\Z", description="Digits of the number as E.164.")]
        | None
    ) = None
    match: Match = "begins"


class BuyForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which number to buy."""

    number: Written
    label: Label | None = None


class AssignForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may use the number, named by its public id; `default`: whether it sends from it unasked."""

    principal: Value
    default: bool = False


class UnassignForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who may not any more."""

    principal: Value


class SettingsForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What vendors' APIs keep with a number; an empty text unsets one, and what is left out stays."""

    inbound_url: Url | None = None
    smpp_system_type: Value | None = None
    voice_type: Literal["", "sip", "tel", "app"] | None = None
    voice_value: Value | None = None
    voice_status_url: Url | None = None
    messages_type: Literal["", "app"] | None = None
    messages_value: Value | None = None


class NumberForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What shall change; all of it happens in one go, taking away before giving."""

    assign: AssignForm | None = None
    unassign: UnassignForm | None = None
    label: Label | None = None
    settings: SettingsForm | None = None


class SenderForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The number whose ownership shall be proved."""

    number: Written


class CodeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that the handset shows."""

    code: Annotated[str, Meta(max_length=32)]


class OfferView(msgspec.Struct, frozen=True):
    """A number that can be bought; prices in EUR."""

    number: str
    country: str
    type: NumberType
    features: list[Feature]
    monthly_price: str
    setup_price: str


class AssignmentView(msgspec.Struct, frozen=True):
    """Who may use a number."""

    principal: str
    kind: str
    name: str
    default: bool


class NumberView(msgspec.Struct, frozen=True):
    """A number of the account; null stands for nothing to say. `paid_until` is of one that costs rent."""

    number: str
    country: str | None
    type: NumberType | None
    features: list[str]
    label: str | None
    state: NumberState
    monthly_price: str
    paid_until: str | None
    settings: dict[str, str]
    created_at: str
    assignments: list[AssignmentView]


class PaymentView(msgspec.Struct, frozen=True):
    """What was paid, and for which time; null: for setting the number up."""

    id: str
    amount: str
    since: str | None
    until: str | None


class NumberDetail(NumberView, frozen=True, kw_only=True):
    """A number with the latest payments for it."""

    payments: list[PaymentView]


class SenderView(msgspec.Struct, frozen=True):
    """A number that the account may send from (`verified`), or that waits for its code (`pending`)."""

    number: str
    state: Literal["pending", "verified"]
    verified_at: str | None
    expires_at: str | None


def wish_of(search: Search) -> Wish:
    """What the verb looks for. Raises Refusal for features that there are not."""
    named = (search.features or "").upper().replace(" ", "").split(",") if search.features else []
    features = frozenset(feature for feature in FEATURES if feature in named)
    if len(features) < len(set(named)):
        raise Refusal("invalid_field", f"The features are {', '.join(FEATURES)}.", "features")
    pattern = (search.pattern or "").removeprefix("+")
    return Wish(search.country.upper(), search.type, features, pattern, search.match)


def changes_of(form: SettingsForm | None) -> dict[str, str] | None:
    """The settings that a form names."""
    if form is None:
        return None
    named = {name: getattr(form, name) for name in form.__struct_fields__}
    return {name: value for name, value in named.items() if value is not None}


def of_offer(offer: Offer) -> OfferView:
    """An offer as people read it."""
    return OfferView(
        offer.number, offer.country, offer.type, list(offer.features), views.euros(offer.monthly),
        views.euros(offer.setup),
    )  # fmt: skip


def of_number(owned: Owned, who: Mapping[int, Principal]) -> NumberView:
    """A number as people read it; `who` are the principals of its account."""
    number = owned.number
    return NumberView(
        number.number, number.country or None, number.type or None, number.features.split(), number.label or None,
        number.state, views.euros(number.monthly), views.stamp(number.paid_until) if number.monthly else None,
        msgspec.to_builtins(_settings.decode(number.settings)), views.stamp(number.created_at),
        [_assignment(one, who[one.principal]) for one in owned.assignments if one.principal in who],
    )  # fmt: skip


def of_number_paid(owned: Owned, who: Mapping[int, Principal], rents: Sequence[Rent]) -> NumberDetail:
    """The same with what was paid."""
    return NumberDetail(**asdict(of_number(owned, who)), payments=[_payment(rent) for rent in rents])


def of_proof(proof: Proof) -> SenderView:
    """A sender as people read it."""
    is_verified = proof.state == "verified"
    return SenderView(
        proof.number, proof.state, views.stamp(proof.at) if is_verified else None,
        None if is_verified else views.stamp(proof.expires_at),
    )  # fmt: skip


_settings = msgspec.json.Decoder(Settings)


def _assignment(one: Assignment, principal: Principal) -> AssignmentView:
    return AssignmentView(principal.public_id, principal.kind, principal.name, one.is_default == 1)


def _payment(rent: Rent) -> PaymentView:
    months = rent.since < rent.until
    return PaymentView(
        str(rent.id), views.euros(rent.amount), views.stamp(rent.since) if months else None,
        views.stamp(rent.until) if months else None,
    )  # fmt: skip
