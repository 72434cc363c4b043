"""Seals: a secret comes back under its key and under no other."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from textwire.access.seal import KEY_BYTES, MARK, Seal

KEY = bytes(range(KEY_BYTES))


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200))
def test_a_secret_comes_back(secret: str) -> None:
    sealed = Seal(KEY).seal(secret)
    assert Seal(KEY).open(sealed) == secret


def test_a_sealed_secret_tells_nothing_not_even_that_it_is_the_same() -> None:
    seal = Seal(KEY)
    first, second = seal.seal("whsec_secret"), seal.seal("whsec_secret")
    assert first != second
    assert "whsec" not in first
    assert first.startswith(MARK)
    assert first.isascii()


@pytest.mark.parametrize("at", [0, len(MARK), 20, -8])
def test_what_was_tampered_with_does_not_open(at: int) -> None:
    sealed = list(Seal(KEY).seal("whsec_secret of some length"))
    sealed[at] = "A" if sealed[at] != "A" else "B"
    with pytest.raises(ValueError, match="was not sealed"):
        Seal(KEY).open("".join(sealed))


@pytest.mark.parametrize(
    "kept", ["", "plain", MARK, MARK + "AAAA", MARK + "é", MARK + "A" * 40, "s2." + "A" * 40]
)
def test_what_was_never_sealed_does_not_open_and_is_not_repeated(kept: str) -> None:
    with pytest.raises(ValueError, match="was not sealed") as caught:
        Seal(KEY).open(kept)
    assert not kept or kept not in str(caught.value)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(ValueError, match="was not sealed"):
        Seal(bytes(KEY_BYTES)).open(Seal(KEY).seal("secret"))


@pytest.mark.parametrize("size", [0, 16, 31, 33])
def test_a_key_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Seal(bytes(size))


def test_a_house_without_secrets_carries_no_cipher() -> None:
    code = (
        "import sys, textwire.access.seal as s; s.Seal(bytes(32));"
        "sys.exit(any(m.startswith('cryptography') for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
