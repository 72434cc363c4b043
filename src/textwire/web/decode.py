"""Bytes of JSON from anybody become a typed value, or one `BadBody` that says where and why not."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec

T = TypeVar("T")

MAX_DEPTH: Final = 32  # arrays and objects inside each other
MAX_WORDS: Final = 200  # characters of a reason or a field: both may quote the caller's text
MAX_BLAMED: Final = 65_536  # bytes; a larger broken body is refused without naming the field

# UTF-8, UTF-16 little and big endian. RFC 8259 §8.1: JSON on a network is UTF-8 without any of them.
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_BRACES_TO_BRACKETS: Final = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


class BadBody(ValueError):  # the refusal's own word
    """A body that cannot be read: `reason` for people, `field` as in `to[0]`, empty for the whole body."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(reason[:MAX_WORDS])
        self.reason = reason[:MAX_WORDS]
        self.field = field[:MAX_WORDS]


def decode(body: bytes, type: type[T], *, strict: bool = True) -> T:
    """Read JSON (RFC 8259) as `type`; raises BadBody and nothing else. Of duplicate keys the last wins.

    `strict=False` also reads numbers written as text, for the wires that send them so.
    """
    _guard(body)
    try:
        value: T = _decoder(type, strict).decode(body)
    except msgspec.ValidationError as error:
        raise _worded(str(error)) from None
    except (ValueError, RecursionError, OverflowError) as error:
        raise _blamed(body) or BadBody(_plain(error)) from None
    return value


def convert(value: object, type: type[T], *, strict: bool = True) -> T:
    """The same for a value that is already Python's, such as a decoded form; raises BadBody."""
    try:
        return msgspec.convert(value, type, strict=strict)
    except msgspec.ValidationError as error:
        raise _worded(str(error)) from None
    except (ValueError, RecursionError, OverflowError) as error:
        raise BadBody(_plain(error)) from None


# As many as the program has wire types.
_decoders: Final[dict[tuple[Any, bool], "msgspec.json.Decoder[Any]"]] = {}


def skim(body: bytes, type: type[T]) -> T:
    """As `decode`, for a long body whose `type` leaves the most of it raw (msgspec.Raw): that is not looked into,
    and has to be read piece by piece with `decode`. It takes a hundredth of the time."""
    if not body or body.startswith(_MARKS):
        _guard(body)
    try:
        value: T = _decoder(type, True).decode(body)
    except msgspec.ValidationError as error:
        raise _worded(str(error)) from None
    except (ValueError, RecursionError, OverflowError) as error:
        raise _blamed(body) or BadBody(_plain(error)) from None
    for field in msgspec.structs.fields(type):  # type: ignore[arg-type]
        if isinstance(found := getattr(value, field.name), str) and "\0" in found:
            raise BadBody("The text contains a NUL character", field.encode_name)
    return value


def _decoder(type: Any, strict: bool) -> "msgspec.json.Decoder[Any]":
    decoder = _decoders.get((type, strict))
    if decoder is None:
        decoder = _decoders[type, strict] = msgspec.json.Decoder(type, strict=strict)
    return decoder


def _guard(body: bytes) -> None:
    """Refuse what msgspec would take or die of; a small plain body costs a few scans in C."""
    if not body:
        raise BadBody("The body is empty")
    if body.startswith(_MARKS):
        raise BadBody("The body must be UTF-8 without a byte order mark")
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH and _too_deep(body):
        raise BadBody(f"The body is nested deeper than {MAX_DEPTH} levels, or its brackets do not match")
    if b"\0" in body or (b"\\u0000" in body and b"\\u0000" in body.replace(b"\\\\", b"__")):
        raise _blamed(body) or BadBody("The body contains a NUL character")


def _too_deep(body: bytes) -> bool:
    """Whether brackets outside strings stand deeper than MAX_DEPTH, found without recursion.

    Everything but the brackets is thrown away, then the innermost pairs, once per level.
    """
    if b'"' in body:
        # Without its escapes a quote always opens or closes, so every second piece is outside.
        plain = body.replace(b"\\\\", b"").replace(b'\\"', b"") if b"\\" in body else body
        body = b"".join(plain.split(b'"')[::2])
    brackets = body.translate(None, _NOT_BRACKETS).translate(_BRACES_TO_BRACKETS)
    for _ in range(MAX_DEPTH):
        if not brackets:
            return False
        brackets = brackets.replace(b"[]", b"")
    return bool(brackets)


# msgspec 0.22 ends its words with "- at `$.to[0]`" or "- at `key` in `$.d`".
_AT: Final = re.compile(r"^(.*?)(?: - at (?:`key` in )?`\$(.*)`)?$", re.DOTALL)
_NAMED: Final = re.compile(r"^Object (?:contains unknown|missing required) field `(.*)`$", re.DOTALL)


def _worded(message: str) -> BadBody:
    match = _AT.match(message)
    reason, path = (match[1], match[2] or "") if match else (message, "")
    if named := _NAMED.match(reason):
        path += f".{named[1]}"
    return BadBody(reason, path.removeprefix("."))


def _plain(error: Exception) -> str:
    return str(error) if isinstance(error, msgspec.DecodeError) else "The body is not readable JSON"


def _blamed(body: bytes) -> BadBody | None:
    """Look for the first odd character or number in a body that is otherwise JSON, to name its field."""
    if len(body) > MAX_BLAMED:
        return None
    try:
        text = body.decode("utf-8", "surrogateescape")
        tree = json.loads(
            text, strict=False, parse_constant=_Constant, parse_int=_nought, parse_float=_nought
        )
    except (ValueError, RecursionError):
        return None
    return next((BadBody(reason, field) for field, leaf in _leaves(tree) if (reason := _odd(leaf))), None)


class _Constant(str):
    """NaN, Infinity or -Infinity: Python's JSON reads them, RFC 8259 §6 does not know them."""

    __slots__ = ()


def _nought(_: str) -> int:
    return 0  # numbers are msgspec's business; reading 5,000 digits here would only raise


def _leaves(tree: Any, path: str = "") -> Iterator[tuple[str, object]]:
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield path, key
            yield from _leaves(value, f"{path}.{key}" if path else key)
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _leaves(value, f"{path}[{index}]")
    else:
        yield path, tree


def _odd(leaf: object) -> str:
    if isinstance(leaf, _Constant):
        return f"{leaf} is not a JSON number"
    if not isinstance(leaf, str):
        return ""
    if "\0" in leaf:
        return "The text contains a NUL character"
    if any("\ud800" <= character <= "\udfff" for character in leaf):
        return "The text is not UTF-8, or contains half of a surrogate pair"
    return ""
