"""Serves the demo pages, each in an origin of its own: a vendor's script cannot touch anything else of this server."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from textwire.web.problem import NOT_FOUND, Headers
from textwire.web.request import Request
from textwire.web.response import Response, problem_response
from textwire.web.routes import Door, Route

HOME: Final = "/demo"
KANDY: Final = "kandy-sms.html"
FILES: Final = Path(__file__).with_name("page")
MEDIA: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
}
TLS_PORT: Final = b'data-tls-port=""'

# `sandbox` without allow-same-origin (https://html.spec.whatwg.org/#sandboxing): the page runs what its visitor gives it,
# so it has no origin that a console's cookie, or a key kept by another page, would be sent or shown to. Scripts are
# files of ours and the one file that the visitor chose, as a blob; text can become neither markup nor code.
POLICY: Final[Headers] = (
    (
        "Content-Security-Policy",
        "default-src 'none'; script-src 'self' blob:; style-src 'self'; "
        "connect-src https: wss: http://127.0.0.1:* http://localhost:*; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'; sandbox allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox; "
        "require-trusted-types-for 'script'; trusted-types chosen-script",
    ),
    ("Referrer-Policy", "no-referrer"),
)
# A page without an origin asks for its own modules as a stranger does (Fetch standard, CORS protocol).
SHARED: Final[Headers] = (("Access-Control-Allow-Origin", "*"),)

Urls = Callable[[], Mapping[str, str]]


class Pages:
    """The handlers. `urls` tells by scheme where the server listens, once it does."""

    def __init__(self, urls: Urls) -> None:
        self._urls = urls
        self._files = {file.name: file.read_bytes() for file in sorted(FILES.iterdir())}

    def routes(self) -> tuple[Route, ...]:
        """The page, and the files it is made of."""
        return (
            Route("GET", f"{HOME}/{KANDY}", self._page),
            Route("GET", f"{HOME}/{{file}}", self._file),
        )

    async def _page(self, request: Request) -> Response:
        secure = self._urls().get("https", "")
        port = b'data-tls-port="%d"' % (urlsplit(secure).port or 443) if secure else TLS_PORT
        return Response(200, self._files[KANDY].replace(TLS_PORT, port, 1), MEDIA[".html"], POLICY)

    async def _file(self, request: Request) -> Response:
        name = request.params["file"]
        if name not in self._files:
            return problem_response(NOT_FOUND)
        return Response(200, self._files[name], MEDIA[Path(name).suffix])


def door(urls: Urls) -> Door:
    """What `app` mounts."""
    return Door(name="demo", prefixes=(HOME,), routes=Pages(urls).routes(), headers=SHARED)
