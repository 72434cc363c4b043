"""One HTTP request as a handler sees it: method, path parameters, headers, query and a bounded body."""

import asyncio
import itertools
import os
from collections.abc import Mapping
from typing import Final, TypeVar

from textwire.web.asgi import TRUST, WHOLE_BODY, Receive, Scope
from textwire.web.decode import decode
from textwire.web.forms import decode_form
from textwire.web.problem import ENCODED_BODY, LATE_BODY, Gone, Refused, too_large

T = TypeVar("T")

BODY_LIMIT: Final = 65_536  # bytes; a route may set its own
BODY_SECONDS: Final = 30.0  # from the first wish to read the body until its last byte
NO_PARAMS: Final[Mapping[str, str]] = {}
_HERE: Final = os.urandom(4).hex()  # tells the requests of this process from those of others
_count: Final = itertools.count(1)


class Request:
    """Cheap to make: everything but the id is read when it is asked for."""

    __slots__ = (
        "_body",
        "_headers",
        "_query",
        "_receive",
        "body_limit",
        "body_seconds",
        "id",
        "method",
        "params",
        "pattern",
        "scope",
    )

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        pattern: str = "",
        params: Mapping[str, str] = NO_PARAMS,
        body_limit: int = BODY_LIMIT,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self.scope = scope
        self._receive = receive
        self.method: str = scope.get("method", "GET")  # a WebSocket's scope has none
        self.pattern = pattern  # of the route, safe to log; the path itself holds numbers
        self.params = params
        self.body_limit = body_limit
        self.body_seconds = body_seconds
        self.id = f"{_HERE}{next(_count):08x}"  # never taken from outside: a caller must not write our logs
        self._body: bytes | None = None
        self._headers: dict[bytes, bytes] | None = None
        self._query: dict[str, str] | None = None

    @property
    def path(self) -> str:
        """The path as it came, still percent-encoded; not for logs."""
        raw: bytes = self.scope["raw_path"]
        return raw.decode("latin-1")

    @property
    def client(self) -> str:
        """The address at the other end of the socket, empty if unknown; only a proxy that the operator listed
        can say another (proxies.py)."""
        peer = self.scope.get("client")
        return str(peer[0]) if peer else ""

    def trust(self) -> None:
        """Its sender has proved who it is: the connection does not count as a stranger's any more."""
        trust = self.scope.get(TRUST)
        if trust is not None:
            trust()

    @property
    def secure(self) -> bool:
        """Whether it came over TLS."""
        return self.scope.get("scheme") in ("https", "wss")

    def header(self, name: bytes) -> str | None:
        """The value of a header, its name given in lower case; repeated ones joined (RFC 9110 §5.3).

        So two `Authorization` headers make a credential that matches nobody.
        """
        found = self._named().get(name)
        return None if found is None else found.decode("latin-1")

    def _named(self) -> dict[bytes, bytes]:
        if self._headers is None:
            lines = self.scope["headers"]
            self._headers = named = dict(lines)
            if len(named) < len(lines):
                for name in named:
                    named[name] = b", ".join(value for key, value in lines if key == name)
        return self._headers

    @property
    def media_type(self) -> str:
        """The Content-Type in lower case without its parameters; empty if there is none."""
        return (self.header(b"content-type") or "").partition(";")[0].strip().lower()

    @property
    def query(self) -> Mapping[str, str]:
        """The query string's fields, decoded like a form; raises BadBody."""
        if self._query is None:
            self._query = decode_form(self.scope["query_string"])
        return self._query

    async def json(self, type: type[T], *, strict: bool = True) -> T:
        """The body as `type`; raises BadBody, Refused, Gone."""
        return decode(await self.body(), type, strict=strict)

    async def form(self) -> Mapping[str, str]:
        """The body's form fields; raises BadBody, Refused, Gone."""
        return decode_form(await self.body())

    async def body(self) -> bytes:
        """The whole body, at most `body_limit` bytes; raises Refused (413, 415, 408) and Gone.

        A body that announces too much is refused unread.
        """
        if self._body is None:
            self._check_head()
            whole = self.scope.get(WHOLE_BODY)
            self._body = await self._gather_in_time() if whole is None else self._bounded(whole)
        return self._body

    def _check_head(self) -> None:
        headers = self._named()
        length = headers.get(b"content-length", b"")
        # More digits than any limit has are not worth a conversion, and may not survive one.
        if length.isdigit() and (len(length) > 18 or int(length) > self.body_limit):
            raise self._too_large()
        if headers.get(b"content-encoding", b"").strip().lower() not in (b"", b"identity"):
            raise Refused(ENCODED_BODY)

    def _bounded(self, whole: bytearray) -> bytes:
        if len(whole) > self.body_limit:
            raise self._too_large()
        return bytes(whole)

    def _too_large(self) -> Refused:
        # A client that waits for 100 Continue never sends what its head announced: close on it.
        return Refused(too_large(self.body_limit, close=self.header(b"expect") is not None))

    async def _gather_in_time(self) -> bytes:
        try:
            async with asyncio.timeout(self.body_seconds):
                return await self._gather()
        except TimeoutError:
            raise Refused(LATE_BODY) from None

    async def _gather(self) -> bytes:
        pieces: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            if message["type"] != "http.request":
                raise Gone
            piece: bytes = message.get("body", b"")
            size += len(piece)
            if size > self.body_limit:
                raise self._too_large()
            pieces.append(piece)
            if not message.get("more_body", False):
                return pieces[0] if len(pieces) == 1 else b"".join(pieces)
