"""The OpenAPI 3.1 document, made of the routes and of what they say of themselves."""

from collections.abc import Iterable
from typing import Final

from textwire.facades.api.about import Operation

from .answers import kinds
from .calls import call, path_of
from .samples import Samples
from .schemas import Schema, Schemas, mentioned
from .subjects import SUBJECTS, subject_of

# https://spec.openapis.org/oas/v3.1.0
VERSION: Final = "3.1.0"
ABOUT: Final = """\
Everything Textwire does can be done over `/api`: JSON in, JSON out, a key in the header `Authorization: Bearer`.

- A field or parameter that a call does not know is refused by name. `null` means the same as leaving an optional field out.
- Identifiers are strings; times are RFC 3339 in UTC; spans are seconds or a number with its unit (`"15m"`); money is a
  decimal number in a string, in EUR.
- Lists are `{"items": […], "next": cursor}`, newest first: `?cursor=` takes the `next` of the page before.
- What went wrong is a problem document (RFC 9457) with a stable `code`; `/api/docs/errors` lists them all. Any call may also
  end with `404 not_found` or `405 method_not_allowed` where there is no such call, and with `500 internal_error`.
- What belongs to another account is as missing as what does not exist.
- Creating calls take an `Idempotency-Key`.
- `GET /api/live` is a WebSocket, which OpenAPI cannot describe: events as JSON, with `?after=` to resume.
"""

HEADERS: Final[Schema] = {
    "X-Request-Id": {"description": "Names the request in the log.", "schema": {"type": "string"}},
    "WWW-Authenticate": {"description": "RFC 6750 §3.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}},
    "Idempotent-Replayed": {
        "description": "The answer is the one that the first request with this key got.",
        "schema": {"const": "true"},
    },
}


def document(operations: Iterable[Operation]) -> Schema:
    """The document: paths by subject, within a subject in the order in which they were made."""
    wanted = sorted(operations, key=lambda one: list(SUBJECTS).index(subject_of(one.pattern)))
    schemas = Schemas(kinds(wanted))
    samples = Samples(schemas.components)
    paths: dict[str, Schema] = {}
    for operation in wanted:
        path = paths.setdefault(path_of(operation.pattern), {})
        path[operation.method.lower()] = call(operation, schemas, samples)
    used = mentioned(paths, schemas.components)  # the Structs of queries have become parameters
    return {
        "openapi": VERSION,
        "info": {"title": "Textwire", "version": "1", "description": ABOUT},
        "servers": [{"url": "/", "description": "This server."}],
        "security": [{"key": []}],
        "tags": [
            {"name": name, "description": said} for name, said in SUBJECTS.items() if _has(wanted, name)
        ],
        "paths": paths,
        "components": {
            "securitySchemes": {
                "key": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "`textwire credentials` shows one.",
                }
            },
            "headers": HEADERS,
            "schemas": {name: one for name, one in schemas.components.items() if name in used},
        },
    }


def _has(operations: list[Operation], subject: str) -> bool:
    return any(subject_of(one.pattern) == subject for one in operations)
