"""The four ASGI shapes that this room passes around, and the keys it adds to a scope."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Set by the guard once a request's last byte is here: its body, which needs no timer to be read.
WHOLE_BODY: Final = "textwire.whole_body"
# Set by the guard: sends a whole response (status, header lines as bytes, body) in one write, instead of two
# messages whose header lines uvicorn would check again one by one. True: the connection ends with it.
ANSWER: Final = "textwire.answer"
# Of sockets: how many of the messages sent have arrived (a call that says so), and a call that finds it out soon.
ARRIVED: Final = "textwire.arrived"
CONFIRM: Final = "textwire.confirm"
Answer = Callable[[int, bytes, bytes, bool], None]
# Set by the guard on a connection that counts as a stranger's: to be called once its client has proved itself.
TRUST: Final = "textwire.trust"
