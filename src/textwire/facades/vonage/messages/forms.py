"""From the body of a request to the messages that shall be sent: every check that needs nothing but the body."""

# protocols 5.1; the older shape: messages-olympus 0.4.0 of the vendor's OpenAPI documents.

from collections.abc import Callable
from typing import Final

import msgspec

from textwire.domain.message import Telling
from textwire.facades.vonage import addresses
from textwire.facades.vonage.problems import Wrong
from textwire.facades.vonage.submission import as_gsm
from textwire.switch.following import MOST
from textwire.web.decode import BadBody, decode

from . import errors
from .members import Faults, Reading
from .refusals import problem, unreadable

CHANNEL: Final = "sms"
TEXT: Final = "text"
V1, V01 = "v1", "v0.1"
LONGEST_TEXT: Final = 3200  # characters
LONGEST_REF: Final = 100
LONGEST_URL: Final = 2048
LONGEST_OPTION: Final = 100
LONGEST_NUMBER: Final = 40
TTL: Final = (20, 604_800)  # s
USUAL_TTL: Final = 259_200
SECOND: Final = 1_000_000  # µs
ENCODINGS: Final = ("auto", "text", "unicode")


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """One message, read; `to` are digits, `ttl` is in µs, `telling` does not name it yet."""

    sender: str
    to: str
    text: str
    unicode: bool
    ttl: int
    client_ref: str
    telling: Telling
    failover: tuple["Wish", ...] | None = None  # None: nothing was said of it


def read(body: bytes) -> Wish:
    """What `/v1/messages` was asked for. Raises Failing with all that is wrong."""
    faults = Faults()
    given = Reading(_decoded(body), faults)
    wish, following = _message(given), given.objects("failover", MOST)
    for one in following or ():
        if one.get("failover") is not None:
            one.wrong("failover", "a message that follows another has none of its own")
    failover = None if following is None else tuple(_message(one) for one in following)
    faults.settle()
    return msgspec.structs.replace(wish, failover=failover)


def read_old(body: bytes) -> Wish:
    """The same for `/v0.1/messages`, where things stand deeper."""
    faults = Faults()
    given = Reading(_decoded(body), faults)
    to, sender = given.inner("to", needed=True), given.inner("from", needed=True)
    content = given.inner("message", needed=True).inner("content", needed=True)
    for one, word in ((to, CHANNEL), (sender, CHANNEL), (content, TEXT)):
        one.offered("type", word)
    wish = Wish(
        sender=_sender(sender, "number"), to=_recipient(to, "number"),
        text=content.needed("text", LONGEST_TEXT), unicode=False, ttl=USUAL_TTL * SECOND,
        client_ref=given.text("client_ref", LONGEST_REF), telling=Telling(form=V01),
    )  # fmt: skip
    faults.settle()
    return wish


def _decoded(body: bytes) -> object:
    try:
        found = decode(body, object)
    except BadBody as bad:
        if not bad.field:
            raise unreadable() from None
        raise problem(errors.INVALID, Wrong(bad.field, bad.reason)) from None
    if not isinstance(found, dict):
        raise problem(errors.INVALID, Wrong("body", "must be an object"))
    return found


def _message(given: Reading) -> Wish:
    given.offered("channel", CHANNEL)
    given.offered("message_type", TEXT)
    given.flag("trusted_recipient")
    sender, to = _sender(given, "from"), _recipient(given, "to")
    text, options = given.needed("text", LONGEST_TEXT), given.inner("sms")
    encoding = options.word("encoding_type", ENCODINGS)
    options.text(
        "pool_id", LONGEST_OPTION
    )  # there are no pools: `from` is the sender then, as it is said to be
    telling = Telling(
        url=given.text("webhook_url", LONGEST_URL), entity=options.text("entity_id", LONGEST_OPTION),
        content=options.text("content_id", LONGEST_OPTION),
        form=given.word("webhook_version", (V1, V01)) or V1,
    )  # fmt: skip
    return Wish(
        sender=sender, to=to, text=as_gsm(text) if encoding == "text" else text, unicode=encoding == "unicode",
        ttl=given.number("ttl", *TTL, USUAL_TTL) * SECOND, client_ref=given.text("client_ref", LONGEST_REF),
        telling=telling,
    )  # fmt: skip


def _sender(given: Reading, name: str) -> str:
    return _address(given, name, addresses.sender, "must be a number or a name of at most 11 characters")


def _recipient(given: Reading, name: str) -> str:
    return _address(given, name, addresses.recipient, "must be a number of 7 to 15 digits in E.164")


def _address(given: Reading, name: str, read: Callable[[str], str], reason: str) -> str:
    written = given.needed(name, LONGEST_NUMBER)
    if not written:
        return ""
    found = read(written)
    if not found:
        given.wrong(name, reason)
    return found
