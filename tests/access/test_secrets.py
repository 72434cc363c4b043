"""Secrets: long random ones as SHA-256, chosen ones as argon2id."""

from textwire.access import secrets


def test_tokens_hold_enough_and_never_repeat() -> None:
    made = {secrets.token() for _ in range(1000)}
    assert len(made) == 1000
    assert all(len(t) == 32 and t.isalnum() for t in made)


def test_a_password_is_kept_as_argon2id_with_the_recommended_cost() -> None:
    kept = secrets.password_hash("correct horse")
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert secrets.password_matches(kept, "correct horse")
    assert not secrets.password_matches(kept, "correct horsf")
    assert secrets.password_hash("correct horse") != kept


def test_what_is_no_hash_matches_nothing() -> None:
    assert not secrets.password_matches("", "")
    assert not secrets.password_matches("$argon2id$broken", "x")


def test_digests_are_compared_whole_and_take_any_text() -> None:
    assert secrets.same(secrets.digest("ü\udc80"), secrets.digest("ü\udc80"))
    assert not secrets.same(secrets.digest("a"), secrets.digest("b"))
