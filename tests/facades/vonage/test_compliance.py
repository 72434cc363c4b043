"""The page of what works names tests that exist, and every path that there is."""

import re
from pathlib import Path

import pytest

from .house import House

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "compliance" / "vonage.md").read_text(encoding="utf-8")
FOLDERS = ("", "tests/facades/vonage", "tests/vendors", "tests/journeys")
FILES = sorted(set(re.findall(r"`([\w/]+\.py)", PAGE)))


@pytest.mark.parametrize("file", FILES)
def test_the_tests_that_the_page_names_exist(file: str) -> None:
    assert any((ROOT / folder / file).is_file() for folder in FOLDERS)


def test_each_single_test_that_the_page_names_exists() -> None:
    source = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    named = set(re.findall(r"::(\w+)`", PAGE))
    assert len(named) > 15
    missing = {name for name in named if not re.search(rf"^(async )?def {name}\(", source, re.MULTILINE)}
    assert not missing


async def test_every_path_of_the_door_stands_on_the_page(house: House) -> None:
    for route in house.door.routes:
        words = re.sub(r"\{[^/]*\}", "…", route.pattern).strip("/").split("/")
        last = next(word for word in reversed(words) if word not in ("…", "outbound"))
        assert f"/{last}" in PAGE or f"`{last}`" in PAGE, route.pattern
