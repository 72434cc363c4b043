"""What one call to a webhook comes to: a Reply, or a Failed with its reason."""

import msgspec


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A final answer: `body` is its beginning, `retry_after` and `elapsed` are seconds."""

    status: int
    body: bytes
    retry_after: float | None
    elapsed: float


class Failed(Exception):
    """No answer, for a stable reason that tells a tenant nothing about what stands at the other end.

    From the other end: `dns`, `refused` (no connection), `timeout`, `tls`, `closed` (before a whole answer),
    `bad_response` (no HTTP, or a head without end). Ours: `blocked_address` (an address or port we never call),
    `bad_url`, `bad_header` (a name or value that no field can carry), `busy` (no turn or no socket for it; nobody
    was called). `sent`: the whole request had left. `status`: the answer's, if its head had arrived.
    """

    def __init__(self, reason: str, *, sent: bool = False, status: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.sent = sent
        self.status = status
