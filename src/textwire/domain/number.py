"""Number: a DID that an account owns, its assignment to principals, and what may be bought."""

from typing import Literal

import msgspec

NumberType = Literal["mobile", "landline", "toll-free"]
Feature = Literal["SMS", "VOICE", "MMS"]
Match = Literal["begins", "contains", "ends"]
# overdue: the rent could not be paid, and the number works on; suspended: nothing is sent from it any more.
NumberState = Literal["active", "overdue", "suspended"]


class Number(msgspec.Struct, frozen=True):
    """One owned number in E.164; times in µs UTC (message clock), money in 10⁻⁸ EUR. Columns in order.

    `features` are words with blanks between; `due_at` is when the next rent is tried (0: it costs none), and
    `paid_until` the end of what is paid; `settings` a JSON object of `Settings`.
    """

    number: str
    account: int
    country: str
    created_at: int
    type: NumberType | Literal[""] = ""
    features: str = ""
    monthly: int = 0
    state: NumberState = "active"
    due_at: int = 0
    paid_until: int = 0
    label: str = ""
    settings: str = "{}"


class Assignment(msgspec.Struct, frozen=True):
    """That a principal may use a number; at most one of a principal's is its default."""

    number: str
    principal: int
    is_default: int


class Offer(msgspec.Struct, frozen=True):
    """A number that could be bought, and for how much: `setup` once, `monthly` in advance."""

    number: str
    country: str
    type: NumberType
    features: tuple[Feature, ...]
    monthly: int
    setup: int


class Wish(msgspec.Struct, frozen=True):
    """What somebody looks for: a country (ISO), all of `features`, and `pattern` among the digits of E.164."""

    country: str
    type: NumberType | None = None
    features: frozenset[Feature] = frozenset()
    pattern: str = ""
    match: Match = "begins"


class Settings(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What vendors' APIs keep with a number, "" being not set: where inbound texts and calls go."""

    inbound_url: str = ""
    smpp_system_type: str = ""
    voice_type: Literal["", "sip", "tel", "app"] = ""
    voice_value: str = ""
    voice_status_url: str = ""
    messages_type: Literal["", "app"] = ""
    messages_value: str = ""
