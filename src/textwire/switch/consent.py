"""STOP, START and HELP: what a person's one-word text means for those who text them."""

import re
from typing import Literal

Wish = Literal["stop", "start", "help"]

# The main languages' words come with the compliance issue; the table is the place for them.
KEYWORDS: dict[str, Wish] = {
    **dict.fromkeys(
        ("stop", "stopall", "stop all", "unsubscribe", "cancel", "end", "quit", "revoke", "opt out", "optout"), "stop"
    ),
    **dict.fromkeys(("start", "unstop", "subscribe"), "start"),
    **dict.fromkeys(("help", "info"), "help"),
}  # fmt: skip
LONGEST = max(map(len, KEYWORDS))

ANSWERS: dict[Wish, str] = {
    "stop": "You are unsubscribed and will get no more messages from this number. Reply START to get them again.",
    "start": "You will get messages from this number again. Reply STOP to end them.",
    "help": "Reply STOP to get no more messages from this number, START to get them again.",
}

_EDGES = re.compile(r"^\W+|\W+$")
_GAPS = re.compile(r"[\W_]+")


def wish(text: str) -> Wish | None:
    """What a text asks for, if it is nothing but a keyword in any case and punctuation."""
    if len(text) > LONGEST + 16:
        return None
    return KEYWORDS.get(_GAPS.sub(" ", _EDGES.sub("", text)).casefold())
