"""Idempotency-Key: the same request gets the same answer for 24 hours.

A call that creates something answers with `create`, and says `once=True` in its About:

    form = await reading.form(request, Form)
    return await create(
        desk, request, caller, lambda keep: desk.things.make(caller.account, form.name, keep=keep), view
    )

`make` returns the outcome of the write as it is, and its verb writes with `switch.once.write(…, keep)`; `view`
words that outcome as a Struct, in the writer's thread: it reads nothing but the outcome and what it was given.
Sending has its own way (`Once`), because its verb judges keys together with balances.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import msgspec

from textwire.domain.account import Caller
from textwire.domain.refusal import Refusal
from textwire.store.idempotency import Answered
from textwire.switch import once
from textwire.switch.desk import Desk
from textwire.switch.judge import Idempotency, Taken
from textwire.switch.once import Keep, Replayed
from textwire.web.request import Request
from textwire.web.response import JSON, Response

T = TypeVar("T")

LONGEST_KEY: Final = 255
LONG_BODY: Final = 1_048_576  # bytes, whose digest takes milliseconds
HEADER: Final = "Idempotency-Key"
REPLAYED: Final = (("Idempotent-Replayed", "true"),)


class Once:
    """One request with its key. What is stored is what is sent: the answer is worded inside the write."""

    __slots__ = ("_status", "_word", "answer", "idempotency")

    def __init__(
        self, key: str, scope: str, body: bytes, status: int, word: Callable[[Taken], bytes]
    ) -> None:
        self._status, self._word = status, word
        self.answer = b""
        self.idempotency = Idempotency(
            scope=scope, key=key, digest=hashlib.sha256(body).hexdigest(), render=self._render
        )

    def _render(self, taken: Taken) -> tuple[int, str]:
        # Runs in the writer's thread, and again if the transaction is: the last run is the one that counts.
        self.answer = self._word(taken)
        return self._status, self.answer.decode()

    def response(self, replay: Answered | None) -> Response:
        """The answer: the one just worded, or the earlier one."""
        if replay is None:
            return Response(self._status, self.answer, JSON)
        return Response(replay.status, replay.answer.encode(), JSON, REPLAYED)


def key_of(request: Request) -> str | None:
    """The caller's key; Refusal("invalid_field") for one that is empty, too long or not printable ASCII."""
    key = request.header(b"idempotency-key")
    if key is None:
        return None
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable()):
        raise Refusal("invalid_field", f"A key is 1 to {LONGEST_KEY} printable ASCII characters.", HEADER)
    return key


async def create(
    desk: Desk, request: Request, caller: Caller, make: Callable[[Keep | None], Awaitable[T]],
    view: Callable[[T], Any], *, status: int = 201, secret: bool = False,
) -> Response:  # fmt: skip
    """The answer to a request that creates: what was made, or what the same request was answered before.

    `secret`: the answer shows a secret, so what is kept of it is sealed. Raises what `make` does.
    """
    key = key_of(request)
    if key is None:
        return Response(status, _encode(view(await make(None))), JSON)
    answer = b""

    def word(outcome: T) -> tuple[int, str]:
        nonlocal answer
        answer = _encode(view(outcome))
        return status, desk.seal(answer.decode()) if secret else answer.decode()

    sent = await request.body()
    long = len(sent) > LONG_BODY
    digest = await asyncio.to_thread(_digest, desk, sent, secret) if long else _digest(desk, sent, secret)
    keep = Keep(
        account=caller.account, scope=f"{request.method} {request.path}", key=key,
        digest=digest, at=desk.clock.now(), word=word,
    )  # fmt: skip
    try:
        # Looked for first: what `make` asks before it writes may be answered differently by now.
        await once.earlier(desk.store.engine, keep)
        await make(keep)
    except Replayed as replayed:
        told = replayed.answered
        body = desk.unseal(told.answer) if secret else told.answer
        return Response(told.status, body.encode(), JSON, REPLAYED)
    return Response(status, answer, JSON)


def _digest(desk: Desk, body: bytes, secret: bool) -> str:
    """By which a body is known again. One that may hold a password is not to be guessed at by who reads the store."""
    return desk.fingerprint(body) if secret else hashlib.sha256(body).hexdigest()


_encode: Final = msgspec.json.Encoder().encode
