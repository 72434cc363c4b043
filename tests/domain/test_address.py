"""Addresses: every way to write one number ends in one value, and what only looks like one is refused."""

import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from textwire.domain import address
from textwire.domain.address import REASONS, Address, BadAddress, mask, parse_recipient, parse_sender
from textwire.text.gsm7_tables import DEFAULT

e164 = st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True)


def refused(parse, raw: str, *args, **options) -> str:
    """The reason of the refusal, whose text is checked on the way."""
    with pytest.raises(BadAddress) as caught:
        parse(raw, *args, **options)
    text = str(caught.value)
    assert text.startswith(REASONS[caught.value.reason])
    assert text.isprintable()
    assert len(raw) < 33 or raw[:33] not in text
    return caught.value.reason


# ---- one number, many forms

FORMS = [
    "+16135550001",
    " +16135550001 ",
    "+1 613 555 0001",
    "+1-613-555-0001",
    "+1.613.555.0001",
    "+1 (613) 555-0001",
    "(+1) 613 555 0001",
    "+1/613/5550001",
    "+1(613)555 00 01",
    "0016135550001",
    "00 1 613 555-0001",
    "tel:+16135550001",
    "TEL:+1-613-555-0001",
    "tel:0016135550001",
    "tel:+16135550001;phone-context=example.com",
    "tel:555-0001;phone-context=+1-613",
    "tel:6135550001;phone-context=+1",
    "sip:+16135550001@example.com",
    "SIP:+16135550001@EXAMPLE.com",
    "sips:+16135550001@example.com",
    "sip:+16135550001@example.com:5060",
    "sip:+16135550001@example.com;user=phone",
    "sip:+16135550001;phone-context=x@example.com",
    "sip:+16135550001@192.0.2.1;transport=tcp?subject=x",
    "sip:+16135550001@[2001:db8::1]:5060",
    "sip:6135550001@example.com",
    "sip:16135550001@example.com",
    "tel:6135550001",
    "6135550001",
    "16135550001",
    "1 613 555 0001",
    "(613) 555-0001",
    "613.555.0001",
    "011 1 613 555 0001",
]


@pytest.mark.parametrize("raw", FORMS)
@pytest.mark.parametrize("parse", [parse_recipient, parse_sender])
def test_every_form_of_a_number_becomes_its_one_value(parse, raw):
    assert parse(raw) == Address("+16135550001", "international")


@given(e164)
def test_e164_stays_as_it_is(number):
    assert parse_recipient(number) == parse_sender(number) == Address(number)


@given(e164, st.data())
def test_punctuation_anywhere_behind_the_plus_makes_no_difference(number, data):
    gaps = st.sampled_from(["", "", "", " ", "-", ".", "/", " - "])
    spread = "+" + "".join(digit + data.draw(gaps) for digit in number[1:])
    if len(spread) <= address.MAX_DIGITS and not spread.endswith(" - " * 2):
        assert parse_recipient(spread) == Address(number)


@given(e164)
def test_the_international_prefix_and_uris_are_the_plus(number):
    for raw in (f"00{number[1:]}", f"tel:{number}", f"sip:{number}@example.com", f"sips:{number}@a"):
        assert parse_recipient(raw) == Address(number)


@given(e164)
def test_without_the_plus_a_vendors_digits_are_e164(number):
    assert parse_recipient(number[1:], plus=False) == Address(number)


# ---- national forms


@pytest.mark.parametrize(
    ("raw", "country", "value"),
    [
        ("01579 9912345", "49", "+4915799912345"),
        ("01579 9912345", "DE", "+4915799912345"),
        ("01579 9912345", "de", "+4915799912345"),
        ("+49 (0) 1579 9912345", "1", "+4915799912345"),
        ("+49(0)15799912345", "1", "+4915799912345"),
        ("0049 (0) 1579 9912345", "1", "+4915799912345"),
        ("+39 (0)6 12345678", "1", "+390612345678"),  # Italy keeps its zero
        ("06 12345678", "39", "+390612345678"),
        ("07700 900001", "44", "+447700900001"),  # set aside for examples: not "valid", but ours
        ("07700900001", "GB", "+447700900001"),
        ("7700900001", "GB", "+447700900001"),
        ("0612345678", "33", "+33612345678"),
        ("20123456", "45", "+4520123456"),  # eight digits are a whole number in Denmark
        ("20123456", "DK", "+4520123456"),
        ("011 44 7700 900001", "1", "+447700900001"),
        ("1-800-555-0100", "US", "+18005550100"),
        ("8 912 345-67-89", "7", "+79123456789"),
    ],
)
def test_a_national_form_is_completed_by_its_country(raw, country, value):
    assert parse_recipient(raw, country) == Address(value)
    assert parse_sender(raw, country) == Address(value)


@pytest.mark.parametrize(
    ("raw", "country", "value"),
    [("0157 99912345", "49", "+4915799912345"), ("4915799912345", "49", "+4915799912345")],
)
def test_where_the_plus_is_optional_a_leading_zero_is_still_national(raw, country, value):
    assert parse_recipient(raw, country, plus=False) == Address(value)


@pytest.mark.parametrize(
    ("raw", "country"),
    [
        ("0612345678", "1"),  # no number in North America begins with 0
        ("447700900001", "1"),  # too long for a national one
        ("555-0001", "1"),  # a number without its area
        ("0123", "1"),
        ("123456789", "1"),
        ("310-1234", "1"),
        ("+1 (0) 999", "1"),
    ],
)
def test_what_no_national_number_can_be_is_refused(raw, country):
    assert refused(parse_recipient, raw, country) in {"impossible", "length"}


@pytest.mark.parametrize("country", ["XX", "", "999", "0", "ZZ", "deutschland", "1" * 50])
def test_an_unknown_default_country_is_told(country):
    assert refused(parse_recipient, "6135550001", country) == "country"
    # and of no matter where none is needed
    assert parse_recipient("+16135550001", country) == Address("+16135550001")
    assert parse_recipient("+49 (0) 1579 9912345", country) == Address("+4915799912345")


def test_completed_numbers_are_remembered():
    address._completed.cache_clear()
    for _ in range(3):
        parse_recipient("(613) 555-0002")
    assert address._completed.cache_info().misses == 1
    assert address._completed.cache_info().maxsize == address.CACHE


# ---- short codes


@pytest.mark.parametrize("raw", ["123", "12345", " 54321 ", "999999", "tel:12345", "sip:12345@example.com"])
@pytest.mark.parametrize("plus", [True, False])
def test_three_to_six_digits_are_a_short_code(raw, plus):
    digits = "".join(char for char in raw if char.isdigit())
    assert parse_recipient(raw, plus=plus) == Address(digits, "short")
    assert parse_sender(raw, plus=plus) == Address(digits, "short")


def test_seven_and_eight_digits_are_one_only_where_they_are_no_number():
    assert parse_recipient("1234567").kind == parse_recipient("12345678").kind == "short"
    assert parse_recipient("20123456", "45").kind == "international"
    assert parse_recipient("3101234").kind == "short"  # a North American number only with its area
    assert parse_recipient("1234567", plus=False) == Address("+1234567")


@pytest.mark.parametrize("raw", ["1", "12", "24/7", "12-345", "1 2 3", "0", "00", "007", "0123", "012345"])
def test_fewer_digits_or_punctuated_ones_are_no_short_code(raw):
    assert refused(parse_recipient, raw) in {"length", "impossible", "form"}


# ---- what is no number


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("+", "form"),
        ("++16135550001", "form"),
        ("+1+6135550001", "form"),
        ("1+6135550001", "form"),
        ("+06135550001", "form"),
        ("000", "form"),
        ("+(0)6135550001", "impossible"),
        ("()", "form"),
        ("-", "form"),
        ("+123456", "length"),
        ("+1234567890123456", "length"),
        ("00123456", "length"),
        ("1" * 21, "length"),
        ("1" * 41, "length"),
        ("+1" + "-" * 60 + "6135550001", "length"),
        ("1" * 257, "too_long"),
        ("1" * 5000, "too_long"),
        ("+" + "1" * 1_000_000, "too_long"),
        ("sip:" + "1" * 5000 + "@x", "too_long"),
        ("+16135550001\n", "characters"),
        ("+16135550001\0", "characters"),
        ("\0", "characters"),
        ("+1613555\x000001", "characters"),
        ("\ud800", "characters"),
        ("+1613\ud8005550001", "characters"),
        ("+1613\t5550001", "characters"),
        ("+١٦١٣٥٥٥٠٠٠١", "characters"),
        ("+१६१३५५५०००१", "characters"),
        ("+１６１３５５５０００１", "characters"),
        ("＋16135550001", "characters"),
        ("+1613555000²", "characters"),
        ("①②③④⑤", "characters"),
        ("+1613\u200b5550001", "characters"),
        ("\u202a+16135550001\u202c", "characters"),
        ("+1613\u00a05550001", "characters"),
        ("+1613\u20115550001", "characters"),
        ("+1613555O001", "characters"),
        ("1-800-FLOWERS", "characters"),
        ("0x1F", "characters"),
        ("1e10", "characters"),
        ("+16135550001,+16135550002", "characters"),
        ("bob@example.com", "characters"),
        ("tel:", "form"),
        ("tel:bob", "characters"),
        ("tel:+16135550001;ext=22", "form"),
        ("tel:+16135550001;isub=1", "form"),
        ("tel:+16135550001;x y", "form"),
        ("tel:tel:+16135550001", "characters"),
        ("tel:555-0001;phone-context=+1-613;phone-context=+44", "form"),
        ("sip:", "form"),
        ("sip:+16135550001", "form"),
        ("sip:+16135550001@", "form"),
        ("sip:@example.com", "form"),
        ("sip:bob@example.com", "characters"),
        ("sip:+16135550001:secret@example.com", "form"),
        ("sip:+16135550001@exa mple.com", "form"),
        ("sip:+16135550001@a@b", "form"),
        ("sip:%2B16135550001@example.com", "characters"),
        ("mailto:+16135550001", "characters"),
        ("http://16135550001", "characters"),
    ],
    ids=lambda value: ascii(value[:30]),
)
def test_what_is_no_number_is_refused_with_its_reason(raw, reason):
    assert refused(parse_recipient, raw) == reason
    assert refused(parse_recipient, raw, plus=False) in {reason, "length"}


@pytest.mark.parametrize("raw", ["1" * 10**6, "+" * 10**6, "sip:" + "a" * 10**6, "a;" * 10**6, " " * 10**6])
@pytest.mark.parametrize("parse", [parse_recipient, parse_sender])
def test_a_huge_input_is_refused_without_being_read(parse, raw):
    began = time.perf_counter()
    assert refused(parse, raw) == "too_long"
    assert time.perf_counter() - began < 1.0


@pytest.mark.parametrize("raw", ["sip:1@" + ";" * 250, "tel:1" + ";a=" * 80, "tel:" + ";" * 250, "(" * 256])
def test_a_hostile_input_within_bounds_takes_no_time(raw):
    began = time.perf_counter()
    with pytest.raises(BadAddress):
        parse_recipient(raw)
    assert time.perf_counter() - began < 1.0


@settings(deadline=None)  # the first national number loads phonenumbers
@given(
    st.text(st.characters(codec=None), max_size=60), st.booleans(), st.sampled_from(["1", "DE", "45", "XX"])
)
def test_any_input_is_an_address_or_a_typed_refusal(raw, plus, country):
    for parse in (parse_recipient, parse_sender):
        try:
            parsed = parse(raw, country, plus=plus)
        except BadAddress:
            continue
        assert parsed.value == parsed.value.strip(" ")
        assert parse(parsed.value, country) == parsed  # what is stored reads back as itself
        assert Address.of(parsed.value) == parsed


# ---- senders with names

NAMES = [
    "Acme", "A", "ACME Inc", "Acme-Inc.", "a1", "1a", "24h Taxi", "Müller", "Ñandu", "Ærø", "Ångström",
    "Straße", "Café", "Crème", "R&D", "A/S", "Bob's", "shop@home", "£1 Shop", "¿Que", "Ω", "ΔΦΓΛΩΠΨΣΘΞ", "Σ 24",
    "VERIFY", "VERlFY", "VER1FY", "elevenchars", "a_b", "#1 Pizza", "Ö", "(a)", "a+b", "x:y",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_a_sender_as_written(name):
    assert parse_sender(name) == Address(name, "alphanumeric")
    assert parse_sender(f"  {name} ") == Address(name, "alphanumeric")


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_recipient(name):
    refused(parse_recipient, name)


def look_alikes() -> list[str]:
    """VERIFY with one letter from elsewhere, which looks the same or like nothing at all."""
    twins = {
        "V": "ѴⅤＶ𝐕ᴠ", "E": "ЕΕＥ𝐄Ė", "R": "ᎡＲ𝐑Ŗ", "I": "ІΙＩ𝐈ıİ|Í", "F": "ϜＦ𝐅", "Y": "ҮΥＹ𝐘Ý",
    }  # fmt: skip
    swapped = ["VERIFY".replace(letter, twin) for letter, others in twins.items() for twin in others]
    hidden = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u034f\u061c\u180e\u202e\u2066\ufe0f\u0301\u0338"
    blanks = "\u00a0\u2000\u2003\u2007\u2009\u202f\u205f\u3000\u1680\u2028"
    controls = "\0\t\n\v\f\r\x1b\x7f\x85\ud800\udfff"
    odd = [f"VER{char}IFY" for char in hidden + blanks + controls]
    outer = [side for char in hidden + blanks + controls for side in (f"{char}VERIFY", f"VERIFY{char}")]
    return swapped + odd + outer


@pytest.mark.parametrize("name", look_alikes(), ids=ascii)
def test_a_look_alike_of_a_name_is_refused(name):
    assert refused(parse_sender, name) == "characters"


def test_the_table_of_look_alikes_is_long_enough():
    assert len(look_alikes()) > 130
    assert len(set(look_alikes())) == len(look_alikes())


@pytest.mark.parametrize("name", ["VΞRIFY", "ΛCME", "ACMΣ", "Ωmega", "aΔb"])
def test_latin_and_greek_letters_do_not_mix(name):
    assert refused(parse_sender, name) == "mixed_script"


@pytest.mark.parametrize("name", ["!!!", "24/7!", "£100", "#123", "100%", "_", "1_000", "&", "¿?", "12:30"])
def test_a_name_needs_a_letter(name):
    assert refused(parse_sender, name) == "no_letter"


@pytest.mark.parametrize("name", ["twelve chars", "x" * 12, "A" * 5000, "ÄÄÄÄÄÄÄÄÄÄÄÄ"])
def test_a_name_has_at_most_eleven_characters(name):
    assert refused(parse_sender, name) == "too_long"


@pytest.mark.parametrize("char", "€[]{}~^|\\\f")
def test_characters_of_the_extension_table_are_not_for_names(char):
    assert refused(parse_sender, f"a{char}b") == "characters"


def test_a_name_takes_exactly_the_printable_default_alphabet():
    for char in filter(str.isprintable, map(chr, range(0x3000))):
        letter = "Σ" if "GREEK" in unicodedata.name(char, "") else "a"
        name = f"{letter}{char}{letter}"
        if char in DEFAULT:
            assert parse_sender(name).value == name
        else:
            assert refused(parse_sender, name) == "characters"


@pytest.mark.parametrize("name", ["+A", "+1613555OO1", "+49 Acme"])
def test_a_name_does_not_pass_for_a_number(name):
    assert refused(parse_sender, name) == "form"


@pytest.mark.parametrize("raw", ["", "   "])
def test_no_sender_is_empty(raw):
    assert refused(parse_sender, raw) == "empty"


@pytest.mark.parametrize("raw", ["tel:Acme", "sip:Acme@home", "Tel: 12"])
def test_what_begins_like_a_uri_is_read_as_one(raw):
    refused(parse_sender, raw)


# ---- values


@pytest.mark.parametrize(
    ("value", "kind", "ton", "npi"),
    [("+16135550001", "international", 1, 1), ("12345", "short", 3, 0), ("Acme", "alphanumeric", 5, 0)],
)
def test_an_address_knows_its_type_and_plan(value, kind, ton, npi):
    parsed = Address.of(value)
    assert parsed == parse_sender(value)
    assert (parsed.kind, parsed.ton, parsed.npi) == (kind, ton, npi)


@pytest.mark.parametrize(
    ("value", "masked"),
    [
        ("+16135550001", "+*******0001"),
        ("+447700900001", "+********0001"),
        ("12345", "*2345"),
        ("1234", "****"),
        ("123", "***"),
        ("+123", "+***"),
        ("+1234", "+1234"),
        ("Acme Inc", "**** Inc"),
        ("", ""),
    ],
)
def test_a_mask_keeps_the_last_four_characters(value, masked):
    assert mask(value) == masked


@given(e164)
def test_a_masked_number_cannot_be_read_back(number):
    masked = mask(number)
    assert len(masked) == len(number)
    assert masked[-4:] == number[-4:]
    assert set(masked[1:-4]) <= {"*"}


def test_a_refusal_shows_only_the_beginning_of_the_input_and_escapes_it():
    with pytest.raises(BadAddress) as caught:
        parse_recipient("\x1b[31m" + "7" * 100 + "\u202e")
    text = str(caught.value)
    assert "7" * 27 in text
    assert "7" * 28 not in text
    assert "\x1b" not in text


def test_refusals_are_value_errors_with_a_known_reason():
    assert issubclass(BadAddress, ValueError)
    assert str(BadAddress("empty", "")) == REASONS["empty"]
