"""Vonage's first Python SDK, nexmo 2.5.2 unmodified from PyPI: its addresses are built in, on port 443."""

from pathlib import Path

from .apart import run_apart

NAMES = "rest.nexmo.com api.nexmo.com"


def test_apart_the_first_python_sdk_works_where_the_vendors_names_are_this_machine(tmp_path: Path) -> None:
    assert "6 passed" in run_apart(tmp_path, NAMES, "nexmo", "tests/vendors/apart_nexmo.py")
