"""Tokens as text: what the weakest SDK can read, and what nobody can forge."""

import base64
import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey

from textwire.facades.kandy import jwt

KEY = "k" * 43
CLAIMS = {"typ": "Bearer", "exp": 2_000_000_000, "name": "someone"}


class Claims(msgspec.Struct, frozen=True):
    typ: str
    exp: int
    name: str


def parts(token: str) -> list[str]:
    return token.split(".")


def raw(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def signed(header: dict[str, object], payload: str, key: str = KEY) -> str:
    """A token by this key whose header is not ours."""
    return jws.serialize_compact(header, payload, OctKey.import_key(key), [str(header["alg"])])


def test_what_was_signed_is_read_back() -> None:
    assert jwt.read(jwt.sign(CLAIMS, KEY), KEY, Claims) == Claims("Bearer", 2_000_000_000, "someone")


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]) | st.sampled_from(">?~\x7f"), max_size=60))
def test_a_payload_is_plain_base64_of_ascii_whatever_it_says(name: str) -> None:
    payload = parts(jwt.sign({**CLAIMS, "name": name}, KEY))[1]
    plain = base64.b64decode(payload + "=" * (-len(payload) % 4), validate=True)  # refuses - and _
    assert plain.isascii()
    assert not set(plain) & set(b">?~\x7f")
    assert json.loads(plain)["name"] == name


def hostile() -> dict[str, str]:
    good = jwt.sign(CLAIMS, KEY)
    header, payload, signature = parts(good)
    claims = json.dumps(CLAIMS)
    return {
        "empty": "",
        "null": "null",
        "two dots": "..",
        "signature stripped": f"{header}.{payload}.",
        "signature missing": f"{header}.{payload}",
        "a fourth part": f"{good}.{signature}",
        "other payload": f"{header}.{raw({**CLAIMS, 'name': 'else'})}.{signature}",
        "other signature": f"{header}.{payload}.{'A' * 43}",
        "same signature, other spelling": good[:-1] + chr(ord(good[-1]) + 1),
        "padding": good + "=",
        "blank around it": f" {good}",
        "line feed behind it": f"{good}\n",
        "foreign key": jwt.sign(CLAIMS, "f" * 43),
        "alg none": f"{raw({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        "alg none, signed": f"{raw({'alg': 'none', 'typ': 'JWT'})}.{payload}.{signature}",
        "alg HS512": signed({"alg": "HS512", "typ": "JWT"}, claims),
        "alg HS384": signed({"alg": "HS384", "typ": "JWT"}, claims),
        "alg in another case": f"{raw({'alg': 'hs256', 'typ': 'JWT'})}.{payload}.{signature}",
        "kid": signed({"alg": "HS256", "typ": "JWT", "kid": "../../dev/null"}, claims),
        "jku": signed({"alg": "HS256", "typ": "JWT", "jku": "http://127.0.0.1/keys"}, claims),
        "jwk": signed({"alg": "HS256", "typ": "JWT", "jwk": {"kty": "oct", "k": "Zg"}}, claims),
        "no typ": signed({"alg": "HS256"}, claims),
        "header is a list": f"{raw([])}.{payload}.{signature}",
        "header is a number": f"{raw(7)}.{payload}.{signature}",
        "header is not JSON": f"{raw('{')}.{payload}.{signature}",
        "payload is no object": signed({"alg": "HS256", "typ": "JWT"}, "7"),
        "payload is not JSON": signed({"alg": "HS256", "typ": "JWT"}, "{"),
        "payload is not UTF-8": f"{header}.{'_' * 12}.{signature}",
        "payload lacks a claim": signed({"alg": "HS256", "typ": "JWT"}, '{"typ":"Bearer"}'),
        "exp is text": signed({"alg": "HS256", "typ": "JWT"}, '{"typ":"Bearer","exp":"9","name":""}'),
        "exp is infinite": signed({"alg": "HS256", "typ": "JWT"}, '{"typ":"Bearer","exp":1e400,"name":""}'),
        "exp has 5,000 digits": signed(
            {"alg": "HS256", "typ": "JWT"}, '{"typ":"Bearer","exp":' + "9" * 5000 + ',"name":""}'
        ),
        "not ASCII": f"{header}.{payload}.{'é' * 43}",
        "digits of another script": f"{header}.{payload}.{'٣' * 43}",
        "lone surrogate": f"{header}.{payload}.{chr(0xD800) * 43}",
        "a megabyte": f"{header}.{'A' * 1_000_000}.{signature}",
        "many dots": "." * 8_000,
    }


@pytest.mark.parametrize("label", hostile())
def test_a_hostile_token_is_no_token(label: str) -> None:
    token = hostile()[label]
    with pytest.raises(jwt.BadToken):
        jwt.read(token, KEY, Claims)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="AZaz09-_.=", max_size=120) | st.text(max_size=40))
def test_no_text_at_all_is_more_than_a_bad_token(text: str) -> None:
    with pytest.raises(jwt.BadToken):
        jwt.read(text, KEY, Claims)


def test_a_token_longer_than_a_head_may_be_is_not_even_looked_at() -> None:
    with pytest.raises(jwt.BadToken):
        jwt.read(jwt.sign({**CLAIMS, "name": "n" * jwt.LONGEST}, KEY), KEY, Claims)
