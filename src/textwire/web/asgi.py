"""The four ASGI shapes that this room passes around, and the one key it adds to a scope."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# Set by the guard once a request's last byte is here, so that reading its body needs no timer.
BODY_IS_WHOLE: Final = "textwire.body_is_whole"
