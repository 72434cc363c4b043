import json
from typing import Any

import pytest

from tests.web.calls import body_of, scope_of
from textwire.domain.refusal import CODES, Refusal
from textwire.facades.api import problem
from textwire.simnet.exchange import Unusable
from textwire.store.engines.engine import Fatal, Unavailable
from textwire.web.decode import BadBody
from textwire.web.problem import FAILED, NOT_FOUND, Problem, wrong_method
from textwire.web.request import Request
from textwire.web.response import PROBLEM_JSON


def document(found: Problem) -> dict[str, Any]:
    response = problem.refuse(Request(scope_of("GET", b"/api"), body_of()), found)
    assert response.status == found.status
    assert response.content_type == PROBLEM_JSON
    read: dict[str, Any] = json.loads(response.body)
    return read


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_refusal_has_a_client_or_unavailable_status_and_keeps_its_code(code: str) -> None:
    found = problem.of_refusal(Refusal(code))
    assert 400 <= found.status < 500 or found.status == 503
    assert found.code == code
    assert found.detail
    assert found.title


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("invalid_address", 400), ("unauthorized", 401), ("insufficient_balance", 402), ("sender_forbidden", 403),
        ("not_found", 404), ("not_cancelable", 409), ("idempotency_mismatch", 409), ("queue_full", 429),
        ("too_many_hooks", 409), ("unavailable", 503),
    ],
)  # fmt: skip
def test_a_kind_has_its_status(code: str, status: int) -> None:
    assert problem.of_refusal(Refusal(code)).status == status


@pytest.mark.parametrize(
    ("domain", "wire"),
    [
        ("recipient", "to"), ("recipient[3]", "to[3]"), ("sender", "from"), ("correlator", "ref"),
        ("klass", "class"), ("text", "text"), ("send_at", "send_at"), ("Idempotency-Key", "Idempotency-Key"),
        ("", ""),
    ],
)  # fmt: skip
def test_the_domains_fields_have_the_names_of_this_wire(domain: str, wire: str) -> None:
    assert problem.of_refusal(Refusal("invalid_field", "No.", domain)).field == wire


def test_a_document_has_all_members_of_a_problem() -> None:
    assert document(problem.of_refusal(Refusal("invalid_address", "No number.", "recipient[3]"))) == {
        "type": "/api/docs/errors#invalid_address",
        "title": CODES["invalid_address"][1],
        "status": 400,
        "detail": "No number.",
        "code": "invalid_address",
        "errors": [{"field": "to[3]", "detail": "No number."}],
    }


def test_a_problem_without_a_field_has_no_errors() -> None:
    assert document(NOT_FOUND)["errors"] == []
    assert document(FAILED)["code"] == "internal_error"


def test_a_problem_keeps_its_headers() -> None:
    response = problem.refuse(Request(scope_of("PUT", b"/api"), body_of()), wrong_method(["GET"]))
    assert ("Allow", "GET") in response.headers


def test_a_missing_key_names_the_scheme_and_a_busy_server_says_when_to_come_back() -> None:
    assert dict(problem.of_refusal(Refusal("unauthorized")).headers)["WWW-Authenticate"].startswith("Bearer")
    for code in ("queue_full", "unavailable"):
        assert dict(problem.of_refusal(Refusal(code)).headers)["Retry-After"] == "1"


def test_more_hooks_are_not_promised_for_later() -> None:
    assert problem.of_refusal(Refusal("too_many_hooks")).headers == ()


@pytest.mark.parametrize(
    ("reason", "field", "code"),
    [
        ("Object missing required field `text`", "text", "missing_field"),
        ("Object contains unknown field `recipient`", "recipient", "unknown_field"),
        ("Expected `str`, got `int`", "to[1]", "invalid_field"),
        ("The body is empty", "", "invalid_body"),
    ],
)
def test_a_body_that_cannot_be_read_is_a_400_that_names_the_field_as_the_caller_did(
    reason: str, field: str, code: str
) -> None:
    found = problem.of_bad_body(BadBody(reason, field))
    assert (found.status, found.code, found.field) == (400, code, field)
    assert "Object" not in found.detail


def test_who_has_to_wait_is_told_how_long() -> None:
    found = problem.of_refusal(Refusal("too_many_failures", after=64))
    assert (found.status, dict(found.headers)) == (429, {"Retry-After": "64"})


def test_validity_is_explained_in_units_that_people_use() -> None:
    found = problem.of_refusal(Refusal("validity_out_of_range", "1000000 µs", "validity"))
    assert "168 hours" in found.detail
    assert "µs" not in found.detail


def test_what_the_simulated_network_cannot_use_names_its_field() -> None:
    found = problem.of_unusable(Unusable("loss[0].what", "must be one of a, b"))
    assert (found.status, found.field, found.detail) == (400, "loss[0].what", "Must be one of a, b.")


@pytest.mark.parametrize("error", [Unavailable("/secret/path is full"), Fatal("disk I/O error")])
def test_the_stores_own_words_stay_inside(error: Exception) -> None:
    found = problem.of_absence(error)
    assert found.status == 503
    assert str(error) not in found.detail
