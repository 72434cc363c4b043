"""The drawn page and the table say the same."""

import re
from pathlib import Path

from textwire.domain.message import RISE, STATES, TRANSITIONS

PAGE = (Path(__file__).parents[2] / "docs" / "states.md").read_text(encoding="utf-8")


def rows(header: str) -> dict[str, list[str]]:
    """The rows of the page's table that begins with a header: first cell → the other cells."""
    table = PAGE.split(header, 1)[1].split("\n\n", 1)[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
    return {first: rest for first, *rest in cells}


def test_the_page_lists_every_transition_and_no_other() -> None:
    listed = {name: set(re.split(r",\s*", to[0])) for name, to in rows("| from | to |").items()}
    wanted = {name or "(birth)": set(to) for name, to in TRANSITIONS.items() if to and name not in RISE}
    assert listed == wanted


def test_the_page_says_what_every_state_means() -> None:
    assert set(rows("| state | means |")) == STATES


def test_the_page_names_the_order_in_which_final_states_rise() -> None:
    assert f"in the order {' < '.join(RISE)}:" in PAGE
