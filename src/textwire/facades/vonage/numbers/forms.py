"""How numbers are asked for and shown: parameters become wishes, numbers become elements."""

# "Numbers API" of the vendor's developer site (OpenAPI numbers 1.0.20). Numbers are written without a plus.

from collections.abc import Mapping
from typing import Final

import msgspec

from textwire.domain.number import Feature, Match, NumberType, Offer, Settings, Wish
from textwire.domain.refusal import Refusal
from textwire.facades.vonage.parameters import boolean
from textwire.facades.vonage.wire import digits
from textwire.switch.numbers import Owned

Given = Mapping[str, str]

TYPES: Final[dict[str, NumberType]] = {
    "landline": "landline",
    "mobile-lvn": "mobile",
    "landline-toll-free": "toll-free",
}
WORDS: Final = {ours: theirs for theirs, ours in TYPES.items()}
FEATURES: Final[tuple[Feature, ...]] = ("SMS", "VOICE", "MMS")
MATCHES: Final[dict[str, Match]] = {"0": "begins", "1": "contains", "2": "ends"}

SIZE, MOST = 10, 100  # numbers on a page
MOST_PAGES: Final = 1_000_000
LONGEST_PATTERN: Final = 15
LONGEST_URL: Final = 2048
LONGEST_VALUE: Final = 255

# parameter → setting of a number; those of URLS are judged by whoever calls.
SETTINGS: Final[dict[str, str]] = {
    "moHttpUrl": "inbound_url",
    "moSmppSysType": "smpp_system_type",
    "voiceCallbackType": "voice_type",
    "voiceCallbackValue": "voice_value",
    "voiceStatusCallback": "voice_status_url",
    "messagesCallbackType": "messages_type",
    "messagesCallbackValue": "messages_value",
}
URLS: Final = frozenset({"moHttpUrl", "voiceStatusCallback"})
CHOICES: Final = {"voiceCallbackType": ("", "sip", "tel", "app"), "messagesCallbackType": ("", "app")}


class Leaf(msgspec.Struct, frozen=True):
    """Which page of how many."""

    skip: int
    limit: int


class Owners(msgspec.Struct, frozen=True):
    """Which of one's own numbers are asked for. `linked` None: whether or not an application has them."""

    country: str = ""
    pattern: str = ""
    match: Match = "begins"
    application: str = ""
    linked: bool | None = None


class Element(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True,
    rename={name: theirs for theirs, name in SETTINGS.items()},
):  # fmt: skip
    """A number as it is shown: `cost` of one that can be bought, the rest of one's own. What is empty is left out."""

    country: str
    msisdn: str
    inbound_url: str = ""
    cost: str = ""
    type: str = ""
    features: list[str]
    smpp_system_type: str = ""
    voice_type: str = ""
    voice_value: str = ""
    voice_status_url: str = ""
    messages_type: str = ""
    messages_value: str = ""
    app_id: str = ""


class Page(msgspec.Struct, frozen=True):
    """`count` is how many there are in all: the SDKs leaf by it."""

    count: int
    numbers: list[Element]


def leaf(given: Given) -> Leaf:
    """The page that is asked for; a page may have so many numbers at most, whatever was asked."""
    size = min(_whole(given, "size", SIZE), MOST)
    return Leaf((_whole(given, "index", 1) - 1) * size, size)


def wish(given: Given) -> Wish:
    """What shall be looked for among the numbers for sale."""
    country = given.get("country", "").upper()
    if len(country) != 2 or not country.isalpha():
        raise _invalid("country")
    kind = given.get("type", "")
    if kind and kind not in TYPES:
        raise _invalid("type")
    pattern, match = _pattern(given)
    return Wish(country, TYPES.get(kind), _features(given.get("features", "")), pattern, match)


def owners(given: Given) -> Owners:
    """Which of one's own numbers are asked for."""
    pattern, match = _pattern(given)
    linked = given.get("has_application", "")
    if linked and boolean(linked) is None:
        raise _invalid("has_application")
    return Owners(
        given.get("country", "").upper(), pattern, match, given.get("application_id", ""),
        boolean(linked) if linked else None,
    )  # fmt: skip


def named(given: Given) -> tuple[str, str]:
    """(country, number as E.164) of the number that something shall be done with."""
    country, written = given.get("country", ""), digits(given.get("msisdn", "").strip())
    if not country:
        raise Refusal("missing_field", field="country")
    if not (written.isascii() and written.isdigit() and len(written) <= LONGEST_PATTERN):
        raise _invalid("msisdn")
    return country.upper(), "+" + written


def settings(given: Given) -> dict[str, str]:
    """The settings that shall change; an empty one is unset, one that is not given stays."""
    found = {name: value for name, value in given.items() if name in SETTINGS}
    for name, value in found.items():
        if name in CHOICES and value not in CHOICES[name]:
            raise _invalid(name)
        if len(value) > (LONGEST_URL if name in URLS else LONGEST_VALUE):
            raise _invalid(name)
    return {SETTINGS[name]: value for name, value in found.items()}


def fits(one: Element, wanted: Owners) -> bool:
    """Whether a number of one's own is among those asked for."""
    return (
        wanted.country in ("", one.country)
        and _matches(one.msisdn, wanted.pattern, wanted.match)
        and wanted.application in ("", one.app_id)
        and wanted.linked in (None, bool(one.app_id))
    )


def of_offer(offer: Offer) -> Element:
    """A number for sale; what it costs is a month's rent."""
    cents = offer.monthly // 10**6
    return Element(
        country=offer.country, msisdn=digits(offer.number), cost=f"{cents // 100}.{cents % 100:02d}",
        type=WORDS[offer.type], features=list(offer.features),
    )  # fmt: skip


def of_owned(owned: Owned, offer: Offer | None, application: str) -> Element:
    """A number of one's own; `offer` is what it would be for sale as, if it ever was."""
    number, kept = owned.number, _settings.decode(owned.number.settings)
    kind = number.type or (offer.type if offer else "")
    return Element(
        country=number.country or (offer.country if offer else ""), msisdn=digits(number.number),
        type=WORDS[kind] if kind else "", features=number.features.split() or list(offer.features if offer else ()),
        app_id=application, **msgspec.structs.asdict(kept),
    )  # fmt: skip


_settings = msgspec.json.Decoder(Settings)


def _pattern(given: Given) -> tuple[str, Match]:
    written = digits(given.get("pattern", "").strip())
    match = MATCHES.get(given.get("search_pattern") or "0")
    if match is None:
        raise _invalid("search_pattern")
    if written and not (written.isascii() and written.isdigit() and len(written) <= LONGEST_PATTERN):
        raise _invalid("pattern")
    return written, match


def _features(written: str) -> frozenset[Feature]:
    names = {name.strip() for name in written.upper().split(",") if name.strip()}
    found = frozenset(feature for feature in FEATURES if feature in names)
    if len(found) < len(names):
        raise _invalid("features")
    return found


def _matches(number: str, pattern: str, match: Match) -> bool:
    if match == "begins":
        return number.startswith(pattern)
    return number.endswith(pattern) if match == "ends" else pattern in number


def _whole(given: Given, name: str, default: int) -> int:
    written = given.get(name) or str(default)
    if not (written.isascii() and written.isdigit() and len(written) <= 7 and 0 < int(written) <= MOST_PAGES):
        raise _invalid(name)
    return int(written)


def _invalid(name: str) -> Refusal:
    return Refusal("invalid_field", field=name)
