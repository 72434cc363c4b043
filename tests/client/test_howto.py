"""The tutorial's blocks run as they stand, one after the other, as a reader would type them."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.serving import Server

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "python.md"
FIRST_LINE = re.compile(r"^def test_", re.MULTILINE)


def blocks(*, tests: bool = False) -> list[str]:
    found = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return [block for block in found if bool(FIRST_LINE.search(block)) is tests]


def test_the_tutorial_runs(
    running: Server, key: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TEXTWIRE_URL", running.url)
    monkeypatch.setenv("TEXTWIRE_KEY", key)
    names: dict[str, Any] = {}
    for block in blocks():
        exec(compile(block, str(PAGE), "exec"), names)
    said = capsys.readouterr().out
    assert "submitting 0.07" in said
    assert "message.delivered" in said
    assert "invalid_address to" in said
    assert "message.received echo: are you there?" in said
    assert "+16139998877 DeliveredToNetwork" in said
    assert "['+16139998877']" in said
    assert "+447700910009 says echo: are you there?" in said
    assert "['are you there?', 'echo: are you there?']" in said
    names["client"].hooks.delete(names["hook"].id)
    names["client"].close()


def test_its_tests_pass(pytester: pytest.Pytester) -> None:
    [block] = blocks(tests=True)
    pytester.makepyfile(block)
    plugins = ("-p", "textwire_client.testing", "-p", "no:cacheprovider")
    pytester.runpytest_subprocess(*plugins, timeout=300).assert_outcomes(passed=block.count("def test_"))
