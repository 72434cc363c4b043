"""The server's own key: whole or not there, whenever its first start may end."""

import os
from pathlib import Path

import pytest

from textwire.app import SERVER_KEY, _server_key
from textwire.config import BadConfig


def test_the_key_is_made_once_and_private(tmp_path: Path) -> None:
    key = _server_key(tmp_path)
    assert len(key) >= 43
    assert _server_key(tmp_path) == key
    assert (tmp_path / SERVER_KEY).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [SERVER_KEY]


def test_a_first_start_that_ends_while_the_key_is_written_leaves_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(_: int) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", die)
        with pytest.raises(Killed):
            _server_key(tmp_path)
    assert not (tmp_path / SERVER_KEY).exists()
    assert _server_key(tmp_path)


def test_an_empty_key_is_refused_because_anybody_knows_it(tmp_path: Path) -> None:
    (tmp_path / SERVER_KEY).touch()
    with pytest.raises(BadConfig, match="empty"):
        _server_key(tmp_path)
