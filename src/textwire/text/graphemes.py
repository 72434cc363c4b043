"""Where a text may be cut without tearing a character as its reader sees it: the extended grapheme clusters of
UAX #29."""

import re
from typing import Final

from textwire.text.grapheme_tables import Class, class_of

# Between two of these there is always a boundary: Latin without marks, Greek, Cyrillic, Armenian, Hebrew and
# Arabic letters, kana, Han, Hangul syllables. Only a shortcut: what it leaves out is looked at by the rules.
_PLAIN: Final = (
    r"[ -~\u00a0-\u00a8\u00aa-\u00ac\u00af-\u02ff\u0370-\u0482\u048a-\u058a\u05d0-\u05ea\u0620-\u064a\u0660-\u066f"
    r"\u0671-\u06d3\u1e00-\u1fff\u2010-\u2027\u3041-\u3096\u309b-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
)
_PLAIN_PAIR: Final = re.compile(_PLAIN * 2)

_CONTROLS: Final = frozenset({Class.CR, Class.LF, Class.CONTROL})
_EXTENDERS: Final = frozenset({Class.EXTEND, Class.LINKER, Class.ZWJ, Class.SPACING_MARK})
# GB6 – GB8: what a Hangul class may be followed by within a syllable
_SYLLABLE: Final = {
    Class.L: frozenset({Class.L, Class.V, Class.LV, Class.LVT}),
    Class.LV: frozenset({Class.V, Class.T}),
    Class.V: frozenset({Class.V, Class.T}),
    Class.LVT: frozenset({Class.T}),
    Class.T: frozenset({Class.T}),
}


def boundary(text: str, start: int, end: int) -> int:
    """The last cluster boundary in (start, end] — `end` itself if a single cluster covers all of it.

    `start` counts as a boundary; 0 <= start < end <= len(text).
    """
    if end == len(text) or _PLAIN_PAIR.match(text, end - 1):
        return end
    last = first = _anchor(text, start, end)
    rules = _Rules(class_of(text[first]))
    for at in range(first + 1, end + 1):
        if rules.breaks_before(class_of(text[at])):
            last = at
    return end if last == start else last


def _anchor(text: str, start: int, end: int) -> int:
    """A boundary near `end` to begin at: the last blank, which only a prepended mark can join to what is before
    it; else `start`."""
    blank = text.rfind(" ", start + 1, end)
    return blank if blank > 0 and class_of(text[blank - 1]) is not Class.PREPEND else start


class _Rules:
    """The rules GB3 – GB999, fed with one class after the other."""

    def __init__(self, first: Class) -> None:
        self._previous = first
        self._flags_odd = first is Class.REGIONAL  # GB12, GB13: an odd number of them stands before
        self._pictograph = first is Class.PICTOGRAPH  # GB11: a pictograph and its extenders stand before
        self._consonant = first is Class.CONSONANT  # GB9c: a consonant, its marks and linkers stand before
        self._linked = False  # ... with at least one linker

    def breaks_before(self, current: Class) -> bool:
        """Whether there is a boundary before a character of that class."""
        breaks = not self._joins(current)
        self._remember(current)
        return breaks

    def _joins(self, current: Class) -> bool:
        previous = self._previous
        if previous in _CONTROLS or current in _CONTROLS:  # GB3 – GB5
            return previous is Class.CR and current is Class.LF
        if current in _EXTENDERS or previous is Class.PREPEND:  # GB9, GB9a, GB9b
            return True
        if current is Class.CONSONANT:  # GB9c
            return self._linked
        if current is Class.PICTOGRAPH:  # GB11
            return previous is Class.ZWJ and self._pictograph
        if current is Class.REGIONAL:  # GB12, GB13
            return self._flags_odd
        return current in _SYLLABLE.get(previous, ())  # GB6 – GB8, GB999

    def _remember(self, current: Class) -> None:
        marks = current in (Class.EXTEND, Class.ZWJ)
        self._flags_odd = current is Class.REGIONAL and not self._flags_odd
        self._pictograph = current is Class.PICTOGRAPH or (
            self._pictograph and (marks or current is Class.LINKER) and self._previous is not Class.ZWJ
        )
        self._linked = (current is Class.LINKER and self._consonant) or (self._linked and marks)
        self._consonant = current is Class.CONSONANT or (
            self._consonant and (marks or current is Class.LINKER)
        )
        self._previous = current
