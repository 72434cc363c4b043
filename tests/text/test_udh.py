"""User data headers: ours, and what others make of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.text import udh
from textwire.text.gsm7_tables import Language
from textwire.text.udh import BadUdh, Concatenation, Element, Header, Place

places = st.builds(
    lambda width, reference, total, n: Place(
        reference=reference % width.references, total=total, n=1 + n % total, concatenation=width
    ),
    st.sampled_from(Concatenation),
    st.integers(0, 0xFFFF),
    st.integers(1, 255),
    st.integers(0, 254),
)
elements = st.lists(st.builds(Element, st.integers(0, 255), st.binary(max_size=10)), max_size=8)


@pytest.mark.parametrize(
    ("place", "octets"),
    [
        (Place(reference=0xA5, total=3, n=2), "050003a50302"),
        (Place(reference=0, total=255, n=255), "05000300ffff"),
        (Place(reference=0xBEEF, total=3, n=2, concatenation=Concatenation.SIXTEEN), "060804beef0302"),
    ],
)
def test_concatenation_is_written_as_the_specification_draws_it(place, octets):
    assert udh.build([udh.concatenation(place)]).hex() == octets
    assert udh.parse(bytes.fromhex(octets)).place == place


def test_national_tables_are_announced_single_before_locking():
    both = udh.shifts(Language.TURKISH, Language.URDU)
    assert udh.build(both).hex() == "06240101" + "25010d"
    assert udh.shifts(Language.DEFAULT, Language.DEFAULT) == ()
    assert udh.build(udh.shifts(Language.SPANISH, Language.DEFAULT)).hex() == "03240102"


@given(places, st.sampled_from(Language), st.sampled_from(Language))
def test_a_header_says_what_was_built_into_it(place, single, locking):
    octets = udh.build([udh.concatenation(place), *udh.shifts(single, locking)])
    header, payload = udh.split(octets + b"text")
    assert (header.place, header.single, header.locking, payload) == (place, single, locking, b"text")


@given(elements.filter(bool))
def test_any_elements_survive_the_wire(wanted):
    assert udh.parse(udh.build(wanted)).elements == tuple(wanted)


@given(st.binary(max_size=160))
def test_any_octets_are_a_header_or_a_typed_error(data):
    try:
        header, payload = udh.split(data)
    except BadUdh:
        return
    assert udh.build(header.elements) + payload == data or data[0] == 0
    assert header.place is None or 1 <= header.place.n <= header.place.total
    assert header.single in Language
    assert header.locking in Language


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        ("", "empty"),
        ("05", "truncated"),  # no header behind its length
        ("050003a503", "truncated"),
        ("0100", "truncated"),  # an identifier without a length
        ("0300050101", "truncated"),  # data runs over the header's end
        ("020001ff", "truncated"),  # the payload is not the element's
        ("06000301020300", "truncated"),  # one octet too many within
    ],
)
def test_garbage_is_refused_with_a_reason(octets, reason):
    with pytest.raises(BadUdh) as caught:
        udh.split(bytes.fromhex(octets))
    assert caught.value.reason == reason


def test_an_empty_header_is_no_header():
    assert udh.parse(b"") == udh.EMPTY
    assert udh.split(b"\x00rest") == (udh.EMPTY, b"rest")
    assert udh.build([]) == b""


@pytest.mark.parametrize(
    ("octets", "place"),
    [
        ("050003a50300", None),  # part 0
        ("050003a50304", None),  # part 4 of 3
        ("050003a50000", None),  # of none
        ("040002a503", None),  # an octet short
        ("0a0003a503010003a50302", Place(reference=0xA5, total=3, n=2)),  # the last of repeated elements
        ("0a0003a503020003a50300", Place(reference=0xA5, total=3, n=2)),  # but a senseless one is ignored
        (
            "0b000301020108040002" + "0302",
            Place(reference=2, total=3, n=2, concatenation=Concatenation.SIXTEEN),
        ),
        ("0b0504158115820003a50302", Place(reference=0xA5, total=3, n=2)),  # behind application ports
    ],
)
def test_a_foreign_header_is_read_as_the_specification_asks(octets, place):
    assert udh.parse(bytes.fromhex(octets)).place == place


@pytest.mark.parametrize(
    ("octets", "single"),
    [
        ("03240101", Language.TURKISH),
        ("0324010e", Language.DEFAULT),  # a language not yet given
        ("032401ff", Language.DEFAULT),
        ("022400", Language.DEFAULT),  # no language at all
        ("0424020101", Language.DEFAULT),
        ("06240101240103", Language.PORTUGUESE),  # the last counts
    ],
)
def test_a_foreign_language_is_read_or_ignored(octets, single):
    assert udh.parse(bytes.fromhex(octets)).single == single


def test_a_header_longer_than_a_segment_is_not_built():
    with pytest.raises(BadUdh) as caught:
        udh.build([Element(0x70, bytes(138))])
    assert caught.value.reason == "too_long"
    assert len(udh.build([Element(0x70, bytes(137))])) == 140


@pytest.mark.parametrize(
    "element", [Element(0x100, b""), Element(0x70, bytes(256))], ids=["identifier", "length"]
)
def test_an_element_that_no_octet_can_announce_is_not_built(element):
    with pytest.raises(ValueError):
        udh.build([element])


def test_a_reference_must_fit_its_width():
    with pytest.raises(OverflowError):
        udh.concatenation(Place(reference=256, total=2, n=1))


def test_headers_are_values():
    assert Header((Element(1, b"x"),)) == Header((Element(1, b"x"),))
    assert [width.references for width in Concatenation] == [256, 65536]
