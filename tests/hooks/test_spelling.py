"""Hosts in odd spellings are read as what a resolver would make of them."""

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.hooks.spelling import canonical, read_host

SPELLINGS = [
    ("127.0.0.1", "127.0.0.1"),
    ("127.1", "127.0.0.1"),
    ("127.0.1", "127.0.0.1"),
    ("127.0.0.1.", "127.0.0.1"),
    ("0177.0.0.1", "127.0.0.1"),
    ("00000177.1", "127.0.0.1"),
    ("2130706433", "127.0.0.1"),
    ("017700000001", "127.0.0.1"),
    ("0x7f.1", "127.0.0.1"),
    ("0X7F.0X1", "127.0.0.1"),
    ("0x7f000001", "127.0.0.1"),
    ("0", "0.0.0.0"),
    ("0x", "0.0.0.0"),
    ("①②⑦.⓪.⓪.①", "127.0.0.1"),
    ("127。0。0。1", "127.0.0.1"),
    ("１２７．０．０．１", "127.0.0.1"),
    ("127｡1", "127.0.0.1"),
    ("\u00ad127.0.0.1", "127.0.0.1"),
    ("2852039166", "169.254.169.254"),
    ("134744072", "8.8.8.8"),
    ("[::1]", "::1"),
    ("[0:0:0:0:0:0:0:1]", "::1"),
    ("[::ffff:127.0.0.1]", "127.0.0.1"),
    ("[::ffff:7f00:1]", "127.0.0.1"),
    ("[0:0:0:0:0:FFFF:A9FE:A9FE]", "169.254.169.254"),
    ("[2001:DB8::A]", "2001:db8::a"),
]

NAMES = [
    ("Example.COM", "example.com"),
    ("example.com.", "example.com"),
    ("localhost.", "localhost"),
    ("ＬＯＣＡＬＨＯＳＴ", "localhost"),
    ("ⓛocalhost", "localhost"),
    ("bücher.example", "xn--bcher-kva.example"),
    ("my_service", "my_service"),
    ("1.2.3.com", "1.2.3.com"),
    ("0x7f.1.example", "0x7f.1.example"),
]

NO_HOSTS = [
    "",
    ".",
    "..",
    "a..b",
    "localhost..",
    "256.256.256.256",
    "1.2.3.4.5",
    "127.0.0.256",
    "127.0x1000000",
    "4294967296",
    "0" * 30,
    "08.8.8.8",
    "example.0x",
    "example.1",
    "a%00b",
    "%31%32%37.1",
    "a b",
    "a\x00b",
    "a/b",
    "a℀b.com",
    "a\\b",
    "a@b",
    "a" * 64 + ".com",
    "a." * 127 + "com",
    "\ud800",
    "[::1",
    "[127.0.0.1]",
    "[fe80::1%eth0]",
    "[::1%25lo]",
    "[]",
    "[::1]x",
]


@pytest.mark.parametrize(("text", "address"), SPELLINGS)
def test_an_address_is_recognised_however_it_is_spelled(text: str, address: str) -> None:
    assert read_host(text) == ipaddress.ip_address(address)


@pytest.mark.parametrize(("text", "name"), NAMES)
def test_a_name_becomes_lower_case_ascii(text: str, name: str) -> None:
    assert read_host(text) == name


@pytest.mark.parametrize("text", NO_HOSTS)
def test_what_is_neither_address_nor_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_host(text)


NUMBERS = st.integers(0, 2**33).flatmap(
    lambda n: st.sampled_from([str(n), hex(n), "0" + oct(n)[2:], f"0{n}"])
)


@given(st.lists(NUMBERS, min_size=1, max_size=5).map(".".join))
def test_numbers_mean_what_they_mean_to_inet_aton(text: str) -> None:
    try:
        expected = socket.inet_ntoa(socket.inet_aton(text))
    except OSError:
        with pytest.raises(ValueError):
            read_host(text)
    else:
        assert str(read_host(text)) == expected


@given(st.text(min_size=1, max_size=60))
def test_any_text_gives_an_address_a_plain_name_or_a_value_error(text: str) -> None:
    try:
        host = read_host(text)
    except ValueError:
        return
    if isinstance(host, str):
        assert set(host) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_.")
        with pytest.raises(ValueError):
            ipaddress.ip_address(host)


def test_a_scope_is_dropped_and_a_wrapped_address_unwrapped() -> None:
    assert str(canonical("fe80::1%eth0")) == "fe80::1"
    assert str(canonical("::ffff:10.0.0.1")) == "10.0.0.1"
