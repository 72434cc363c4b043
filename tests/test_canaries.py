"""The check that every server's log goes through can fail."""

import json
import sqlite3
from pathlib import Path

import pytest

from tests.canaries import check

SECRETS = {
    "api": {"key": "tw_canary_key_1"},
    "kandy": {"password": 'can"ary\\pass'},
    "numbers": ["+16139998877"],
}
TEXT, NUMBER = "a text of its own\nin two lines", "+447700900123"


@pytest.fixture
def life(tmp_path: Path) -> Path:
    """What a server leaves behind."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "credentials.json").write_text(json.dumps(SECRETS))
    (tmp_path / "data" / "server.key").write_text("the key of this server\n")
    with sqlite3.connect(tmp_path / "data" / "textwire.db") as store:
        store.execute("create table message (text, sender, recipient)")
        store.execute(
            "insert into message values (?, ?, ?), ('hi', 'Sender', ?)",
            (TEXT, "+4915799912345", NUMBER, NUMBER),
        )
    store.close()
    (tmp_path / "server.out").write_text("tw_canary_key_1 +16139998877\nready http://127.0.0.1:1\n")
    (tmp_path / "server.err").write_text('{"event":"server.started"}\n{"event":"hi","to":"+44770*****23"}\n')
    return tmp_path


def test_a_clean_life_passes(life: Path) -> None:
    check(life)


@pytest.mark.parametrize(
    "written",
    ["key=tw_canary_key_1", json.dumps({"x": 'can"ary\\pass'}), "the key of this server", json.dumps([TEXT]), TEXT,
     NUMBER, "447700900123", "4915799912345", "+16139998877"],
)  # fmt: skip
def test_whatever_is_written_that_never_may_be_is_found(life: Path, written: str) -> None:
    with (life / "server.err").open("a") as log:
        log.write(f'{{"event":"oops","x":"{written}"}}\n')
    with pytest.raises(AssertionError, match="never may"):
        check(life)


def test_what_is_printed_after_the_greeting_is_looked_at_too(life: Path) -> None:
    with (life / "server.out").open("a") as out:
        out.write(TEXT)
    with pytest.raises(AssertionError, match="never may"):
        check(life)


def test_without_a_readable_store_secrets_are_looked_for_all_the_same(life: Path) -> None:
    (life / "data" / "textwire.db").write_bytes(b"no database")
    check(life)
    (life / "server.err").write_text("tw_canary_key_1")
    with pytest.raises(AssertionError, match="never may"):
        check(life)
