"""What an account has settled about calls, of which this server carries none: it is kept, shown, and acted upon by nobody."""

import msgspec


class CallHooks(msgspec.Struct, frozen=True):
    """Where calls would be told, and of whose extensions; `extensions` None: of everybody's."""

    incoming_url: str = ""
    outgoing_url: str = ""
    log: bool = False
    extensions: tuple[str, ...] | None = ()


NO_CALL_HOOKS = CallHooks()
