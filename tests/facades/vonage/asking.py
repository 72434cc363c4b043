"""How clients ask the vendor's two hosts: parameters in query or form, Basic, JSON."""

import base64
from typing import Any
from urllib.parse import urlencode

import msgspec

from .house import KEY, SECRET, Answer, House

FORM = {"content-type": "application/x-www-form-urlencoded"}
FAILED = (420, {"error-code": "420", "error-code-label": "method failed"})
DONE = (200, {"error-code": "200", "error-code-label": "success"})
STRANGER = (401, {"error-code": "401", "error-code-label": "authentication failed"})


def basic(key: str = KEY, secret: str = SECRET) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{key}:{secret}".encode()).decode()}


async def get(house: House, path: str, **fields: Any) -> Answer:
    """With the credentials in the header, the fields in the query."""
    query = f"?{urlencode(fields)}" if fields else ""
    return await house.ask("GET", path + query, headers=basic())


async def post(house: House, path: str, **fields: Any) -> Answer:
    """As the SDKs do: a form, and Basic."""
    return await house.ask("POST", path, urlencode(fields).encode(), {**FORM, **basic()})


async def done(house: House, path: str, **fields: Any) -> tuple[int, Any]:
    """Status and body of such a call."""
    answer = await post(house, path, **fields)
    assert answer.headers["content-type"] == "application/json"
    return answer.status, answer.json


async def json(
    house: House, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
) -> Answer:
    """A JSON body, and Basic."""
    raw = b"" if body is None else msgspec.json.encode(body)
    return await house.ask(method, path, raw, basic() if headers is None else headers)


def problem(answer: Answer) -> tuple[int, str, str, list[str]]:
    """Status, end of the type, title and the names at fault of a problem document, whose shape is checked here."""
    assert answer.headers["content-type"] == "application/problem+json", answer
    said = answer.json
    assert {"type", "title", "detail", "instance"} <= set(said)
    assert len(said["instance"]) == 32
    kind = said["type"].removeprefix("https://developer.nexmo.com/api-errors")
    return answer.status, kind, said["title"], [one["name"] for one in said.get("invalid_parameters", [])]
