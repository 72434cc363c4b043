"""The bounds of the webhook client, each with its default."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Times in seconds, sizes in bytes. Figures: the design's H4 and H7 (15 s, 10 per endpoint, 200 per node)."""

    per_origin: int = 10  # calls under way to one scheme, host and port
    per_node: int = 200  # calls under way in all
    waiting: int = 10_000  # calls waiting for their turn; beyond it they fail as `busy` at once
    idle: int = 200  # connections kept open without a call
    idle_s: float = 30.0
    connect_s: float = 5.0  # name, connection and TLS, each
    dns_ttl_s: float = 5.0  # a name's addresses are looked up and judged anew after this
    dns_names: int = 1024  # names remembered
    dns_lookups: int = 32  # look-ups under way; each holds a thread
    addresses: int = 4  # tried of one name
    head: int = 16 * 1024  # of a reply, read
    reply: int = 64 * 1024  # of a reply, head included, read; then the connection is closed
    kept: int = 1024  # of a reply's body, kept
