"""The OpenAPI document is what the program does: made of its routes, valid, and the same every time."""

import re
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.facades.api.foreign import path_to
from tests.facades.api.house import House
from tests.facades.api.test_gates import forms
from tests.vendors.packages import python_of
from textwire.domain.refusal import CODES
from textwire.facades.api.codes import SHELL
from textwire.facades.api.papers.calls import path_of

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture
async def document(house: House) -> Any:
    answer = await house.ask("GET", "/api/openapi.json")
    assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
    return msgspec.json.decode(answer.body)


def operations(document: Any) -> list[tuple[str, str, Any]]:
    return [
        (method.upper(), path, item[method])
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    ]


async def test_every_route_stands_in_the_document_and_nothing_else(house: House, document: Any) -> None:
    told = {(method, path) for method, path, _ in operations(document)}
    assert told == {(route.method, path_of(route.pattern)) for route in house.door.routes}


def test_every_operation_says_what_it_takes_and_answers(document: Any) -> None:
    mute = {f"{method} {path}" for method, path, one in operations(document) if "x-undescribed" in one}
    assert not mute, "give these an About"


async def test_the_document_is_made_once(house: House) -> None:
    first, second = [await house.ask("GET", "/api/openapi.json") for _ in range(2)]
    assert first.body == second.body


def test_operations_have_names_of_their_own_and_a_subject(document: Any) -> None:
    names = [one["operationId"] for _, _, one in operations(document)]
    assert len(set(names)) == len(names)
    subjects = {tag["name"] for tag in document["tags"]}
    assert {subject for _, _, one in operations(document) for subject in one["tags"]} == subjects


def test_every_code_that_is_told_is_one_of_ours_and_stands_at_its_status(document: Any) -> None:
    seen = 0
    for _, _, one in operations(document):
        for status, answer in one["responses"].items():
            for content in answer.get("content", {}).values():
                for code in content["schema"].get("properties", {}).get("code", {}).get("enum", ()):
                    assert code in CODES or code in SHELL
                    assert content["schema"]["properties"]["status"]["const"] == int(status)
                    seen += 1
    assert seen > 50


def test_every_reference_leads_somewhere(document: Any) -> None:
    references = set(re.findall(r'"\$ref":"#/([^"]+)"', msgspec.json.encode(document).decode()))
    assert references
    for reference in references:
        place: Any = document
        for word in reference.split("/"):
            place = place[word]


def test_the_document_is_valid_openapi(document: Any, tmp_path: Path) -> None:
    written = tmp_path / "openapi.json"
    written.write_bytes(msgspec.json.encode(document))
    run = subprocess.run(
        [str(python_of("fuzz")), "-m", "openapi_spec_validator", "--schema", "3.1", str(written)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr


# Refusals of examples that are about the house, not about what was written: there is no such thing, or it is taken. (A
# replay takes a time of the last days, and no example stays recent.)
ABOUT_THE_HOUSE = (402, 403, 404, 409, 429)


async def test_every_example_of_a_body_is_one_that_the_call_takes(house: House, document: Any) -> None:
    wrong = {}
    for operation in forms(house):
        told = document["paths"][path_of(operation.pattern)][operation.method.lower()]["requestBody"][
            "content"
        ]
        path = await path_to(operation, house.alice)
        reply = await house.alice.ask(operation.method, path, told["application/json"]["example"])
        if (
            reply.status >= 300
            and reply.status not in ABOUT_THE_HOUSE
            and path.rpartition("/")[2] != "replay"
        ):
            wrong[f"{operation.method} {operation.pattern}"] = reply.body
    assert not wrong, "say in the About what would work: example={…}"


def test_every_example_of_an_answer_has_what_its_schema_needs(document: Any) -> None:
    seen = 0
    for method, path, one in operations(document):
        for answer in one["responses"].values():
            for content in answer.get("content", {}).values():
                if "example" in content and "$ref" in content.get("schema", {}):
                    schema = document["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
                    assert set(schema["required"]) <= set(content["example"]), (method, path)
                    seen += 1
    assert seen > 20
