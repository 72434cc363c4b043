"""From parameters to what shall be sent: every check that needs nothing but the request, in the vendor's order."""

# Parameters and limits: "SMS API reference" of the vendor's developer site; order of checks: protocols 1.3.

import re
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from textwire.domain.message import Telling
from textwire.text import gsm7

from . import addresses, octets
from .parameters import Parameters, boolean
from .statuses import Failed, invalid

LONGEST_TEXT: Final = 3200  # characters
LONGEST_REF: Final = 100
LONGEST_CALLBACK: Final = 2048
LONGEST_REGULATORY: Final = 100
TTL: Final = (20_000, 604_800_000)  # ms
USUAL_TTL: Final = 259_200_000
USUAL_VALIDITY: Final = 86_400_000  # ms, of a WAP push
CLASSES: Final = ("0", "1", "2", "3")
FLASH: Final = "0"

_DIGITS: Final = re.compile(r"[0-9]+", re.ASCII)


class Content(msgspec.Struct, frozen=True):
    """A text (in UCS-2 if `unicode`), or the segments of what is none."""

    text: str
    unicode: bool = False
    octets: tuple[str, ...] = ()


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """One request, read; `to` are digits, `ttl` is in µs."""

    sender: str
    to: str
    content: Content
    flash: bool
    ttl: int
    client_ref: str
    account_ref: str
    telling: Telling | None


def read(given: Parameters, now: int) -> Submission:
    """What is asked for at `now` (seconds UTC). Raises Failed with the first thing that is wrong."""
    for name, why in (("from", "no_sender"), ("to", "no_recipient")):
        if name not in given:
            raise Failed(why)
    kind = given.get("type", "text").lower()
    if kind not in _CONTENTS:
        raise invalid("type")
    sender, to = _sender(given["from"]), _recipient(given["to"])
    content = _CONTENTS[kind](given, now)
    return Submission(
        sender=sender,
        to=to,
        content=content,
        flash=_class(given) == FLASH,
        ttl=_number(given, "ttl", *TTL, USUAL_TTL, Failed("ttl")) * 1000,
        client_ref=_short(given, "client-ref", LONGEST_REF),
        account_ref=_short(given, "account-ref", LONGEST_REF),
        telling=_telling(given),
    )


def _sender(written: str) -> str:
    if not (sender := addresses.sender(written)):
        raise invalid("from")
    return sender


def _recipient(written: str) -> str:
    if not addresses.is_numeric(written):
        raise Failed("not_numeric")
    if not (recipient := addresses.recipient(written)):
        raise invalid("to")
    return recipient


def _text(given: Parameters, now: int) -> Content:
    """The type decides, not the text: what the GSM alphabet lacks becomes a question mark."""
    return Content(as_gsm(_bounded(given)))


def as_gsm(text: str) -> str:
    """A text with question marks for what the GSM alphabet lacks."""
    missing = gsm7.missing(text)
    return text.translate(dict.fromkeys(map(ord, missing), "?")) if missing else text


def _unicode(given: Parameters, now: int) -> Content:
    return Content(_bounded(given), unicode=True)


def _bounded(given: Parameters) -> str:
    text = given.get("text")
    if not text:
        raise Failed("no_text")
    if len(text) > LONGEST_TEXT:
        raise Failed("too_long")
    return text


def _binary(given: Parameters, now: int) -> Content:
    header, body = _hex(given, "udh"), _hex(given, "body")
    if not body:
        raise Failed("no_text", "Missing body param")
    if header and header[0] != len(header) - 1:
        raise invalid("udh")
    _protocol(given)
    return _segments(lambda: octets.binary(header, body))


def _protocol(given: Parameters) -> int:
    return _number(given, "protocol-id", 0, 255, 0, invalid("protocol-id"))


def _push(given: Parameters, now: int) -> Content:
    for name in ("title", "url"):
        if name not in given:
            raise Failed("no_text", f"Missing {name} param")
    life = _number(given, "validity", 1, TTL[1], USUAL_VALIDITY, invalid("validity"))
    indication = octets.push(given["title"], given["url"], now + life // 1000)
    return _segments(lambda: octets.to_port(octets.PUSH, indication, now))


def _card(name: str, port: int) -> Callable[[Parameters, int], Content]:
    def read(given: Parameters, now: int) -> Content:
        if name not in given:
            raise Failed("no_text", f"Missing {name} param")
        return _segments(lambda: octets.to_port(port, given[name].encode(), now))

    return read


def _segments(make: Callable[[], tuple[str, ...]]) -> Content:
    try:
        segments = make()
    except octets.TooLong:
        raise Failed("too_long") from None
    return Content("".join(segments), octets=segments)


def _hex(given: Parameters, name: str) -> bytes:
    try:
        return bytes.fromhex(given.get(name, ""))
    except ValueError:
        raise invalid(name) from None


def _class(given: Parameters) -> str:
    klass = given.get("message-class", "")
    if klass and klass not in CLASSES:
        raise invalid("message-class")
    return klass


def _telling(given: Parameters) -> Telling | None:
    """How to tell of it, if that is anything but usual."""
    wanted = boolean(given.get("status-report-req", "true"))
    if wanted is None:
        raise invalid("status-report-req")
    telling = Telling(
        _short(given, "callback", LONGEST_CALLBACK, "callback"),
        int(wanted),
        _short(given, "entity-id", LONGEST_REGULATORY),
        _short(given, "content-id", LONGEST_REGULATORY),
        protocol=_protocol(given) if given.get("type", "").lower() == "binary" else 0,
        shown=int(_class(given) or FLASH),
    )
    return None if telling == Telling() else telling


def _short(given: Mapping[str, str], name: str, longest: int, why: str = "") -> str:
    value = given.get(name, "")
    if len(value) > longest:
        raise Failed(why) if why else invalid(name)
    return value


def _number(given: Parameters, name: str, least: int, most: int, usual: int, failure: Failed) -> int:
    written = given.get(name)
    if written is None:
        return usual
    if not _DIGITS.fullmatch(written) or len(written) > len(str(most)) or not least <= int(written) <= most:
        raise failure
    return int(written)


_CONTENTS: Final[dict[str, Callable[[Parameters, int], Content]]] = {
    "text": _text, "unicode": _unicode, "binary": _binary, "wappush": _push,
    "vcard": _card("vcard", octets.VCARD), "vcal": _card("vcal", octets.VCALENDAR),
}  # fmt: skip
