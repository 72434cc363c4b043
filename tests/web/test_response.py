"""The lines that go out with an answer."""

import json

import pytest

from textwire.web.problem import Problem, too_large, wrong_method
from textwire.web.response import Response, json_response, problem_response, text_response, wire_lines


def lines(response: Response, extra: dict[bytes, bytes] | None = None) -> dict[bytes, bytes]:
    pairs = wire_lines(response, "id-1", list((extra or {}).items()))
    assert len(pairs) == len(dict(pairs))
    return dict(pairs)


def test_every_answer_carries_its_id_its_length_and_the_security_lines() -> None:
    assert lines(json_response({"a": "é"})) == {
        b"content-type": b"application/json",
        b"content-length": b"10",
        b"x-request-id": b"id-1",
        b"x-content-type-options": b"nosniff",
        b"cache-control": b"no-store",
        b"content-security-policy": b"default-src 'none'; frame-ancestors 'none'",
    }


def test_an_answer_replaces_the_doors_line_and_the_door_everybodys() -> None:
    own = Response(200, b"", "text/html", (("Cache-Control", "max-age=60"), ("X-Own", "1")))
    sent = lines(own, {b"cache-control": b"private", b"x-frame-options": b"DENY", b"x-own": b"0"})
    assert sent[b"cache-control"] == b"max-age=60"
    assert sent[b"x-own"] == b"1"
    assert sent[b"x-frame-options"] == b"DENY"
    assert lines(Response(), {b"cache-control": b"private"})[b"cache-control"] == b"private"


def test_one_name_may_be_set_twice_by_the_same_answer() -> None:
    cookies = Response(headers=(("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")))
    pairs = wire_lines(cookies, "id", [])
    assert [value for name, value in pairs if name == b"set-cookie"] == [b"a=1", b"b=2"]


@pytest.mark.parametrize(("status", "counted"), [(200, True), (404, True), (204, False), (304, False)])
def test_an_answer_that_can_have_no_body_has_no_length(status: int, counted: bool) -> None:
    assert (b"content-length" in lines(Response(status))) is counted


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: x", "a\nb", "a\0b", "\x7f", "€"])
def test_no_value_can_start_a_line_of_its_own(value: str) -> None:
    with pytest.raises(ValueError):
        wire_lines(Response(headers=(("Location", value),)), "id", [])
    with pytest.raises(ValueError):
        wire_lines(Response(content_type=f"text/{value}"), "id", [])


def test_text_is_utf_8() -> None:
    assert text_response("é") == Response(200, "é".encode(), "text/plain; charset=utf-8")


def test_a_problem_document_names_the_field_only_if_there_is_one() -> None:
    whole = Problem(status=404, code="not_found", detail="Nothing here.")
    answer = problem_response(whole)
    assert (answer.status, answer.content_type) == (404, "application/problem+json")
    assert json.loads(answer.body) == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "Nothing here.",
        "code": "not_found",
    }
    field = Problem(status=420, code="bad", detail="Not a number.", field="to[0]", headers=(("X", "1"),))
    document = json.loads(problem_response(field).body)
    assert document["errors"] == [{"field": "to[0]", "detail": "Not a number."}]
    assert document["title"] == ""
    assert problem_response(field).headers == (("X", "1"),)


def test_problems_say_what_a_client_can_do_next() -> None:
    assert wrong_method(["GET", "HEAD"]).headers == (("Allow", "GET, HEAD"),)
    assert "65536" in too_large(65536, close=False).detail
