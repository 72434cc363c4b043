"""How the vendor's newer host refuses: problem documents, with a page of theirs as the type."""

# "Errors" of the vendor's developer site; account 1.0.3 and application.v2 2.1.0 of their OpenAPI documents.

import uuid
from typing import Final

import msgspec

from textwire.web.problem import Headers, Problem
from textwire.web.response import PROBLEM_JSON, Response

ERRORS: Final = "https://developer.nexmo.com/api-errors"


class Wrong(msgspec.Struct, frozen=True):
    """A member of the body, or a parameter, that cannot be so."""

    name: str
    reason: str


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`instance` is another one each time."""

    type: str
    title: str
    detail: str
    instance: str
    invalid_parameters: tuple[Wrong, ...] = ()


class Failing(Exception):  # it is an answer, not an error of ours
    """Raised anywhere below a handler: the caller is answered so. `kind` is the type's address, or the end of it."""

    def __init__(
        self, status: int, kind: str, title: str, detail: str, *wrong: Wrong, headers: Headers = ()
    ) -> None:
        super().__init__(kind)
        self.status, self.kind, self.title, self.detail = status, kind, title, detail
        self.wrong, self.headers = wrong, headers


def response(failing: Failing) -> Response:
    """The answer."""
    kind = failing.kind
    document = Document(
        type=kind if kind.startswith("https:") else ERRORS + kind, title=failing.title, detail=failing.detail, instance=uuid.uuid4().hex,
        invalid_parameters=failing.wrong,
    )  # fmt: skip
    return Response(failing.status, msgspec.json.encode(document), PROBLEM_JSON, failing.headers)


def of(problem: Problem) -> Response:
    """The answer to a problem of the rooms below."""
    kind = "#" + problem.code.replace("_", "-")
    return response(
        Failing(problem.status, kind, problem.title, problem.detail or problem.title, headers=problem.headers)
    )
