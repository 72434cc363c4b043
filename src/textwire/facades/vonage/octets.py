"""What is no text: binary messages, WAP pushes, visiting cards and appointments, as the user data of segments.

Each segment is hex, its header (3GPP TS 23.040 §9.2.3.24) with its length first, then what it carries.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

ROOM: Final = 140  # octets of a segment's user data, header included
MOST_SEGMENTS: Final = 255

# Ports of WAP's datagrams (registered with IANA): vCard, vCalendar, and push without a connection.
VCARD: Final = 9204
VCALENDAR: Final = 9205
PUSH: Final = 2948
SOURCE: Final = 9200

# WSP (WAP-230 §8.2.4): a push, its content type application/vnd.wap.sic, in UTF-8.
_PUSH: Final = bytes.fromhex("01060403ae81ea")
# Service Indication (WAP-167 §8) in WBXML 1.2: its public identifier, UTF-8, no string table.
_SI: Final = bytes.fromhex("02056a00")
_SI_WITH_CONTENT, _INDICATION, _HREF, _EXPIRES = b"\x45", b"\xc6", b"\x0b", b"\x10"
_STRING, _END, _OPAQUE = b"\x03", b"\x01", b"\xc3"


class TooLong(ValueError):
    """It does not fit into as many segments as it may have."""


def binary(header: bytes, body: bytes) -> tuple[str, ...]:
    """One segment as it was given."""
    if len(header) + len(body) > ROOM:
        raise TooLong
    return ((header + body).hex(),)


def to_port(port: int, content: bytes, reference: int) -> tuple[str, ...]:
    """Content for a program of the handset that listens on a port; in several segments if it has to be."""
    ports = b"\x05\x04" + port.to_bytes(2, "big") + SOURCE.to_bytes(2, "big")
    alone = _header(ports)
    if len(alone) + len(content) <= ROOM:
        return ((alone + content).hex(),)
    room = ROOM - len(_header(_place(0, 0, 0) + ports))
    pieces = [content[start : start + room] for start in range(0, len(content), room)]
    if len(pieces) > MOST_SEGMENTS:
        raise TooLong
    return tuple(
        (_header(_place(reference & 0xFF, len(pieces), n) + ports) + piece).hex()
        for n, piece in enumerate(pieces, 1)
    )


def push(title: str, url: str, expires: int) -> bytes:
    """A Service Indication: a link with its title, good until `expires` (seconds UTC)."""
    indication = b"".join((_HREF, *_inline(url), _EXPIRES, *_moment(expires), _END, *_inline(title), _END))
    return _PUSH + _SI + _SI_WITH_CONTENT + _INDICATION + indication + _END


def _header(elements: bytes) -> bytes:
    return bytes([len(elements)]) + elements


def _place(reference: int, total: int, n: int) -> bytes:
    return bytes([0, 3, reference, total, n])


def _inline(text: str) -> Iterator[bytes]:
    yield from (_STRING, text.encode(), b"\0")


def _moment(seconds: int) -> Iterator[bytes]:
    """A date as WAP-167 §8.2.2 packs it: its digits two by two, without noughts at the end."""
    octets = bytes.fromhex(datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%d%H%M%S")).rstrip(b"\0")
    yield from (_OPAQUE, bytes([len(octets)]), octets)
