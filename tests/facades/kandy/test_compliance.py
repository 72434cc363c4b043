"""The page of what works names tests that exist, and every call that there is."""

import re
from pathlib import Path

import pytest

from .house import House

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "compliance" / "kandy.md").read_text(encoding="utf-8")
FOLDERS = ("", "tests/facades/kandy", "tests/vendors")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))
# What the page calls a path by.
SHORT = {
    "/cpaas/smsmessaging/v1/{user}": "U", "/cpaas/notificationchannel/v1/{user}/channels": "C",
    "/cpaas/auth/v1/token": "/cpaas/auth/v1/token",
}  # fmt: skip


@pytest.mark.parametrize(("file", "test"), NAMED, ids=lambda part: part)
def test_a_test_that_the_page_names_exists(file: str, test: str) -> None:
    places = [path for folder in FOLDERS if (path := ROOT / folder / file).is_file()]
    assert places, file
    assert any(re.search(rf"^(async )?def {test}\(", path.read_text(), re.MULTILINE) for path in places)


def test_every_row_says_whether_it_works_and_what_shows_it() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "---" not in line]
    operations = [row for row in rows if re.match(r"\| (`|…)", row)]
    assert len(operations) > 20
    for row in operations:
        _, _, works, shown, _ = row.split(" | ") if row.count(" | ") > 3 else ("", *row.split(" | "), "")
        assert re.match("yes|partly|no", works), row
        assert "::" in shown or shown.startswith("–") or works.startswith("no"), row


async def test_every_call_of_the_door_stands_on_the_page(house: House) -> None:
    operations = PAGE.partition("## Operations")[2].partition("## Ground rules")[0]
    for route in house.door.routes:
        root = next(path for path in SHORT if route.pattern.startswith(path))
        rest = route.pattern.removeprefix(root).strip("/").split("/")[0]
        said = f"{SHORT[root]}/{rest}".rstrip("/").replace("/{id}", "")
        assert re.search(rf"`{route.method}\b[^|]*{re.escape(said)}", operations), (route.method, said)
    assert house.door.sockets
    assert "WebSocket `C/{id}/websocket`" in operations
