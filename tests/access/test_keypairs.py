"""Key pairs: what is made fits together, what is brought along is a public RSA key of a size that we verify with."""

import asyncio

import pytest
from cryptography.hazmat.primitives import serialization as shape
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from textwire.access import keypairs
from textwire.access.keypairs import Pairs, pair, public_key
from textwire.domain.refusal import Refusal


def pem(key: "rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey") -> str:
    return key.public_key().public_bytes(shape.Encoding.PEM, shape.PublicFormat.SubjectPublicKeyInfo).decode()


def test_a_new_pair_fits_together_and_no_two_are_the_same() -> None:
    private, public = pair()
    loaded = shape.load_pem_private_key(private.encode(), None)
    assert isinstance(loaded, rsa.RSAPrivateKey)
    assert (pem(loaded), loaded.key_size) == (public, 2048)
    assert pair() != (private, public)
    assert public_key(f"\n {public} \r\n") == public


@pytest.mark.parametrize("size", [1024, 4224])
def test_a_key_too_small_or_too_large_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="RSA of 2048 to 4096 bits"):
        public_key(pem(rsa.generate_private_key(65537, size)))


def test_what_is_no_public_rsa_key_is_refused() -> None:
    for wrong in (
        "",
        "nonsense",
        pair()[0],
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "é",
    ):
        with pytest.raises(ValueError, match="no public key"):
            public_key(wrong)
    with pytest.raises(ValueError, match="must be RSA"):
        public_key(pem(ec.generate_private_key(ec.SECP256R1())))
    with pytest.raises(ValueError, match="too long"):
        public_key("x" * 5000)


async def test_only_so_many_wait_for_a_pair_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keypairs, "WAITING", 2)
    monkeypatch.setattr(keypairs, "pair", lambda: ("private", "public"))
    pairs = Pairs()
    found = await asyncio.gather(*(pairs.make() for _ in range(3)), return_exceptions=True)
    assert found[:2] == [("private", "public")] * 2
    assert isinstance(found[2], Refusal)
    assert found[2].code == "queue_full"
    assert await pairs.make() == ("private", "public")
