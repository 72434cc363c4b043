"""docs/api.md tells what there is."""

import re
from pathlib import Path

import msgspec
import pytest

from textwire.domain.refusal import CODES, Refusal
from textwire.facades.api import problem, reading, views
from textwire.facades.api.hooks.forms import EVENTS
from textwire.facades.api.sending import Form
from textwire.web import problem as web

from .house import House

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
ROWS = re.findall(r"^\| (\d{3}) \| (.+?) \|", PAGE, re.MULTILINE)
TOLD = {(int(status), code) for status, codes in ROWS for code in re.findall(r"`(\w+)`", codes)}


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_refusal_stands_on_the_page_with_its_status(code: str) -> None:
    assert (problem.of_refusal(Refusal(code)).status, code) in TOLD


def test_every_problem_of_the_shell_stands_on_the_page_with_its_status() -> None:
    found = [value for value in vars(web).values() if isinstance(value, web.Problem)]
    found += [web.wrong_method([]), web.too_large(1, False), reading._NOT_JSON]
    assert len(found) > 7
    assert {(one.status, one.code) for one in found} <= TOLD


async def test_every_call_stands_on_the_page(house: House) -> None:
    for route in house.door.routes:
        assert f"`{route.method} {route.pattern}`" in PAGE, (route.method, route.pattern)


async def test_every_call_on_the_page_is_there(house: House) -> None:
    there = {f"{route.method} {route.pattern}" for route in house.door.routes}
    told = set(re.findall(r"`((?:GET|POST|PUT|PATCH|DELETE) /[^`\s?]*)", PAGE))
    assert len(told) > 80
    assert told <= there


def test_every_field_of_a_text_and_of_a_message_stands_on_the_page() -> None:
    for field in msgspec.structs.fields(Form):
        assert f"| `{field.encode_name}` |" in PAGE
    for field in msgspec.structs.fields(views.MessageView):
        assert f'"{field.encode_name}":' in PAGE


def test_every_event_stands_on_the_page() -> None:
    for name in EVENTS:
        assert f"`{name}`" in PAGE
