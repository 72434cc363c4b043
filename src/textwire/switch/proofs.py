"""What proves that a sender may be used: read for a whole batch, and only as far as somebody asks."""

from collections.abc import Iterable
from typing import Final, TypedDict

from textwire.store import numbers
from textwire.store.committer import Unit

Sender = tuple[int, int, str, str]  # account, principal, sender, by which rule
OWNING: Final = ("owned", "extension")  # rules by which an account sends as what it owns or has proved


class Proofs(TypedDict):
    """The part of the Facts that is about senders."""

    assigned: dict[tuple[int, str], int]
    owners: dict[str, tuple[int, int]]
    verified: set[tuple[int, str]]


async def proofs(unit: Unit, senders: Iterable[Sender]) -> Proofs:
    """Assignments, owners and proved senders; who owns a number needs no other proof of it."""
    wanted = list(senders)
    owned = {(account, sender) for account, _, sender, rule in wanted if rule in OWNING}
    owners = await numbers.sending(unit, {sender for _, sender in owned})
    unproved = {(account, sender) for account, sender in owned if owners.get(sender, (0, 0))[0] != account}
    return Proofs(
        assigned=await numbers.sendable(unit, {(p, s) for _, p, s, rule in wanted if rule == "assigned"}),
        owners=owners,
        verified=await numbers.verified(unit, unproved),
    )
