"""One operation in the words of OpenAPI 3.1: how it is named, what it takes, how it ends."""

import re
from typing import Any, Final

from textwire.facades.api.about import About, Operation
from textwire.facades.api.repeating import HEADER, LONGEST_KEY
from textwire.web.response import JSON

from .answers import answers
from .samples import Samples
from .schemas import Schema, Schemas
from .subjects import subject_of

_PARAMETER: Final = re.compile(r"\{(\w+)(?::([^}]*(?:\{[^}]*\})?[^}]*))?\}")
_NOT_IN_NAMES: Final = re.compile(r"\W+")

# What stands in a path under this name, and a pattern that all of them match.
NAMED: Final = {
    "number": ("A number as E.164, its plus included (or written %2B).", r"^\+?[0-9]{1,15}$"),
    "remote": ("The number at the other end, as E.164.", r"^\+?[0-9]{1,15}$"),
    "id": ("An identifier as it was answered.", r"^[A-Za-z0-9_-]{1,64}$"),
}
EXAMPLES: Final = {"number": "+16139998877", "remote": "+447700900123", "id": "251908734615552000"}

KIB: Final = 1024

REPEATING: Final[Schema] = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "description": "The same key with the same body gets the same answer for 24 hours, and does nothing again.",
    "schema": {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_KEY,
        "pattern": "^[!-~]([ -~]*[!-~])?$",
    },
    "example": "order-7",
}


def path_of(pattern: str) -> str:
    """A route's pattern as OpenAPI writes paths."""
    return _PARAMETER.sub(r"{\1}", pattern)


def name_of(operation: Operation) -> str:
    """The operation's identifier: its method and the words of its path."""
    words = _NOT_IN_NAMES.sub("_", path_of(operation.pattern).removeprefix("/api/")).strip("_")
    return f"{operation.method.lower()}_{words}"


def call(operation: Operation, schemas: Schemas, samples: Samples) -> Schema:
    """The Operation Object. One that says nothing of itself is marked, so that it is seen."""
    about = operation.about
    said: Schema = {"operationId": name_of(operation), "tags": [subject_of(operation.pattern)]}
    said["parameters"] = _in_path(operation.pattern)
    if about is None:
        return {**said, "x-undescribed": True, "responses": {"default": {"description": "Undescribed."}}}
    said |= {"summary": about.summary, "description": _description(operation, about)}
    if operation.scope is None:
        said["security"] = []
    elif operation.scope:
        said["x-scope"] = operation.scope
    said["parameters"] += _in_query(about, schemas)
    if about.once:
        said["parameters"].append(REPEATING)
    if about.form is not None or about.takes:
        said["requestBody"] = _body(operation, about, schemas, samples)
    return {**said, "responses": answers(operation, schemas, samples)}


def _description(operation: Operation, about: About) -> str:
    told = [about.note] if about.note else []
    if operation.scope:
        told.append(f"Needs a key with the scope `{operation.scope}`.")
    if operation.simulated:
        told.append("Refused once a real carrier is armed.")
    return " ".join(told)


def _in_path(pattern: str) -> list[Schema]:
    return [_named(name, rule) for name, rule in _PARAMETER.findall(pattern)]


def _named(name: str, rule: str) -> Schema:
    said, usual = NAMED.get(name, NAMED["id"])
    schema = {"type": "string", "pattern": f"^{rule}$" if rule else usual}
    example = EXAMPLES.get(name, EXAMPLES["id"])
    told: Schema = {"name": name, "in": "path", "required": True, "description": said, "schema": schema}
    return {**told, "example": example} if re.fullmatch(schema["pattern"], example) else told


def _in_query(about: About, schemas: Schemas) -> list[Schema]:
    if about.query is None:
        return []
    properties, required = schemas.fields(about.query)
    return [_asked(name, schema, name in required) for name, schema in properties.items()]


def _asked(name: str, schema: Schema, required: bool) -> Schema:
    plain = without_null(schema)
    description = plain.pop("description", "")
    told: Schema = {"name": name, "in": "query", "required": required, "schema": plain}
    return {**told, "description": description} if description else told


def without_null(schema: Schema) -> Schema:
    """A schema for where there is no null: nobody can say it in a query."""
    rest = {key: value for key, value in schema.items() if key != "anyOf" and value is not None}
    parts = [part for part in schema.get("anyOf", ()) if part != {"type": "null"}]
    return {**parts[0], **rest} if len(parts) == 1 else {**rest, "anyOf": parts} if parts else rest


def _body(operation: Operation, about: About, schemas: Schemas, samples: Samples) -> Schema:
    told: Schema = {"required": True, "description": f"At most {operation.body_limit // KIB:,} KiB."}
    if about.takes:
        return {**told, "content": {media: {} for media in about.takes}}
    schema = schemas.of(about.form)
    example: Any = samples.of(schema) if about.example is None else about.example
    return {**told, "content": {JSON: {"schema": schema, "example": example}}}
