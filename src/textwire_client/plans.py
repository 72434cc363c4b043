"""How a call is carried out, without I/O: generators that say what to do next and are told what came of it.

A driver does what a plan asks for: exchange octets with the server, let time pass, make another call.
"""

from __future__ import annotations

import os
import random
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

import msgspec

from .errors import BadAnswer, ConnectionFailed, Problem, Refused, refusal
from .request import Answer, Request

if TYPE_CHECKING:
    from .talk.channel import Channel

T = TypeVar("T")

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 5.0
REFUSED_FOR_NOW = frozenset({429, 503})
"""The server changed nothing and says when to come back: any call may be repeated."""
LOST_ON_THE_WAY = frozenset({502, 504})
"""A proxy does not know what became of the request: only what may be repeated is."""


class Exchange(msgspec.Struct, frozen=True):
    """Send this and hand over the answer; if there is none, throw ConnectionFailed into the plan."""

    method: str
    target: str
    headers: dict[str, str]
    payload: bytes
    patience: float


class Pause(msgspec.Struct, frozen=True):
    """Let so many seconds pass."""

    seconds: float


class Listen(msgspec.Struct, frozen=True):
    """Something that the ear does: tell the `position` of events about numbers, or `attend` to what the channel asks for."""

    channel: Channel
    act: Literal["position", "attend"]
    numbers: tuple[str, ...] = ()


Step: TypeAlias = "Exchange | Pause | Request[Any] | Listen"
Plan: TypeAlias = Generator[Step, Any, T]


def asked(request: Request[T]) -> Plan[T]:
    """A call as a part of a longer plan, in the client's own manner."""
    answer: T = yield request
    return answer


class Manner(msgspec.Struct, frozen=True):
    """How often a call is repeated, and how long it is put off at most because the server says so."""

    retries: int = 3
    longest_wait: float = 30.0


def carry_out(request: Request[T], manner: Manner) -> Plan[T]:
    """One call with its repetitions."""
    exchange, repeated = _exchange(request), False
    for turn in range(manner.retries + 1):
        last = turn == manner.retries
        try:
            answer: Answer = yield exchange
        except ConnectionFailed as error:
            if last or (error.sent and not request.may_repeat):
                raise
            repeated = repeated or error.sent
            yield Pause(_backoff(turn))
            continue
        if answer.status < 300 or (answer.status == 404 and repeated and request.method == "DELETE"):
            return _read(request, answer)  # gone is what a repeated DELETE wanted
        refusal_ = refused(answer)
        pause = _pause(request, refusal_, turn, manner)
        if last or pause is None:
            raise refusal_
        yield Pause(pause)
    raise AssertionError("the last turn returns or raises")


def _exchange(request: Request[Any]) -> Exchange:
    headers = {"Accept": "application/json"}
    payload = request.payload
    if payload:
        headers["Content-Type"] = request.content_type
    if request.creates:
        headers["Idempotency-Key"] = request.idempotency_key or os.urandom(16).hex()
    return Exchange(request.method, request.target, headers, payload, request.patience)


def _pause(request: Request[Any], error: Refused, turn: int, manner: Manner) -> float | None:
    """For how long to wait before the call is repeated, or None if it is not."""
    if error.status in REFUSED_FOR_NOW:
        wait = _backoff(turn) if error.retry_after is None else error.retry_after
        return wait if wait <= manner.longest_wait else None
    return _backoff(turn) if error.status in LOST_ON_THE_WAY and request.may_repeat else None


def _backoff(turn: int) -> float:
    return float(min(LONGEST_PAUSE, FIRST_PAUSE * 2**turn) * random.uniform(0.5, 1.0))  # noqa: S311 - no secret


def _read(request: Request[T], answer: Answer) -> T:
    if request.answer is None:
        return None  # type: ignore[return-value]  # T is None then
    if request.answer is bytes:
        return answer.body  # type: ignore[return-value]  # T is bytes then
    try:
        read: T = msgspec.json.decode(answer.body, type=request.answer)
    except msgspec.MsgspecError as error:
        raise BadAnswer(f"{request.method} {request.path}: {error}") from None
    return read


def refused(answer: Answer, detail: str = "") -> Refused:
    """The exception of an answer that is no success; `detail` is for one without a body."""
    try:
        problem = msgspec.json.decode(answer.body, type=Problem)
    except msgspec.MsgspecError:
        problem = Problem(title="The answer is no problem document", code="unknown", detail=detail)
    problem = msgspec.structs.replace(problem, status=answer.status)
    after = answer.headers.get("retry-after", "")
    return refusal(
        problem,
        retry_after=float(after) if after.isdecimal() else None,
        request_id=answer.headers.get("x-request-id", ""),
    )
