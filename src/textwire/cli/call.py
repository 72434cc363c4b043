"""A small client of the own API for our commands: one connection per call, the standard library's."""

import http.client
import ssl
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from .failures import Failed
from .hints import HINTS

SECONDS: Final = 30.0  # for an answer; a long poll's own wait comes on top
MOST: Final = 16 << 20  # bytes of an answer


class _Fault(msgspec.Struct):
    field: str = ""


class _Problem(msgspec.Struct):
    """What we read of an RFC 9457 document."""

    detail: str = ""
    code: str = ""
    errors: tuple[_Fault, ...] = ()


class Answered(Failed):
    """The server said no: with its code, the field at fault if it names one, and the way out if we know it."""

    def __init__(self, detail: str, code: str, field: str = "") -> None:
        named = f" ({field})" if field else ""
        way_out = f" - {HINTS[code]}" if code in HINTS else ""
        super().__init__(f"{detail}{named} [{code}]{way_out}")
        self.detail, self.code, self.field = detail, code, field


class Api:
    """The own API at `url` for the owner of `key`; `ca` is trusted for https beside the system's authorities."""

    def __init__(self, url: str, key: str, ca: Path | None = None) -> None:
        self._url, self._key, self._ca = url, key, ca
        self._tls, self._host, self._port, self._prefix = _split(url)

    def get(self, path: str, wait: float = 0.0) -> Any:
        """The JSON of an answer that may take `wait` seconds longer; raises Failed with the reason."""
        return self._call("GET", path, None, {}, SECONDS + wait)

    def post(self, path: str, body: Any, **headers: str) -> Any:
        """The JSON of what was created; `a_b` is the header A-B; raises Failed with the reason."""
        return self.call("POST", path, body, **headers)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The JSON of an answer, None for one without a body; raises Failed with the reason."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._call(method, path, None if body is None else msgspec.json.encode(body), named, SECONDS)

    def upload(self, path: str, content: bytes, media: str) -> Any:
        """The JSON of the answer to a body that is not JSON; raises Failed with the reason."""
        status, answer, _ = self._exchange("POST", path, content, {"Content-Type": media}, SECONDS)
        return self._read(status, answer)

    def download(self, path: str) -> tuple[bytes, http.client.HTTPMessage]:
        """(a body that is not JSON, its headers); raises Failed with the reason."""
        status, answer, headers = self._exchange("GET", path, None, {}, SECONDS)
        if status >= http.client.BAD_REQUEST:
            raise refused(status, answer)
        return answer, headers

    def _call(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], seconds: float
    ) -> Any:
        media = {} if body is None else {"Content-Type": "application/json"}
        status, answer, _ = self._exchange(method, path, body, media | headers, seconds)
        return self._read(status, answer)

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: dict[str, str], seconds: float
    ) -> tuple[int, bytes, http.client.HTTPMessage]:
        sent = {"Authorization": f"Bearer {self._key}", "Connection": "close", **headers}
        connection: http.client.HTTPConnection | None = None
        try:
            connection = self._connection(seconds)
            connection.request(method, self._prefix + path, body, sent)
            response = connection.getresponse()
            answer = response.read(MOST + 1)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._unreachable(error) from None
        finally:
            if connection is not None:
                connection.close()
        if len(answer) > MOST:
            raise Failed(f"the answer of {self._url} is too long")
        return response.status, answer, response.headers

    def _connection(self, seconds: float) -> http.client.HTTPConnection:
        if not self._tls:
            return http.client.HTTPConnection(self._host, self._port, timeout=seconds)
        return http.client.HTTPSConnection(
            self._host, self._port, timeout=seconds, context=trusting(self._ca)
        )

    def _read(self, status: int, body: bytes) -> Any:
        if status >= http.client.BAD_REQUEST:
            raise refused(status, body)
        if status == http.client.NO_CONTENT:
            return None
        try:
            return msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise Failed(f"what answers at {self._url} is not Textwire") from None

    def _unreachable(self, error: Exception) -> Failed:
        match error:
            case ConnectionRefusedError():
                return Failed(f"no server answers at {self._url}: start one with `textwire serve`")
            case ssl.SSLCertVerificationError(verify_message=reason):
                return Failed(f"the certificate of {self._url} is not trusted: {reason}")
            case TimeoutError():
                return Failed(f"{self._url} does not answer in time")
            case OSError():
                return Failed(f"{self._url} cannot be reached: {error.strerror or error}")
            case http.client.HTTPException():
                return Failed(f"what answers at {self._url} is no web server that can be understood")
        # What http.client says of a line feed or a snowman in a header, or of a blank in a path.
        return Failed("the key or the URL has characters that cannot be sent")


def trusting(ca: Path | None) -> ssl.SSLContext:
    """For a client that trusts the local authority beside the system's."""
    context = ssl.create_default_context()
    if ca is not None and ca.exists():
        context.load_verify_locations(ca)
    return context


def _split(url: str) -> tuple[bool, str, int | None, str]:
    """(whether HTTPS, host, port, path before ours) of a server's URL; raises Failed."""
    try:
        parts = urlsplit(url)
        port = parts.port  # looked at only now, and raises
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Failed(f"{url or 'nothing'} is not the URL of a server, such as http://127.0.0.1:8080")
    return parts.scheme == "https", parts.hostname, port, parts.path.rstrip("/")


def refused(status: int, body: bytes) -> Failed:
    """A refusal in the server's words, as far as it is one of ours."""
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        problem = _Problem()
    if status == http.client.UNAUTHORIZED:
        return Failed("the server does not know this key: give another with --key or TEXTWIRE_KEY")
    field = problem.errors[0].field if problem.errors else ""
    return Answered(problem.detail or f"the server answers {status}", problem.code or str(status), field)
