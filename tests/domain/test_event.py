"""Event types have bits that are stored, so they may only be added to."""

import pytest

from textwire.domain.event import ALL, BIT, TYPES, mask

# What databases in the field hold. A line may be added at the end; no other line may ever change.
STORED = {
    "message.accepted": 1 << 0,
    "message.sent": 1 << 1,
    "message.delivered": 1 << 2,
    "message.undelivered": 1 << 3,
    "message.failed": 1 << 4,
    "message.rejected": 1 << 5,
    "message.expired": 1 << 6,
    "message.canceled": 1 << 7,
    "message.received": 1 << 8,
    "message.ambiguous": 1 << 9,
    "message.deferred": 1 << 10,
    "number.assigned": 1 << 11,
    "number.unassigned": 1 << 12,
    "hook.disabled": 1 << 13,
    "optout.added": 1 << 14,
    "optout.removed": 1 << 15,
    "subscription.canceled": 1 << 16,
}


def test_the_bit_of_a_type_never_changes() -> None:
    assert {name: BIT[name] for name in STORED} == STORED


def test_every_type_has_a_bit_of_its_own_that_fits_a_column() -> None:
    assert len(set(BIT.values())) == len(TYPES) == len(set(TYPES)) < 63
    assert sum(BIT.values()) == ALL


def test_a_mask_is_the_union_of_its_types() -> None:
    assert mask([]) == 0
    assert mask(["message.sent", "message.received", "message.sent"]) == (1 << 1) | (1 << 8)
    assert mask(list(TYPES)) == ALL


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(KeyError, match=r"message\.teleported"):
        mask(["message.teleported"])
