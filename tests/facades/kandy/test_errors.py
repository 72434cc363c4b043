"""Every refusal of the house, and of the shell below it, in Kandy's words."""

import re

import msgspec
import pytest

from textwire.domain.refusal import CODES
from textwire.facades.kandy import errors
from textwire.web import problem
from textwire.web.problem import Problem
from textwire.web.request import Request

REQUEST = Request({"type": "http", "raw_path": b"/cpaas", "headers": []}, None)  # type: ignore[arg-type]

SHELL = [
    problem.NOT_FOUND, problem.BAD_PATH, problem.NO_UPGRADE, problem.FAILED, problem.STOPPING,
    problem.ENCODED_BODY, problem.LATE_BODY, problem.wrong_method(["GET"]), problem.too_large(10, close=False),
    errors.FOREIGN_USER, errors.UNAUTHORIZED, Problem(status=418, code="never heard of"),
]  # fmt: skip


def exception_of(problem: Problem) -> tuple[int, dict[str, object]]:
    answer = errors.refuse(REQUEST, problem)
    body = msgspec.json.decode(answer.body)
    assert answer.content_type == "application/json"
    assert list(body) == ["requestError"]
    assert list(body["requestError"]) == ["serviceException"]
    return answer.status, body["requestError"]["serviceException"]


@pytest.mark.parametrize("given", SHELL, ids=lambda given: given.code)
def test_the_shells_problems_keep_their_status_and_get_a_request_error(given: Problem) -> None:
    status, said = exception_of(given)
    assert status == given.status
    assert set(said) == {"messageId", "text", "variables"}


@pytest.mark.parametrize("code", CODES)
def test_every_refusal_of_the_house_has_its_row(code: str) -> None:
    status, said = exception_of(Problem(status=0, code=code, field="x"))
    assert (status, said["messageId"]) == errors.TABLE[code]


@pytest.mark.parametrize("code", errors.TABLE)
def test_texts_are_filled_by_their_variables_and_nothing_else(code: str) -> None:
    _, said = exception_of(Problem(status=400, code=code))
    text, variables = str(said["text"]), said["variables"]
    assert isinstance(variables, list)
    assert all(isinstance(variable, str) and variable for variable in variables)
    assert [f"%{n}" for n in range(1, len(variables) + 1)] == re.findall("%[0-9]", text)
    assert not set("{}") & set(text)


@pytest.mark.parametrize(
    ("code", "field", "status", "message_id", "variable"),
    [
        ("invalid_address", "recipient", 400, "SVC0002", "address"),
        ("invalid_address", "recipient[3]", 400, "SVC0002", "address[3]"),
        ("invalid_address", "sender", 400, "SVC0002", "senderAddress"),
        ("text_empty", "text", 400, "SVC0002", "message"),
        ("bad_request", "outboundSMSMessageRequest.clientCorrelator", 400, "SVC0002", "clientCorrelator"),
        ("bad_request", "", 400, "SVC0002", "body"),
        ("blocked_address", "url", 400, "SVC0002", "x-webhookURL"),
        ("invalid_field", "channel", 400, "SVC0002", "notifyURL"),
        ("too_many_recipients", "recipient", 400, "POL0003", "address"),
        ("unauthorized", "", 401, "SVC0001", "unauthorized"),
        ("sender_forbidden", "sender", 403, "POL0001", "sender_forbidden"),
        ("insufficient_balance", "", 403, "POL0001", "insufficient_balance"),
        ("not_found", "", 404, "SVC0004", "resourceURL"),
        ("internal_error", "", 500, "SVC0001", "internal_error"),
    ],
)
def test_the_table_of_the_specification(
    code: str, field: str, status: int, message_id: str, variable: str
) -> None:
    got, said = exception_of(Problem(status=status, code=code, field=field))
    assert (got, said["messageId"], said["variables"]) == (status, message_id, [variable])


def test_a_401_challenges_and_a_503_says_when_to_come_back() -> None:
    assert errors.refuse(REQUEST, errors.UNAUTHORIZED).headers == (("WWW-Authenticate", "Bearer"),)
    assert errors.refuse(REQUEST, Problem(status=503, code="unavailable")).headers == (("Retry-After", "1"),)


def test_headers_that_the_shell_has_set_are_kept_once() -> None:
    assert errors.refuse(REQUEST, problem.STOPPING).headers == problem.STOPPING.headers
    assert errors.refuse(REQUEST, problem.wrong_method(["GET", "HEAD"])).headers == (("Allow", "GET, HEAD"),)
