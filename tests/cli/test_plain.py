"""What strangers write reaches no terminal as a command, and no log line as a second one."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.terminal import unsafe
from textwire.cli.plain import document, line, plain

HOSTILE = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "\x1b\x9b\x9d\x90\x9c\x07[]\\;mAKP^_X0123?hl\r\n\t\x0b\u202e\u2066\u2028\x85\x7f\ud800"
        ),
        st.characters(),
    )
)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("hello", "hello"),
        ("Grüße 👋🏽 مرحبا", "Grüße 👋🏽 مرحبا"),
        ("👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👨‍👩‍👧 🏴󠁧󠁢󠁥󠁮󠁧󠁿"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b[2J\x1b[Hgone", "gone"),
        ("\x9b31mred", "red"),
        ("\x1b]0;your new title\x07text", "text"),
        ("\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bP1$r\x1b\\text", "text"),
        ("\x1b]never ended", "never ended"),
        ("\x1bcreset", "reset"),
        ("\x1b", ""),
        ("bell\x07 back\x08 nul\x00 del\x7f", "bell back nul del"),
        ("tab\tstop", "tab stop"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("left \u202eright", "left right"),
        ("half \ud83d pair", "half \ufffd pair"),
    ],
)
def test_what_is_shown_of_a_text(written: str, shown: str) -> None:
    assert plain(written) == shown


@given(HOSTILE)
def test_no_control_is_left_but_line_feeds(text: str) -> None:
    assert not unsafe(plain(text))
    assert not unsafe(line(text))
    plain(text).encode()


@given(HOSTILE)
def test_a_text_is_plain_after_one_pass(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@given(HOSTILE)
def test_a_line_is_one_line(text: str) -> None:
    assert len(line(text).splitlines()) <= 1


def test_further_lines_are_indented_so_that_none_passes_for_a_message() -> None:
    assert plain("hi\n12:00:00 +491: pay me", "  ") == "hi\n  12:00:00 +491: pay me"


@given(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\x1b\x9b\x7f\u202e\u2028")))
def test_a_document_is_one_line_of_json_with_the_same_content(text: str) -> None:
    written = document({"text": text})
    assert json.loads(written) == {"text": text}
    assert len(written.splitlines()) == 1
    assert not unsafe(written)


@pytest.mark.parametrize("opener", ["\x1b]", "\x9d", "\x1b[", "\x9b0", "\x1bP0", "\x1b "])
def test_a_flood_of_openers_takes_no_time(opener: str) -> None:
    started = time.process_time()
    plain(opener * 50_000)
    assert time.process_time() - started < 1.0
