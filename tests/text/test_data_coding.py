"""The data_coding octet, SMPP 3.4 §5.2.19 and TS 23.038 §4."""

import pytest

from textwire.text.data_coding import Alphabet, DataCoding, parse, render


@pytest.mark.parametrize(
    ("octet", "alphabet", "message_class"),
    [
        (0x00, Alphabet.GSM7, None),
        (0x01, Alphabet.ASCII, None),
        (0x02, Alphabet.OCTETS, None),
        (0x03, Alphabet.LATIN1, None),
        (0x04, Alphabet.OCTETS, None),
        (0x05, Alphabet.SHIFT_JIS, None),
        (0x06, Alphabet.CYRILLIC, None),
        (0x07, Alphabet.HEBREW, None),
        (0x08, Alphabet.UCS2, None),
        (0x0A, Alphabet.ISO2022_JP, None),
        (0x0E, Alphabet.EUC_KR, None),
        (0x0F, Alphabet.GSM7, None),
        (0x10, Alphabet.GSM7, 0),
        (0x11, Alphabet.GSM7, 1),
        (0x15, Alphabet.OCTETS, 1),
        (0x18, Alphabet.UCS2, 0),
        (0x1B, Alphabet.UCS2, 3),
        (0x1C, Alphabet.GSM7, 0),  # reserved alphabet
        (0x48, Alphabet.UCS2, None),  # to be deleted after reading
        (0x58, Alphabet.UCS2, 0),
        (0x80, Alphabet.GSM7, None),  # reserved groups
        (0xBF, Alphabet.GSM7, None),
        (0xC8, Alphabet.GSM7, None),  # message waiting
        (0xD0, Alphabet.GSM7, None),
        (0xE8, Alphabet.UCS2, None),
        (0xF0, Alphabet.GSM7, 0),
        (0xF3, Alphabet.GSM7, 3),
        (0xF4, Alphabet.OCTETS, 0),
        (0xF6, Alphabet.OCTETS, 2),
        (0xFD, Alphabet.OCTETS, 1),
    ],
)
def test_an_octet_names_alphabet_and_class(octet, alphabet, message_class):
    assert parse(octet) == DataCoding(alphabet=alphabet, message_class=message_class)
    assert parse(octet).flash == (message_class == 0)


@pytest.mark.parametrize("octet", [0x20, 0x28, 0x30, 0x3B, 0x60])
def test_the_compression_bit_is_seen(octet):
    assert parse(octet).compressed


def test_all_256_octets_mean_something():
    assert {parse(octet).alphabet for octet in range(256)} == set(Alphabet)
    assert sum(parse(octet).compressed for octet in range(256)) == 2 * 0x20


@pytest.mark.parametrize(
    ("alphabet", "message_class", "octet"),
    [
        (Alphabet.GSM7, None, 0x00),
        (Alphabet.UCS2, None, 0x08),
        (Alphabet.OCTETS, None, 0x04),
        (Alphabet.GSM7, 0, 0xF0),
        (Alphabet.GSM7, 2, 0xF2),
        (Alphabet.UCS2, 0, 0x18),
        (Alphabet.UCS2, 3, 0x1B),
        (Alphabet.OCTETS, 1, 0xF5),
    ],
)
def test_an_alphabet_and_class_are_rendered_and_read_back(alphabet, message_class, octet):
    assert render(alphabet, message_class) == octet
    assert parse(octet) == DataCoding(alphabet=alphabet, message_class=message_class)


@pytest.mark.parametrize("message_class", [-1, 4])
def test_there_are_four_classes(message_class):
    with pytest.raises(ValueError, match="class"):
        render(Alphabet.GSM7, message_class)


def test_an_alphabet_we_never_send_is_not_rendered():
    with pytest.raises(KeyError):
        render(Alphabet.HEBREW)
