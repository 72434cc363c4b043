"""Makes text that strangers wrote fit for a terminal and for one line of JSON."""

import re
from typing import Any, Final

# Escape sequences go as a whole: "[31m" without its ESC would be noise. ECMA-48 §5.3 to §5.6: ESC or its 8-bit
# form; control sequences; control strings up to their end; two-character ones. No part matches an opener again,
# so the time taken grows with the length only.
_ESCAPES: Final = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b[PX\]^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x80-\x9f]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[ -/]*[0-~]?"
)
# What moves the cursor, turns the direction of other text round, or breaks a line where we did not.
_BIDI: Final = "\u202a-\u202e\u2066-\u2069"
_CONTROLS: Final = re.compile(f"[\x00-\x09\x0b-\x1f\x7f-\x9f{_BIDI}]")
_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_BREAKS: Final = re.compile("\r\n?|[\u2028\u2029\x0b\x0c\x85]")
_UNSAFE_IN_JSON: Final = re.compile(f"[\x7f-\x9f{_BIDI}\u2028\u2029]")


def plain(text: str, indent: str = "") -> str:
    """The text without a byte that a terminal acts upon, but line feeds; further lines start with `indent`."""
    text = _BREAKS.sub("\n", _ESCAPES.sub("", text)).replace("\t", " ")
    text = whole(_CONTROLS.sub("", text))
    return text.replace("\n", f"\n{indent}")


def line(text: str) -> str:
    """The same in one line."""
    return " ".join(plain(text).split())


def whole(text: str) -> str:
    """The text with U+FFFD for halves of surrogate pairs, which no encoding can write."""
    return _SURROGATES.sub("\ufffd", text)


def document(value: Any) -> str:
    """One line of JSON that is safe on a terminal: what JSON itself leaves as it is becomes \\uXXXX."""
    import msgspec  # here, because `textwire --help` needs none of it

    encoded = msgspec.json.encode(value).decode()
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", encoded)
