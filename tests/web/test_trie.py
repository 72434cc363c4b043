"""Patterns and the paths that match them."""

import pytest

from textwire.web.trie import Trie, split_path, split_pattern


@pytest.mark.parametrize(
    ("raw", "segments"),
    [
        (b"/", []),
        (b"/a", ["a"]),
        (b"/a/", ["a"]),
        (b"/a//", ["a", ""]),
        (b"//", [""]),
        (b"//a", ["", "a"]),
        (b"/a//b", ["a", "", "b"]),
        (b"/+1%2B1", ["+1+1"]),
        (b"/tel:+1@x", ["tel:+1@x"]),
        (b"/a%2Fb/c", ["a/b", "c"]),
        (b"/%C3%A9%zz", ["é%zz"]),
        (b"/a/../b", ["a", "..", "b"]),
    ],
)
def test_paths_are_split_before_they_are_decoded(raw: bytes, segments: list[str]) -> None:
    assert split_path(raw) == segments


@pytest.mark.parametrize("raw", [b"/%ff", b"/a/%ED%A0%80", b"/a%00b"])
def test_paths_that_are_not_text_are_refused(raw: bytes) -> None:
    with pytest.raises(ValueError):
        split_path(raw)


@pytest.mark.parametrize("pattern", ["", "a", "/a/", "//a", "/a//b"])
def test_patterns_that_could_never_match_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError):
        split_pattern(pattern)


@pytest.mark.parametrize("segment", ["{", "{a", "{a}b", "{1}", "{a:}", "a{b}"])
def test_a_parameter_is_a_whole_segment(segment: str) -> None:
    with pytest.raises(ValueError):
        Trie[str]().put([segment], "x")


PATTERNS = [
    "/",
    "/a",
    "/a/{id}",
    "/a/new",
    "/a/{id}/b",
    "/a/new/c",
    "/{any}/x",
    "/{user:w\\d+}/x",
    "/{any}/y/{last}",
]


@pytest.fixture
def trie() -> Trie[str]:
    tree: Trie[str] = Trie()
    for pattern in PATTERNS:
        tree.put(split_pattern(pattern), pattern)
    return tree


@pytest.mark.parametrize(
    ("path", "pattern", "params"),
    [
        (b"/", "/", {}),
        (b"/a", "/a", {}),
        (b"/a/7", "/a/{id}", {"id": "7"}),
        (b"/a/new", "/a/new", {}),
        (b"/a/new/b", "/a/{id}/b", {"id": "new"}),
        (b"/a/new/c", "/a/new/c", {}),
        (b"/w12/x", "/{user:w\\d+}/x", {"user": "w12"}),
        (b"/w12x/x", "/{any}/x", {"any": "w12x"}),
        (b"/w1/y/z", "/{any}/y/{last}", {"any": "w1", "last": "z"}),
        (b"/a/y/z", "/{any}/y/{last}", {"any": "a", "last": "z"}),
        (b"/a/x", "/a/{id}", {"id": "x"}),
    ],
)
def test_the_most_literal_pattern_wins(
    trie: Trie[str], path: bytes, pattern: str, params: dict[str, str]
) -> None:
    assert trie.find(split_path(path)) == (pattern, params)


@pytest.mark.parametrize(
    "path", [b"/b", b"/a/", b"/a//", b"/a//b", b"/a/7/c", b"/w1/y", b"//x", b"/a/new/b/"]
)
def test_other_paths_match_nothing_or_their_own_pattern(trie: Trie[str], path: bytes) -> None:
    expected = {b"/a/": ("/a", {}), b"/a/new/b/": ("/a/{id}/b", {"id": "new"})}
    assert trie.find(split_path(path)) == expected.get(path)


def test_a_later_value_does_not_replace_the_first(trie: Trie[str]) -> None:
    assert trie.put(["a", "{id}"], "other") == "/a/{id}"


def test_the_longest_literal_prefix_is_found() -> None:
    tree: Trie[str] = Trie()
    tree.put(["v2"], "sipgate")
    tree.put(["v2", "reports"], "vonage")
    assert tree.longest(["v2", "x"]) == "sipgate"
    assert tree.longest(["v2", "reports", "1"]) == "vonage"
    assert tree.longest(["v2reports"]) is None
    assert tree.longest([]) is None


def test_a_long_path_costs_no_recursion(trie: Trie[str]) -> None:
    assert trie.find(["a"] * 100_000) is None
