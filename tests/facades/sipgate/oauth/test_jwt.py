"""Tokens as text: what nobody can forge, and what others can verify."""

import base64
import hmac
import json

import msgspec
import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from textwire.access.keypairs import pair
from textwire.facades.sipgate.oauth import jwt

PRIVATE, PUBLIC = pair()
FOREIGN, _ = pair()
CLAIMS = {"typ": "Bearer", "exp": 2_000_000_000}


class Claims(msgspec.Struct, frozen=True):
    typ: str
    exp: int


def raw(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value, separators=(",", ":")).encode()).rstrip(b"=").decode()


def signed(header: dict[str, object], key: str = PRIVATE) -> str:
    return jws.serialize_compact(header, json.dumps(CLAIMS), RSAKey.import_key(key), [str(header["alg"])])


GOOD = jwt.sign(CLAIMS, PRIVATE)
HEADER, PAYLOAD, SIGNATURE = GOOD.split(".")
KID = jwt.public(PRIVATE)["kid"]


def hostile() -> dict[str, str]:
    own = {"alg": "RS256", "typ": "JWT", "kid": KID}
    head = raw({**own, "alg": "HS256"})
    mac = hmac.digest(PUBLIC.encode(), f"{head}.{PAYLOAD}".encode(), "sha256")
    by_public = f"{head}.{PAYLOAD}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    spare = {"A": "B", "Q": "R", "g": "h", "w": "x"}
    return {
        "empty": "", "two dots": "..", "opaque": "x" * 40, "signature stripped": f"{HEADER}.{PAYLOAD}.",
        "signature missing": f"{HEADER}.{PAYLOAD}", "a fourth part": f"{GOOD}.{SIGNATURE}",
        "other payload": f"{HEADER}.{raw({**CLAIMS, 'exp': 3_000_000_000})}.{SIGNATURE}",
        "other signature": f"{HEADER}.{PAYLOAD}.{'A' * 342}", "other spelling": GOOD[:-1] + spare[GOOD[-1]],
        "padding": GOOD + "==", "blank": f" {GOOD}", "line feed": f"{GOOD}\n", "one MiB": "A" * 2**20 + "." + GOOD,
        "foreign key": jwt.sign(CLAIMS, FOREIGN), "foreign key, our name": signed(own, FOREIGN),
        "alg none": f"{raw({'alg': 'none', 'typ': 'JWT'})}.{PAYLOAD}.",
        "alg none, signed": f"{raw({'alg': 'none', 'typ': 'JWT', 'kid': KID})}.{PAYLOAD}.{SIGNATURE}",
        "HS256 with the public key": by_public, "RS512": signed({**own, "alg": "RS512"}), "PS256": signed({**own, "alg": "PS256"}),
        "no kid": signed({"alg": "RS256", "typ": "JWT"}), "kid is a path": signed({**own, "kid": "../../dev/null"}),
        "jku": signed({**own, "jku": "http://127.0.0.1/keys"}),
        "jwk": signed({**own, "jwk": RSAKey.import_key(FOREIGN).as_dict(private=False)}, FOREIGN),
        "not ASCII": "é" * 400, "half a character": "\udc80.\udc80.\udc80",
    }  # fmt: skip


HOSTILE = hostile()


def test_what_was_signed_is_read_back() -> None:
    assert jwt.read(GOOD, PRIVATE, Claims) == Claims("Bearer", 2_000_000_000)


@pytest.mark.parametrize("label", [*HOSTILE])
def test_anything_else_is_no_token(label: str) -> None:
    with pytest.raises(jwt.BadToken):
        jwt.read(HOSTILE[label], PRIVATE, Claims)


def test_others_verify_with_the_public_half_and_get_no_more() -> None:
    told = jwt.public(PRIVATE)
    assert set(told) == {"kty", "n", "e", "kid", "use", "alg"}
    assert jws.deserialize_compact(
        GOOD, RSAKey.import_key({k: told[k] for k in ("kty", "n", "e")}), ["RS256"]
    )
    assert told["kid"] == json.loads(base64.urlsafe_b64decode(HEADER + "=="))["kid"]
