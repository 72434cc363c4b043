"""Patterns of paths, kept as a tree of segments: the most literal match wins."""

import re
from typing import Final, Generic, TypeVar

from textwire.web.forms import percent_decoded

T = TypeVar("T")

_PARAM: Final = re.compile(r"\{([a-zA-Z_][a-zA-Z0-9_]*)(?::(.+))?\}")


def split_path(raw: bytes) -> list[str]:
    """The decoded segments of a request's path, one trailing slash stripped; `/` has none.

    `//` is kept as an empty segment. Raises ValueError for broken UTF-8 and for NUL.
    """
    if raw.endswith(b"/"):
        raw = raw[:-1]
    if b"%" in raw:
        segments = [percent_decoded(segment) for segment in raw.split(b"/")[1:]]
    else:
        segments = raw.decode().split("/")[1:]
    if b"\0" in raw or b"%00" in raw:
        raise ValueError("NUL in a path")
    return segments


def split_pattern(pattern: str) -> list[str]:
    """The segments of a pattern or a prefix; raises ValueError if it could never match."""
    if pattern == "/":
        return []
    if not pattern.startswith("/") or pattern.endswith("/") or "//" in pattern:
        raise ValueError(f"not a path pattern: {pattern}")
    return pattern[1:].split("/")


class _Node(Generic[T]):
    __slots__ = ("literals", "params", "value")

    def __init__(self) -> None:
        self.literals: dict[str, _Node[T]] = {}
        self.params: list[tuple[str, re.Pattern[str] | None, _Node[T]]] = []
        self.value: T | None = None

    def child(self, segment: str) -> "_Node[T]":
        """The node under a pattern's segment, made if it is new."""
        if "{" not in segment:
            return self.literals.setdefault(segment, _Node())
        match = _PARAM.fullmatch(segment)
        if match is None:
            raise ValueError(f"not a path parameter: {segment}")
        rule = re.compile(match[2]) if match[2] else None
        for name, known, node in self.params:
            if (name, known) == (match[1], rule):
                return node
        fresh: _Node[T] = _Node()
        self.params.append((match[1], rule, fresh))
        self.params.sort(key=lambda param: param[1] is None)  # the narrower ones are tried first
        return fresh


class Trie(Generic[T]):
    """A map from patterns to values; its depth is that of its patterns, not of what is looked up."""

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def put(self, pattern: list[str], value: T) -> T:
        """Keep `value` at a pattern, unless there is one already; the one that is kept."""
        node = self._root
        for segment in pattern:
            node = node.child(segment)
        if node.value is None:
            node.value = value
        return node.value

    def find(self, segments: list[str]) -> tuple[T, dict[str, str]] | None:
        """The value whose pattern matches all segments, with its parameters."""
        params: dict[str, str] = {}
        value = _match(self._root, segments, 0, params)
        return None if value is None else (value, params)

    def longest(self, segments: list[str]) -> T | None:
        """The value of the longest literal prefix of the segments."""
        node, best = self._root, self._root.value
        for segment in segments:
            following = node.literals.get(segment)
            if following is None:
                break
            node = following
            best = node.value if node.value is not None else best
        return best


def _match(node: _Node[T], segments: list[str], at: int, params: dict[str, str]) -> T | None:
    """Walk on while there is one way; where there are several try each, words before parameters."""
    for here in range(at, len(segments)):
        segment = segments[here]
        if node.params and segment:
            return _match_any(node, segments, here, params)
        following = node.literals.get(segment)
        if following is None:
            return None
        node = following
    return node.value


def _match_any(node: _Node[T], segments: list[str], at: int, params: dict[str, str]) -> T | None:
    segment = segments[at]
    if segment in node.literals:
        value = _match(node.literals[segment], segments, at + 1, params)
        if value is not None:
            return value
    for name, rule, child in node.params:
        if rule is None or rule.fullmatch(segment):
            value = _match(child, segments, at + 1, params)
            if value is not None:
                params[name] = segment  # on the way back, so that no dead end leaves a trace
                return value
    return None
