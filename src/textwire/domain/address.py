"""Addresses: what people and vendors write for a phone number, short code or sender name, made one value each."""

import functools
import re
from typing import Final, Literal

import msgspec

Kind = Literal["international", "short", "alphanumeric"]

MAX_RAW: Final = 256  # characters of input; a sip URI with parameters stays below
MAX_DIGITS: Final = 40  # of a number with its prefixes and punctuation, long before E.164's 15 are checked
MIN_DIGITS: Final = 7  # of a number that is completed; below are short codes
MAX_NAME: Final = 11  # characters of an alphanumeric sender, 3GPP TS 23.040 §9.1.2.5
MAX_SHOWN: Final = 32  # characters of input that an error repeats
KEPT_BY_MASK: Final = 4
CACHE: Final = 4096  # national numbers

# SMPP 3.4 §5.2.5 and §5.2.6. Short codes are specific to a network.
_TON_NPI: Final[dict[str, tuple[int, int]]] = {
    "international": (1, 1),
    "short": (3, 0),
    "alphanumeric": (5, 0),
}

# reason → what a person reads. The codes are public and never change their meaning.
REASONS: Final = {
    "empty": "the address is empty",
    "too_long": "the address is too long",
    "characters": "the address has characters that cannot stand in one",
    "form": "the address is neither a number nor a tel: or sip: address",
    "length": "the number has too few or too many digits",
    "impossible": "there can be no such national number",
    "country": "the default country is unknown",
    "no_letter": "a sender name needs at least one letter",
    "mixed_script": "a sender name mixes Latin and Greek letters",
}


class BadAddress(ValueError):
    """Input that is no address we can use; `reason` is a key of REASONS."""

    def __init__(self, reason: str, raw: str) -> None:
        shown = ascii(raw[:MAX_SHOWN]) + ("…" if len(raw) > MAX_SHOWN else "")
        super().__init__(f"{REASONS[reason]}: {shown}" if raw else REASONS[reason])
        self.reason = reason


class Address(msgspec.Struct, frozen=True):
    """A sender or recipient: `value` is E.164 with its plus, the digits of a short code, or a sender's name."""

    value: str
    kind: Kind = "international"

    @property
    def ton(self) -> int:
        """Type of number, SMPP 3.4 §5.2.5."""
        return _TON_NPI[self.kind][0]

    @property
    def npi(self) -> int:
        """Numbering plan indicator, SMPP 3.4 §5.2.6."""
        return _TON_NPI[self.kind][1]

    @classmethod
    def of(cls, value: str) -> "Address":
        """The address of a stored value, whose kind shows."""
        if value.startswith("+"):
            return cls(value)
        return cls(value, "short" if value.isdigit() else "alphanumeric")


_E164: Final = re.compile(r"\+[1-9][0-9]{6,14}")
_SHORT: Final = re.compile(r"[1-9][0-9]{2,7}")
_LOCAL: Final = re.compile(r"[0-9]{3,20}")
# What stands between digits on paper; ASCII only, so that no blank or dash hides one of another width.
_PUNCTUATION: Final = str.maketrans("", "", " .-()/")
_NUMBER: Final = re.compile(r"[+0-9 .()/-]+")
_TRUNK: Final = "(0)"  # +49 (0) 30 …: dialled within the country only

# RFC 3966 and RFC 3261 §19.1; the user of a sip address is a number here, and never a password's owner.
_TEL: Final = re.compile(r"tel:([^;]+)((?:;[a-z0-9-]+(?:=[^;\s]*)?)*)", re.IGNORECASE | re.ASCII)
_SIP: Final = re.compile(
    r"sips?:([^@;:]+)(?:;[^@\s]*)?@[a-z0-9.:\[\]-]+(?:[;?][!-~]*)?", re.IGNORECASE | re.ASCII
)
_SCHEME: Final = re.compile(r"(?:tel|sips?):", re.IGNORECASE | re.ASCII)
_CONTEXT: Final = ";phone-context="
_EXTENSIONS: Final = (";ext=", ";isub=")  # somebody behind the number, whom no message reaches

# 3GPP TS 23.038 §6.2.1 without its controls: what a handset can show as a sender.
_LATIN: Final = "A-Za-zÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùü"
_GREEK: Final = "ΓΔΘΛΞΠΣΦΨΩ"
_NAME: Final = re.compile(rf"[{_LATIN}{_GREEK}0-9@£$¥_ !\"#¤%&'()*+,./:;<=>?¡§¿-]+")
_HAS_LATIN: Final = re.compile(rf"[{_LATIN}]")
_HAS_GREEK: Final = re.compile(rf"[{_GREEK}]")


def parse_recipient(raw: str, default_country: str = "1", *, plus: bool = True) -> Address:
    """The address that a recipient is written as: a number in one of many forms, or a short code.

    `default_country` (calling code such as "49", or ISO region such as "DE") completes national forms. `plus`:
    an international number is written with + or 00, so that bare digits are national; without it they are
    E.164 that lacks its plus, unless a leading 0 shows a national form. Raises `BadAddress`.
    """
    if _E164.fullmatch(raw):
        return Address(raw)
    return _number(_bounded(raw), default_country, plus)


def parse_sender(raw: str, default_country: str = "1", *, plus: bool = True) -> Address:
    """The address that a sender is written as: like a recipient, or a name of up to eleven characters of the
    GSM alphabet, at least one of them a letter; outer blanks do not count. Raises `BadAddress`."""
    if _E164.fullmatch(raw):
        return Address(raw)
    raw = _bounded(raw)
    if _SCHEME.match(raw) or _NUMBER.fullmatch(raw):
        return _number(raw, default_country, plus)
    return _name(raw)


def _bounded(raw: str) -> str:
    if len(raw) > MAX_RAW:
        raise BadAddress("too_long", raw)
    stripped = raw.strip(" ")
    if not stripped:
        raise BadAddress("empty", raw)
    return stripped


def _name(raw: str) -> Address:
    if len(raw) > MAX_NAME:
        raise BadAddress("too_long", raw)
    if not _NAME.fullmatch(raw):
        raise BadAddress("characters", raw)
    if raw.startswith("+"):  # it would pass for a number
        raise BadAddress("form", raw)
    latin, greek = _HAS_LATIN.search(raw), _HAS_GREEK.search(raw)
    if latin and greek:
        raise BadAddress("mixed_script", raw)
    if not (latin or greek):
        raise BadAddress("no_letter", raw)
    return Address(raw, "alphanumeric")


def _number(raw: str, country: str, plus: bool) -> Address:
    written = _without_scheme(raw)
    if not _NUMBER.fullmatch(written):
        raise BadAddress("characters", raw)
    if len(written) > MAX_DIGITS:
        raise BadAddress("length", raw)
    digits = written.translate(_PUNCTUATION)
    international = _international(digits, plus)
    if international:
        if _TRUNK in written:
            return _finished(_completed(international, country), raw)
        return _checked(international, raw)
    if not _LOCAL.fullmatch(digits):
        raise BadAddress("length" if digits.isdigit() else "form", raw)
    code = _SHORT.fullmatch(written)  # bare: "24/7" is no short code
    return _local(digits, bool(code), country, raw)


def _without_scheme(raw: str) -> str:
    """The number within a tel: or sip: address; other input as it is."""
    if not _SCHEME.match(raw):
        return raw
    if sip := _SIP.fullmatch(raw):
        return sip[1]
    tel = _TEL.fullmatch(raw)
    parameters = tel[2].lower() if tel else ""
    if tel is None or parameters.count(_CONTEXT) > 1 or any(mark in parameters for mark in _EXTENSIONS):
        raise BadAddress("form", raw)
    context = parameters.partition(_CONTEXT)[2].partition(";")[0]
    return context + tel[1] if context.startswith("+") and not tel[1].startswith("+") else tel[1]


def _international(digits: str, plus: bool) -> str:
    """The digits with a plus in front if they are written as an international number, else ""."""
    if digits.startswith("+"):
        return digits
    if digits.startswith("00"):
        return "+" + digits[2:]
    return "" if plus or digits.startswith("0") or len(digits) < MIN_DIGITS else "+" + digits


def _checked(number: str, raw: str) -> Address:
    if _E164.fullmatch(number):
        return Address(number)
    raise BadAddress("length" if number[1:].isdigit() and number[1] != "0" else "form", raw)


def _local(digits: str, bare: bool, country: str, raw: str) -> Address:
    """A national number, or a short code: three to six digits, or up to eight that are no national number."""
    if bare and len(digits) < MIN_DIGITS:
        return Address(digits, "short")
    number = _completed(digits, country)
    if bare and number == "impossible":
        return Address(digits, "short")
    return _finished(number, raw)


def _finished(number: str, raw: str) -> Address:
    """The address of a completed number, or the refusal that stands in its place."""
    if number in REASONS:
        raise BadAddress(number, raw)
    return _checked(number, raw)


@functools.lru_cache(maxsize=CACHE)
def _completed(digits: str, country: str) -> str:
    """E.164 of a number as dialled in `country`; a reason if there is none."""
    import phonenumbers  # 90 ms and some MB, which nobody needs who writes E.164

    region = _region(country)
    if region not in phonenumbers.SUPPORTED_REGIONS and not digits.startswith("+"):
        return "country"
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return "impossible"
    if phonenumbers.is_possible_number_with_reason(number) != phonenumbers.ValidationResult.IS_POSSIBLE:
        return "impossible"  # among them what can be dialled without its area only
    if not _patterned(phonenumbers.national_significant_number(number), number.country_code or 0):
        return "impossible"
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))


def _region(country: str) -> str:
    import phonenumbers

    if country.isdecimal():
        return str(phonenumbers.region_code_for_country_code(int(country)))
    return country.upper()


def known_country(country: str) -> bool:
    """Whether national numbers can be completed for this calling code or ISO region."""
    if country == "1":  # the default, known without the library
        return True
    import phonenumbers

    return len(country) <= 3 and country.isascii() and _region(country) in phonenumbers.SUPPORTED_REGIONS


def _patterned(national: str, code: int) -> bool:
    """Whether a number follows the general pattern of its country. Not whether it is "valid": the ranges set
    aside for examples, which simulated phones have, never are."""
    import phonenumbers

    region = phonenumbers.region_code_for_country_code(code)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    general = metadata.general_desc if metadata else None
    pattern = general.national_number_pattern if general else None
    return bool(pattern and re.fullmatch(pattern, national))


def mask(number: str) -> str:
    """The address for a log: all but its last four characters as asterisks, a leading plus kept."""
    kept = number[-KEPT_BY_MASK:] if len(number) > KEPT_BY_MASK else ""
    hidden = number[: len(number) - len(kept)]
    return ("+" + "*" * (len(hidden) - 1) if hidden.startswith("+") else "*" * len(hidden)) + kept


def may_be_mobile(number: str) -> bool:
    """Whether an E.164 number is a mobile one as far as its country's plan says; the ranges set aside for examples,
    which simulated phones have, are of no kind there."""
    import phonenumbers

    kind = phonenumbers.number_type(phonenumbers.parse(number))
    kinds = phonenumbers.PhoneNumberType
    return kind in (kinds.MOBILE, kinds.FIXED_LINE_OR_MOBILE, kinds.UNKNOWN)
