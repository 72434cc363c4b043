"""Minting: what is shown once proves its owner, and cannot be read from what is kept."""

import pytest

from textwire.access import minting, secrets
from textwire.access.access import client_lookup


def test_a_key_is_found_by_its_digest_alone() -> None:
    made = minting.key(frozenset(("send", "read")), 7)
    assert made.secret.startswith("tw_")
    assert (made.kept.lookup, made.kept.hash) == (secrets.digest(made.secret), "")
    assert (made.kept.scopes, made.kept.expires_at) == ("read send", 7)
    assert made.secret not in repr(made.kept)


@pytest.mark.parametrize(
    ("name", "last"), [("Shop", "Shop"), ("My Shop!", "My Shop"), ("...", "Project"), ("x" * 90, "x" * 40)]
)
def test_a_project_has_its_name_in_its_identifier_as_far_as_it_is_plain(name: str, last: str) -> None:
    made = minting.kandy_project("carol", name)
    assert made.identifier.startswith("PRIV-carol.")
    assert made.identifier.rpartition(".")[2] == last
    assert made.kept.lookup == client_lookup("kandy_project", made.identifier)
    assert secrets.same(made.kept.hash, secrets.digest(made.secret))
    assert minting.identifier_of(made.kept.lookup) == made.identifier


def test_a_public_identifier_has_no_secret() -> None:
    made = minting.kandy_public("carol")
    assert (made.secret, made.kept.hash) == ("", "")
    assert made.identifier.startswith("PUB-carol.")


def test_no_two_are_alike() -> None:
    assert len({minting.kandy_public("carol").identifier for _ in range(100)}) == 100
    assert len({minting.key(frozenset()).secret for _ in range(100)}) == 100
