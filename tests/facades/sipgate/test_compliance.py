"""The page of what works names tests that exist, and every call that there is."""

import re
from pathlib import Path

import pytest

from .house import House

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "compliance" / "sipgate.md").read_text(encoding="utf-8")
FOLDERS = ("", "tests/facades/sipgate", "tests/vendors")  # with their folders inside
FILES = sorted(set(re.findall(r"`([\w/]+\.py)", PAGE)))


@pytest.mark.parametrize("file", FILES)
def test_the_tests_that_the_page_names_exist(file: str) -> None:
    assert any((ROOT / folder / file).is_file() for folder in FOLDERS)


def test_each_single_test_that_the_page_names_exists() -> None:
    source = "\n".join(
        path.read_text()
        for folder in ("tests/facades/sipgate", "tests/vendors", "tests/verify")
        for path in (ROOT / folder).rglob("*.py")
    )
    named = set(re.findall(r"::(\w+)`", PAGE))
    assert len(named) > 15
    missing = {name for name in named if not re.search(rf"^(async )?def {name}\(", source, re.MULTILINE)}
    assert not missing


async def test_every_call_of_the_door_stands_on_the_page(house: House) -> None:
    operations = PAGE.partition("## Operations")[2].partition("## Ground rules")[0]
    rows = [line for line in operations.splitlines() if line.startswith("| ")]
    for route in house.door.routes:
        words = re.sub(r"\{[^/]*\}", "…", route.pattern.removeprefix("/v2")).strip("/").split("/")
        last = next((word for word in reversed(words) if word != "…"), "")
        assert any(route.method in row and f"/{last}" in row for row in rows), (route.method, route.pattern)
