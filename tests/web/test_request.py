"""What a handler can learn of a request, and how its body is bounded."""

import asyncio

import pytest

from tests.web.calls import body_of, scope_of
from textwire.web.asgi import WHOLE_BODY, Message
from textwire.web.decode import BadBody
from textwire.web.problem import Gone, Refused
from textwire.web.request import BODY_LIMIT, Request


def request(
    target: bytes = b"/", headers: dict[str, str] | None = None, *pieces: bytes, limit: int = 10
) -> Request:
    return Request(scope_of("POST", target, headers), body_of(*pieces), body_limit=limit)


async def refusal(asked: Request) -> tuple[int, dict[str, str]]:
    with pytest.raises(Refused) as caught:
        await asked.body()
    return caught.value.problem.status, dict(caught.value.problem.headers)


def test_headers_are_found_by_name_and_repeated_ones_are_joined() -> None:
    asked = request(headers={"Authorization": "Bearer a", "X-Name": "é"})
    asked.scope["headers"].append((b"authorization", b"Bearer b"))
    assert asked.header(b"authorization") == "Bearer a, Bearer b"
    assert asked.header(b"x-name") == "é"
    assert asked.header(b"cookie") is None


@pytest.mark.parametrize(
    ("header", "media_type"),
    [("Application/JSON; charset=utf-8", "application/json"), ("text/plain", "text/plain"), ("", "")],
)
def test_the_media_type_has_neither_case_nor_parameters(header: str, media_type: str) -> None:
    assert request(headers={"Content-Type": header}).media_type == media_type
    assert request().media_type == ""


def test_the_query_is_decoded_once_and_guarded() -> None:
    asked = request(b"/a?x=1+2&y=%C3%A9&x=3")
    assert asked.query == {"x": "3", "y": "é"}
    assert asked.query is asked.query
    assert request(b"/a").query == {}
    with pytest.raises(BadBody, match="UTF-8"):
        _ = request(b"/a?x=%ff").query


def test_nobody_outside_chooses_the_id_the_address_or_the_scheme() -> None:
    lies = {"X-Request-Id": "evil", "X-Forwarded-For": "10.0.0.1", "X-Forwarded-Proto": "https"}
    first, second = request(headers=lies), request(headers=lies)
    assert len(first.id) == 16
    assert first.id != second.id
    assert (first.client, first.secure, first.path) == ("127.0.0.1", False, "/")


async def test_a_body_in_pieces_is_joined_and_kept() -> None:
    asked = request(b"/", None, b"he", b"", b"llo")
    assert await asked.body() == b"hello"
    assert await asked.body() == b"hello"


async def test_a_body_as_large_as_the_limit_is_read() -> None:
    assert await request(b"/", {"Content-Length": "10"}, b"x" * 10).body() == b"x" * 10


async def test_a_body_above_the_limit_is_refused_while_it_comes() -> None:
    pieces = [b"x" * 6, b"x" * 6, b"never asked for"]
    asked = request(b"/", None, *pieces)
    assert await refusal(asked) == (413, {})
    assert (await asked._receive())["body"] == b"never asked for"


@pytest.mark.parametrize("length", ["11", "9" * 5000])
async def test_a_body_that_announces_too_much_is_refused_unread(length: str) -> None:
    asked = Request(scope_of("POST", b"/", {"Content-Length": length}), body_of(), body_limit=10)
    assert await refusal(asked) == (413, {})


async def test_the_connection_closes_if_the_client_waits_before_it_sends_too_much() -> None:
    asked = request(b"/", {"Content-Length": "11", "Expect": "100-continue"})
    assert await refusal(asked) == (413, {"Connection": "close"})


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity, gzip", "x"])
async def test_an_encoded_body_is_refused(coding: str) -> None:
    status, headers = await refusal(request(b"/", {"Content-Encoding": coding}, b"x"))
    assert (status, headers["Accept-Encoding"]) == (415, "identity")


@pytest.mark.parametrize("coding", ["identity", "Identity ", ""])
async def test_an_identity_coding_is_no_coding(coding: str) -> None:
    assert await request(b"/", {"Content-Encoding": coding}, b"x").body() == b"x"


async def test_a_client_that_leaves_ends_the_reading() -> None:
    with pytest.raises(Gone):
        await Request(scope_of("POST", b"/"), body_of()).body()


async def test_a_body_that_does_not_end_in_time_is_refused_and_the_connection_closed() -> None:
    async def never() -> Message:
        await asyncio.Event().wait()
        raise AssertionError

    asked = Request(scope_of("POST", b"/"), never, body_seconds=0.0)
    assert await refusal(asked) == (408, {"Connection": "close"})


async def test_a_body_that_the_guard_knows_to_be_whole_is_read_without_a_timer() -> None:
    async def never() -> Message:
        raise AssertionError

    asked = Request(scope_of("POST", b"/"), never, body_seconds=0.0)
    asked.scope[WHOLE_BODY] = bytearray(b"x")
    assert await asked.body() == b"x"


async def test_a_whole_body_is_bounded_even_if_its_head_announced_no_length() -> None:
    async def never() -> Message:
        raise AssertionError

    asked = Request(scope_of("POST", b"/"), never, body_limit=3)
    asked.scope[WHOLE_BODY] = bytearray(b"four")
    assert (await refusal(asked))[0] == 413


async def test_json_and_forms_are_read_from_the_body() -> None:
    assert await request(b"/", None, b'{"a":', b"1}").json(dict[str, int]) == {"a": 1}
    assert await request(b"/", None, b'{"a":"1"}').json(dict[str, int], strict=False) == {"a": 1}
    assert await request(b"/", None, b"a=1").form() == {"a": "1"}
    with pytest.raises(BadBody):
        await request(b"/", None, b"").json(dict[str, int])


def test_the_default_limit_is_64_kib() -> None:
    assert Request(scope_of("POST", b"/"), body_of()).body_limit == BODY_LIMIT == 65536
