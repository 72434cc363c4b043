"""What is no text: segments as a handset would read them."""

import pytest

from textwire.facades.vonage import octets

from .house import House


def test_a_binary_message_is_its_header_and_body_as_given() -> None:
    assert octets.binary(bytes.fromhex("06050415811581"), b"ABC") == ("06050415811581414243",)
    with pytest.raises(octets.TooLong):
        octets.binary(b"", b"x" * 141)


def test_a_short_card_is_one_segment_for_its_port() -> None:
    # 05 04: 16-bit ports (TS 23.040 §9.2.3.24.4), 23F4 is 9204, 23F0 is 9200.
    assert octets.to_port(octets.VCARD, b"BEGIN:VCARD", 7) == ("06050423f423f0" + b"BEGIN:VCARD".hex(),)


@pytest.mark.parametrize("size", [134, 128 * 2, 128 * 3 - 1, 128 * 255])
def test_a_long_card_comes_in_segments_that_make_it_up_again(size: int) -> None:
    content = bytes(n % 251 for n in range(size))
    segments = [bytes.fromhex(one) for one in octets.to_port(octets.VCALENDAR, content, 0x1FF)]
    assert all(len(one) <= octets.ROOM for one in segments)
    total = -(-size // 128)
    for n, one in enumerate(segments, 1):
        assert one[:12] == bytes([11, 0, 3, 0xFF, total, n, 5, 4, 0x23, 0xF5, 0x23, 0xF0])
    assert b"".join(one[12:] for one in segments) == content


def test_133_octets_still_fit_into_one() -> None:
    assert len(octets.to_port(octets.PUSH, b"x" * 133, 1)) == 1
    assert len(octets.to_port(octets.PUSH, b"x" * 134, 1)) == 2


def test_more_than_255_segments_are_too_many() -> None:
    with pytest.raises(octets.TooLong):
        octets.to_port(octets.VCARD, b"x" * (128 * 255 + 1), 1)


def test_a_push_is_a_service_indication() -> None:
    made = octets.push("Hé", "http://a.example/x", 1_600_000_000)  # 2020-09-13T12:26:40Z
    assert made == (
        bytes.fromhex("01060403ae81ea")  # WSP: push of application/vnd.wap.sic, UTF-8
        + bytes.fromhex("02056a00")  # WBXML 1.2, SI 1.0, UTF-8, no strings
        + b"\x45\xc6\x0b\x03http://a.example/x\0"
        + b"\x10\xc3\x07\x20\x20\x09\x13\x12\x26\x40"
        + b"\x01\x03H\xc3\xa9\0\x01\x01"
    )


def test_a_push_that_expires_at_midnight_leaves_noughts_out() -> None:
    assert b"\x10\xc3\x04\x20\x20\x09\x13\x01" in octets.push("t", "u", 1_599_955_200)


async def test_every_type_leaves_as_segments_of_octets(house: House) -> None:
    wanted = {
        "binary": {"body": "48656C6C6F", "udh": "0605040B8423F0", "text": None},
        "wappush": {"title": "News", "url": "http://a.example/"},
        "vcard": {"vcard": "BEGIN:VCARD\r\nEND:VCARD"},
        "vcal": {"vcal": "BEGIN:VCALENDAR" + "x" * 200},
    }
    counts = {}
    for kind, changes in wanted.items():
        counts[kind] = (await house.send(type=kind, **changes)).json["message-count"]
    assert counts == {"binary": "1", "wappush": "1", "vcard": "1", "vcal": "2"}
    kept = await house.kept()
    assert {message.encoding for message in kept} == {"octets"}
    assert kept[-1].text == "0605040b8423f048656c6c6f"


async def test_a_receipt_tells_of_each_of_them(house: House) -> None:
    await house.set(receipt_url="http://127.0.0.1:9000/place")
    await house.send(type="vcard", vcard="x" * 300)
    assert {call.query["status"] for call in await house.told(3)} == {"delivered"}
