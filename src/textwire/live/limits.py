"""How much a live reader may leave unread, and how far back it may come for more (reliability L1)."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """The defaults are those of a server in production; tests shrink them."""

    unsent_frames: int = 1_000  # of one socket, beyond which it is closed
    unsent_bytes: int = 1_048_576
    kept_events: int = 10_000  # of an account, however old
    kept: int = 3_600_000_000  # µs on the message clock, however many
    page: int = 200  # events of one read
    sockets: int = 10_000  # of one account
    heard: int = 20_000  # events of commits that wait for the hub; what is beyond is read again


LIMITS = Limits()
