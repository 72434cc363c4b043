"""When a call is repeated, and when not: the plan is driven by hand, without sockets and without time passing."""

from typing import Any

import msgspec
import pytest

from textwire_client.errors import BadAnswer, ConnectionFailed, Forbidden, NotFound, ServerFailed, TooMany
from textwire_client.plans import Exchange, Manner, Pause, carry_out
from textwire_client.request import Answer, Request

GET = Request[Any](method="GET", path="/api/x", answer=dict)
POST = Request[Any](method="POST", path="/api/x", answer=dict, body={"a": 1})
CREATES = Request[Any](method="POST", path="/api/x", answer=dict, body={"a": 1}, creates=True)
DELETE = Request[None](method="DELETE", path="/api/x")
OK = Answer(200, {}, b'{"a": 1}')
LOST = ConnectionFailed("lost", sent=True)
UNSENT = ConnectionFailed("refused", sent=False)


def refusal(status: int, code: str = "x", **headers: str) -> Answer:
    return Answer(
        status, headers, msgspec.json.encode({"title": "t", "status": status, "code": code, "detail": "d"})
    )


def drive(
    request: Request[Any], *outcomes: Answer | ConnectionFailed
) -> tuple[list[Exchange], list[float], Any]:
    """What was sent, what was waited for, and the result."""
    plan, left = carry_out(request, Manner(retries=2, longest_wait=30)), list(outcomes)
    sent: list[Exchange] = []
    waited: list[float] = []
    step = next(plan)
    while True:
        try:
            if isinstance(step, Pause):
                waited.append(step.seconds)
                step = plan.send(None)
                continue
            assert isinstance(step, Exchange)
            sent.append(step)
            outcome = left.pop(0)
            step = plan.throw(outcome) if isinstance(outcome, ConnectionFailed) else plan.send(outcome)
        except StopIteration as end:
            assert not left
            return sent, waited, end.value


@pytest.mark.parametrize("request_", [GET, CREATES])
def test_what_may_be_repeated_is_repeated_when_its_answer_is_lost(request_: Request[Any]) -> None:
    sent, waited, result = drive(request_, LOST, LOST, OK)
    assert (len(sent), result) == (3, {"a": 1})
    assert sent[0] == sent[1] == sent[2]  # under the same Idempotency-Key
    assert 0 < waited[0] <= 0.1 < 0.2 >= waited[1]


def test_two_calls_that_create_have_two_keys() -> None:
    keys = {drive(CREATES, OK)[0][0].headers["Idempotency-Key"] for _ in range(2)}
    assert len(keys) == 2


def test_what_may_happen_once_only_is_not_repeated_when_its_answer_is_lost() -> None:
    with pytest.raises(ConnectionFailed):
        drive(POST, LOST)


def test_what_was_never_sent_is_always_tried_again() -> None:
    assert len(drive(POST, UNSENT, UNSENT, OK)[0]) == 3
    with pytest.raises(ConnectionFailed):
        drive(POST, UNSENT, UNSENT, UNSENT)


def test_the_server_says_for_how_long_it_is_put_off() -> None:
    sent, waited, _ = drive(POST, refusal(503, **{"retry-after": "7"}), refusal(429), OK)
    assert (len(sent), waited[0]) == (3, 7.0)
    assert waited[1] <= 0.2


def test_who_is_put_off_for_too_long_is_told_instead() -> None:
    with pytest.raises(TooMany) as raised:
        drive(GET, refusal(429, "too_many_codes", **{"retry-after": "86400", "x-request-id": "r"}))
    assert (raised.value.retry_after, raised.value.code, raised.value.request_id) == (
        86400.0,
        "too_many_codes",
        "r",
    )


def test_a_refusal_for_good_is_not_repeated() -> None:
    with pytest.raises(Forbidden):
        drive(GET, refusal(403))
    with pytest.raises(ServerFailed):
        drive(GET, refusal(500))


def test_a_proxy_that_lost_the_server_is_asked_again_where_that_is_safe() -> None:
    assert len(drive(CREATES, Answer(502, {}, b"<html>"), OK)[0]) == 2
    with pytest.raises(ServerFailed) as raised:
        drive(POST, Answer(504, {}, b"<html>"))
    assert (raised.value.code, raised.value.status) == ("unknown", 504)


def test_what_a_repeated_delete_does_not_find_is_deleted() -> None:
    assert drive(DELETE, LOST, refusal(404))[2] is None
    with pytest.raises(NotFound):
        drive(DELETE, UNSENT, refusal(404))


def test_an_answer_of_another_shape_is_told_as_such() -> None:
    with pytest.raises(BadAnswer):
        drive(GET, Answer(200, {}, b"[]"))
