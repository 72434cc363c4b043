"""GET /api/openapi.json and the pages that people read: served by the program itself, with nothing from outside."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec

from textwire.domain.refusal import Refusal
from textwire.facades.api.about import About, Operation
from textwire.facades.api.codes import HOME
from textwire.facades.api.entrance import Entrance
from textwire.facades.api.nearby import near
from textwire.web.request import Request
from textwire.web.response import JSON, Response
from textwire.web.routes import Route

from . import codes_page
from .openapi import document

OPENAPI: Final = "/api/openapi.json"
DOCS: Final = "/api/docs"
HTML: Final = "text/html; charset=utf-8"
MEDIA: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
FILES: Final = Path(__file__).with_name("page")

# Scripts and styles are files of ours; nothing is framed, posted, or fetched from anywhere else, and no text of a
# document or an answer can become markup (https://www.w3.org/TR/trusted-types/).
POLICY: Final = (
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    ),
    ("Referrer-Policy", "no-referrer"),
)

_OPENAPI: Final = About(
    summary="This document",
    note="From another machine it takes a key with the scope `read`.",
    answer=dict,
    codes=("unauthorized", "scope_missing"),
)
_PAGE: Final = About(summary="A page to read, search and try calls on", media="text/html")
_CODES: Final = About(summary="A page that lists every code", media="text/html")
_FILE: Final = About(summary="A file of the page", media="text/*")


class Papers:
    """The handlers. `operations` are all of the door's, whenever they are made; what is made of them is made once."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        self._files = {file.name: file.read_bytes() for file in sorted(FILES.iterdir())}

    def routes(self, entrance: Entrance) -> tuple[Route, ...]:
        """The paths of the papers."""
        self._entrance = entrance
        return (
            entrance.public("GET", OPENAPI, self._openapi, about=_OPENAPI),
            entrance.public("GET", DOCS, self._page, about=_PAGE),
            entrance.public("GET", HOME, self._codes, about=_CODES),
            entrance.public("GET", DOCS + "/{file}", self._file, about=_FILE),
        )

    @cached_property
    def _document(self) -> bytes:
        return msgspec.json.encode(document(self._operations))

    async def _openapi(self, request: Request) -> Response:
        if not near(request):
            await self._entrance.caller(request, "read")
        return Response(200, self._document, JSON)

    async def _page(self, request: Request) -> Response:
        return Response(200, self._files["index.html"], HTML, POLICY)

    async def _codes(self, request: Request) -> Response:
        return Response(200, codes_page.page().encode(), HTML, POLICY)

    async def _file(self, request: Request) -> Response:
        name = request.params["file"]
        media = MEDIA.get(Path(name).suffix)
        if media is None or name not in self._files:
            raise Refusal("not_found")
        return Response(200, self._files[name], media)
