"""Idempotency-Key: the same request gets the same answer for 24 hours."""

import hashlib
from collections.abc import Callable
from typing import Final

from textwire.domain.refusal import Refusal
from textwire.store.idempotency import Answered
from textwire.switch.judge import Idempotency, Taken
from textwire.web.request import Request
from textwire.web.response import JSON, Response

LONGEST_KEY: Final = 255
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
