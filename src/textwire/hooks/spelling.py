"""Reads a URL's host, however it is spelled, as the address or the name that a resolver would make of it."""

import ipaddress
import re

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

HOST_LIMIT = 253  # characters of a domain name, RFC 1035 §2.3.4
_NAME = re.compile(r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+")
_BASES = ((re.compile(r"0x[0-9a-f]*"), 16), (re.compile(r"0[0-7]*"), 8), (re.compile(r"[1-9][0-9]*"), 10))


def canonical(text: str) -> Address:
    """The address that packets would go to: without a scope, and IPv4 where IPv6 merely wraps it.

    Raises ValueError for what is no address.
    """
    address = ipaddress.ip_address(text)
    if isinstance(address, ipaddress.IPv6Address):
        return address.ipv4_mapped or ipaddress.IPv6Address(int(address))
    return address


def read_host(text: str) -> str | Address:
    """An address for every spelling of one (`127.1`, `0x7f.1`, `①②⑦.⓪.⓪.①`), else the name in lower-case ASCII.

    A last label that is a number makes the whole an IPv4 address or nothing, as in the WHATWG URL standard
    ("ends in a number"). Raises ValueError.
    """
    if text.startswith("[") and text.endswith("]"):
        return _read_ipv6(text[1:-1])
    name = _ascii(text)
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _read_ipv4(labels)
    return name


def _read_ipv6(text: str) -> Address:
    if "%" in text:
        raise ValueError("a scope in an address")
    return canonical(str(ipaddress.IPv6Address(text)))


def _ascii(text: str) -> str:
    """IDNA, which folds full-width and circled digits and ideographic stops exactly as getaddrinfo does."""
    if not text or len(text) > HOST_LIMIT:
        raise ValueError("host is empty or too long")
    name = text.lower().encode("idna").decode("ascii").lower().removesuffix(".")
    if len(name) > HOST_LIMIT or not _NAME.fullmatch(name):
        raise ValueError("host is no name")
    return name


def _read_ipv4(labels: list[str]) -> ipaddress.IPv4Address:
    """inet_aton(3): up to four parts in base 10, 8 or 16, the last one filling the remaining octets."""
    if len(labels) > 4:
        raise ValueError("too many parts")
    *leading, last = [_number(label) for label in labels]
    room = 8 * (4 - len(leading))
    if any(part > 255 for part in leading) or last >> room:
        raise ValueError("part out of range")
    value = last
    for place, part in enumerate(leading):
        value |= part << (24 - 8 * place)
    return ipaddress.IPv4Address(value)


def _number(label: str) -> int:
    for shape, base in _BASES:
        if (
            shape.fullmatch(label) and len(label) <= 24
        ):  # the longest that could still be 32 bits, with leading zeros
            return int(label.removeprefix("0x") or "0", base)
    raise ValueError("no number")
