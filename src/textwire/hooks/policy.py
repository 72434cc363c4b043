"""The policy of a server: what its own listeners, its database and its settings mean for where webhooks may go."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from textwire.hooks.guard import LOOPBACK, Policy, allowances
from textwire.hooks.spelling import canonical

POSTGRES_PORT = 5432


def policy_of(
    listeners: Iterable[tuple[str, int]], database: str, *, simulated: bool, allow_private: str = ""
) -> Policy:
    """`listeners` are (host, port) as bound, `database` is the store's URL or path.

    Loopback is open only while the simulated network alone is armed and nobody else can reach us; our own ports
    and our database's never are.
    """
    bound = list(listeners)
    host, port = _of_database(database)
    return Policy(
        allow_loopback=simulated and all(_is_loopback(one) for one, _ in bound),
        own_ports=frozenset({port, POSTGRES_PORT} | {port for _, port in bound}),
        own_addresses=frozenset({host} if host else ()),
        allowed=allowances(allow_private),
    )


def _is_loopback(host: str) -> bool:
    try:
        address = canonical(host)
    except ValueError:
        return host == "localhost"
    return any(address in network for network in LOOPBACK)


def _of_database(database: str) -> tuple[str, int]:
    """Address ("": it is a name, and no secret) and port of the database's server."""
    if not database.startswith(("postgresql://", "postgres://")):
        return "", POSTGRES_PORT
    try:
        parts = urlsplit(database)
        return str(canonical(parts.hostname or "")), parts.port or POSTGRES_PORT
    except ValueError:
        return "", _port(database)


def _port(database: str) -> int:
    try:
        return urlsplit(database).port or POSTGRES_PORT
    except ValueError:
        return POSTGRES_PORT
