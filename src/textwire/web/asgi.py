"""The four ASGI shapes that this room passes around, and the keys it adds to a scope."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Set by the guard once a request's last byte is here, so that reading its body needs no timer.
BODY_IS_WHOLE: Final = "textwire.body_is_whole"
# Set by the guard: sends a whole response (status, header lines, body) in one write, instead of two messages
# whose header lines uvicorn would check again one by one.
ANSWER: Final = "textwire.answer"
Answer = Callable[[int, list[tuple[bytes, bytes]], bytes], None]
# Set by the guard on a connection that counts as a stranger's: to be called once its client has proved itself.
TRUST: Final = "textwire.trust"
