"""The parameters of the lists: how many, from where, only new ones, only those since a time."""

# conversation.getMessages and getMessagesInThread of the Node.js SDK name them: max, next, new, lastMessageTime;
# Python's SDK has last_message_time, and sends it so.
# What else that page names (name, firstName, order …) is the directory's, and means nothing here.

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from textwire.domain.refusal import Refusal

# The browser SDK asks for no page and wants all that it should show in the first answer.
MOST: Final = 1_000
YES: Final = frozenset({"true", "1", "yes"})
LEAST_MILLISECONDS: Final = 10**11  # below, a time is in seconds: 1973 in the one, the year 5138 in the other

_COUNT: Final = re.compile(r"[0-9]{1,9}")
_TIME: Final = re.compile(r"[0-9]{1,15}")


class Asked(msgspec.Struct, frozen=True):
    """`since`: the first µs that counts, 0: all do; `next`: "" begins at the newest."""

    max: int
    next: str
    new: bool
    since: int


def asked(query: Mapping[str, str]) -> Asked:
    """What a query asks for; an empty value is as good as none. Raises Refusal."""
    return Asked(
        max=_count(query.get("max", "")),
        next=query.get("next", ""),
        new=query.get("new", "").lower() in YES,
        since=_since(query.get("lastMessageTime") or query.get("last_message_time", "")),
    )


def _count(raw: str) -> int:
    if not raw:
        return MOST
    if not _COUNT.fullmatch(raw) or int(raw) == 0:
        raise Refusal("invalid_field", field="max")
    return min(int(raw), MOST)


def _since(raw: str) -> int:
    """Behind the instant that is named: of what we show there as that millisecond, nothing comes again."""
    if not raw:
        return 0
    if not _TIME.fullmatch(raw):
        raise Refusal("invalid_field", field="lastMessageTime")
    at = int(raw)
    milliseconds = at if at >= LEAST_MILLISECONDS else at * 1000
    return (milliseconds + 1) * 1000
