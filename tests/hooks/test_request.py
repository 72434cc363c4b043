"""One request goes out as one request, whatever its values are."""

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.hooks.answer import Failed
from textwire.hooks.guard import Policy, Target, judge_url
from textwire.hooks.request import compose

TARGET = judge_url("http://example.com:8000/in?a=1", Policy())


def read(octets: bytes) -> tuple[h11.Request, bytes]:
    """What another implementation understands; exactly one request."""
    server = h11.Connection(h11.SERVER)
    server.receive_data(octets)
    request = server.next_event()
    assert isinstance(request, h11.Request)
    body = b""
    while not isinstance(event := server.next_event(), h11.EndOfMessage):
        assert isinstance(event, h11.Data)
        body += event.data
    assert server.trailing_data == (b"", False)
    return request, body


def test_the_bytes_of_a_request_are_these() -> None:
    assert compose("POST", TARGET, {"Content-Type": "application/json"}, b"{}") == (
        b"POST /in?a=1 HTTP/1.1\r\nHost: example.com:8000\r\nAccept-Encoding: identity\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )


def test_a_get_may_have_no_body_and_no_fields() -> None:
    request, body = read(compose("GET", TARGET, {}, b""))
    assert (request.method, request.target, body) == (b"GET", b"/in?a=1", b"")


@pytest.mark.parametrize(
    "control", ["\r", "\n", "\r\n", "\0", "\x0b", "\x1f", "\x7f", "\r\nEvil: 1", "é", "\u2028"]
)
def test_a_value_with_a_control_or_beyond_ascii_is_refused(control: str) -> None:
    with pytest.raises(Failed, match="bad_header"):
        compose("POST", TARGET, {"X-Ref": f"a{control}b"}, b"")


@pytest.mark.parametrize(
    "name", ["", "a b", "a:", "a\r\nb", "é", "a" * 129, "Host", "content-length", "Transfer-Encoding"]
)
def test_a_name_that_is_no_token_or_ours_is_refused(name: str) -> None:
    with pytest.raises(Failed, match="bad_header"):
        compose("POST", TARGET, {name: "1"}, b"")


@pytest.mark.parametrize("method", ["get", "CONNECT", "POST /x HTTP/1.1\r\nX:", ""])
def test_an_unknown_method_is_refused(method: str) -> None:
    with pytest.raises(Failed, match="bad_header"):
        compose(method, TARGET, {}, b"")


@pytest.mark.parametrize("path", ["/a b", "", "x", "/a\r\nHost: evil", "/\0", "/é"])
def test_a_forged_target_is_refused(path: str) -> None:
    forged = Target(scheme="http", host="h", port=80, path=path, origin="http://h:80", authority="h")
    with pytest.raises(Failed):
        compose("POST", forged, {}, b"")


@given(st.dictionaries(st.text(max_size=12), st.text(max_size=30), max_size=4), st.binary(max_size=200))
def test_any_fields_make_exactly_one_request_with_them_or_none(headers: dict[str, str], body: bytes) -> None:
    try:
        octets = compose("POST", TARGET, headers, body)
    except Failed:
        return
    request, received = read(octets)
    assert received == body
    # Compared by h11's own view: it lowers names and strips the blanks around values.
    sent = [(name.lower().encode(), value.strip(" \t").encode()) for name, value in headers.items()]
    assert [field for field in request.headers if field in sent] == sent
    assert len(request.headers) == len(headers) + 3


@given(st.text(max_size=60))
def test_any_text_travels_in_the_query_of_one_get_request(text: str) -> None:
    try:
        target = TARGET.with_query({"text": text})
    except UnicodeEncodeError:  # lone surrogates never reach a message
        return
    request, _ = read(compose("GET", target, {}, b""))
    assert request.target.startswith(b"/in?a=1&text=")
    assert request.target.count(b"&") == 1
