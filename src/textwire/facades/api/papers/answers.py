"""How calls end: the answer of one that was taken, and a problem document for each status that a refusal has."""

from collections import defaultdict
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, Final

import msgspec

from textwire.facades.api.about import Operation
from textwire.facades.api.codes import meaning_of, status_of, type_of
from textwire.facades.api.problem import HEADERS, ProblemDocument
from textwire.web.limits import Limits
from textwire.web.response import JSON, PROBLEM_JSON

from .samples import Samples
from .schemas import Schema, Schemas

# Refusals that a call has for what it is, whoever wrote it.
ANY_CALL: Final = ("bad_path",)
WITH_KEY: Final = ("unauthorized", "queue_full", "unavailable", "stopping")
WITH_SCOPE: Final = ("scope_missing",)
SIMULATED: Final = ("not_simulated",)
WITH_QUERY: Final = ("invalid_field", "unknown_field")
WITH_NEEDED: Final = ("missing_field",)
WITH_FORM: Final = (
    "invalid_body", "invalid_field", "missing_field", "unknown_field", "body_timeout", "too_large",
    "unsupported_media_type", "unsupported_encoding",
)  # fmt: skip
WITH_NAME: Final = ("not_found",)
REPEATABLE: Final = ("invalid_field", "idempotency_mismatch")

# The HTTP shell says so before anything of ours has seen the request.
HEAD_TOO_LARGE: Final[Schema] = {
    "description": f"The path, the query and the headers together are larger than {Limits().head_bytes:,} bytes.",
    "content": {"text/plain": {"schema": {"type": "string"}}},
}


def codes_of(operation: Operation) -> dict[int, list[str]]:
    """Status → the codes that this call may be refused with, both in order."""
    about = operation.about
    assert about is not None
    told: list[str] = [*ANY_CALL, *about.codes]
    for has, more in (
        (operation.scope is not None, WITH_KEY),
        (bool(operation.scope), WITH_SCOPE),
        (operation.simulated, SIMULATED),
        (about.query is not None, WITH_QUERY),
        (about.query is not None and _needs_some(about.query), WITH_NEEDED),
        (about.form is not None, WITH_FORM),
        ("{" in operation.pattern, WITH_NAME),
        (about.once, REPEATABLE),
    ):
        told += more if has else ()
    by_status: dict[int, set[str]] = defaultdict(set)
    for code in told:
        by_status[status_of(code)].add(code)
    return {status: sorted(codes) for status, codes in sorted(by_status.items())}


def _needs_some(query: Any) -> bool:
    return any(field.required for field in msgspec.structs.fields(query))


def answers(operation: Operation, schemas: Schemas, samples: Samples) -> Schema:
    """The `responses` of an operation."""
    about = operation.about
    assert about is not None
    taken: Schema = {"description": HTTPStatus(about.status).phrase, "headers": _headers()}
    if about.once:
        taken["headers"]["Idempotent-Replayed"] = {"$ref": "#/components/headers/Idempotent-Replayed"}
    if about.answer is not None:
        schema = schemas.of(about.answer)
        taken["content"] = {about.media: {"schema": schema}}
        if about.media == JSON:
            taken["content"][JSON]["example"] = samples.of(schema.get("anyOf", [schema])[0])
    elif about.media != JSON:
        taken["content"] = {media: {"schema": {"type": "string"}} for media in (about.media, *about.also)}
    refused = {str(status): problem(status, codes) for status, codes in codes_of(operation).items()}
    if about.query is not None:
        refused["431"] = HEAD_TOO_LARGE
    return {str(about.status): taken, **refused}


def problem(status: int, codes: list[str]) -> Schema:
    """A refusal with this status, by one of these codes."""
    said = " · ".join(f"`{code}`: {meaning_of(code)}" for code in codes)
    schema = {
        "allOf": [{"$ref": "#/components/schemas/ProblemDocument"}],
        "properties": {"status": {"const": status}, "code": {"enum": codes}},
    }
    content = {PROBLEM_JSON: {"schema": schema, "example": _document(status, codes[0])}}
    headers = _headers()
    for name, _ in HEADERS.get(status, ()):
        headers[name] = {"$ref": f"#/components/headers/{name}"}
    return {"description": said, "headers": headers, "content": content}


def _headers() -> Schema:
    return {"X-Request-Id": {"$ref": "#/components/headers/X-Request-Id"}}


def _document(status: int, code: str) -> dict[str, Any]:
    meaning = meaning_of(code)
    return {
        "type": type_of(code), "title": meaning, "status": status, "detail": meaning, "code": code, "errors": [],
    }  # fmt: skip


def kinds(operations: Iterable[Operation]) -> list[Any]:
    """Every type that the operations, or problems, speak of."""
    told = [ProblemDocument]
    for operation in operations:
        if (about := operation.about) is not None:
            told += [kind for kind in (about.form, about.query, about.answer) if kind is not None]
    return told
