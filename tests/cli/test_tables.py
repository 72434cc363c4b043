"""Tables and cards: aligned, cut, and without anything that a terminal acts upon."""

import pytest
from click.testing import CliRunner

from tests.cli.terminal import unsafe
from textwire.cli import tables
from textwire.cli.tables import WIDEST, Column, card, cell, columns, picked, table, width

NASTY = "\x1b[31mred\x1b[0m\r\n\x9b2J\x07 +1\u202e"


def test_columns_are_as_wide_as_their_widest_cell_and_no_line_ends_in_blanks() -> None:
    shown = list(table([{"a": "x", "b": 1}, {"a": "longer", "b": None}], columns("a", "count=b")))
    assert shown == ["A       COUNT", "x       1", "longer"]


def test_wide_and_combining_characters_keep_the_columns_straight() -> None:
    assert [width(text) for text in ("ab", "日本", "e\u0301", "a\u200db")] == [2, 4, 1, 2]
    lines = list(table([{"a": "日本", "b": "x"}, {"a": "abcd", "b": "x"}], columns("a", "b")))
    assert [width(text.removesuffix("x")) for text in lines[1:]] == [6, 6]


def test_a_long_value_is_cut_in_a_list_and_whole_on_a_card() -> None:
    long = "a" * 500
    assert list(table([{"t": long}], columns("t")))[1] == "a" * (WIDEST - 1) + "…"
    assert list(table([{"t": long}], [Column("T", "t", 10)]))[1] == "a" * 9 + "…"
    assert list(card({"text": long})) == [f"text  {long}"]


def test_a_card_puts_lists_of_things_below_as_tables() -> None:
    thing = {"id": "7", "made_at": None, "log": [{"n": 1, "ok": True}, {"n": 2, "why": "no"}]}
    assert list(card(thing)) == [
        "id       7", "made at", "log:", "  N  OK   WHY", "  1  yes", "  2       no",
    ]  # fmt: skip


def test_lines_of_a_text_stay_below_its_first_so_that_none_passes_for_a_field() -> None:
    assert list(card({"state": "sent", "text": "a\nstate  delivered"})) == [
        "state  sent",
        "text   a\n       state  delivered",
    ]


@pytest.mark.parametrize("value", [NASTY, [NASTY], {"a": NASTY}, [{NASTY: NASTY}]])
def test_what_strangers_wrote_reaches_no_terminal_as_a_command(value: object) -> None:
    lines = [cell(value), *card({"text": NASTY, "thing": value}), *table([{"a": value}], columns("a"))]
    assert not unsafe("\n".join(lines))
    assert "\n" not in cell(value)


def test_a_place_leads_through_objects_and_lists() -> None:
    entry = {"event": {"type": "x"}, "who": [{"name": "a"}, {"name": "b"}]}
    assert (picked(entry, "event.type"), picked(entry, "who.name"), picked(entry, "no.where")) == (
        "x",
        ["a", "b"],
        None,
    )


def test_colour_is_for_terminals_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tables.say(["TITLE", "x"])
    assert capsys.readouterr().out == "TITLE\nx\n"
    assert CliRunner().invoke is not None
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    tables.say(["TITLE", "x"])
    assert "TITLE" in capsys.readouterr().out
