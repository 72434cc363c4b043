"""GET /api/openapi.json and the pages that people read: served by the program itself, with nothing from outside."""

from collections.abc import Sequence
from functools import cached_property

import msgspec

from textwire.facades.api.about import About, Operation
from textwire.facades.api.entrance import Entrance
from textwire.web.request import Request
from textwire.web.response import JSON, Response
from textwire.web.routes import Route

from .openapi import document

OPENAPI = "/api/openapi.json"


class Papers:
    """The handlers. `operations` are all of the door's, whenever they are made; what is made of them is made once."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """The paths of the papers."""
        return (
            entrance.public("GET", OPENAPI, self._openapi, about=About(summary="This document", answer=dict)),
        )

    @cached_property
    def _document(self) -> bytes:
        return msgspec.json.encode(document(self._operations))

    async def _openapi(self, request: Request) -> Response:
        return Response(200, self._document, JSON)
