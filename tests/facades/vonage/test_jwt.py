"""Tokens of applications: what is good, and what is never taken for good (RFC 8725)."""

import base64
import hmac
import json
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import RSAKey

from textwire.access.keypairs import pair
from textwire.facades.vonage import jwt

PRIVATE, PUBLIC = pair()
FOREIGN = pair()[0]
APPLICATION = "78d335fa-323d-0114-9c3d-d6f0d48968cf"
NOW = 1_800_000_000
HEADER: dict[str, object] = {"alg": "RS256", "typ": "JWT"}
CLAIMS: dict[str, object] = {"application_id": APPLICATION, "iat": NOW, "jti": "one", "exp": NOW + 900}
DAY = 86_400


def raw(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def signed(
    claims: object = None, header: dict[str, object] = HEADER, key: str = PRIVATE, **more: object
) -> str:
    """A token by this key; `claims` may be text."""
    payload = (
        claims if isinstance(claims, str) else json.dumps({**CLAIMS, **more} if claims is None else claims)
    )
    algorithm = str(header["alg"])
    return jws.serialize_compact(header, payload, RSAKey.import_key(key), [algorithm])


def without(name: str) -> str:
    return signed({key: value for key, value in CLAIMS.items() if key != name})


@pytest.mark.parametrize(
    "more",
    [
        {}, {"exp": NOW + DAY}, {"iat": NOW - DAY + 10, "exp": NOW + 10}, {"iat": NOW + 60}, {"nbf": NOW}, {"nbf": NOW + 60},
        {"sub": "someone"}, {"jti": "j" * 255}, {"application_id": APPLICATION.upper()},
        {"acl": {"paths": {"/*/messages/**": {}}}},
    ],
)  # fmt: skip
def test_a_good_token_says_whose_it_is(more: dict[str, Any]) -> None:
    token = signed(**more)
    assert jwt.claimed(token) == APPLICATION
    said = {**CLAIMS, **more}
    found = jwt.read(token, PUBLIC, NOW)
    assert (found.application_id, found.jti, found.iat, found.exp) == (
        APPLICATION, said["jti"], said["iat"], said["exp"],
    )  # fmt: skip


def test_a_token_that_does_not_say_when_it_ends_holds_a_quarter_of_an_hour() -> None:
    token = without("exp")
    assert jwt.read(token, PUBLIC, NOW + 899).exp == NOW + 900
    with pytest.raises(jwt.BadToken):
        jwt.read(token, PUBLIC, NOW + 900)


def test_a_header_need_not_name_its_type() -> None:
    assert jwt.read(signed(header={"alg": "RS256"}), PUBLIC, NOW).jti == "one"


def hostile() -> dict[str, str]:
    """reliability SA6: each of these is nobody's token."""
    good = signed()
    header, payload, signature = good.split(".")
    # The public key taken for a secret: no library of ours would sign so.
    told = f"{raw({'alg': 'HS256', 'typ': 'JWT'})}.{payload}"
    mac = hmac.digest(PUBLIC.encode(), told.encode(), "sha256")
    confused = f"{told}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"
    mine = RSAKey.import_key(FOREIGN).as_dict(private=False)
    twice = raw('{"alg":"none","alg":"RS256","typ":"JWT"}')
    last = "A" if signature[-1] != "A" else "Q"
    return {
        "alg none": f"{raw({'alg': 'none', 'typ': 'JWT'})}.{payload}.",
        "alg none, signed": f"{raw({'alg': 'none', 'typ': 'JWT'})}.{payload}.{signature}",
        "alg in another case": f"{raw({'alg': 'rs256', 'typ': 'JWT'})}.{payload}.{signature}",
        "HS256 with the public key": confused,
        "RS512": signed(header={"alg": "RS512", "typ": "JWT"}),
        "PS256": signed(header={"alg": "PS256", "typ": "JWT"}),
        "a key in jwk": signed(header={**HEADER, "jwk": mine}, key=FOREIGN),
        "a key at jku": signed(header={**HEADER, "jku": "http://127.0.0.1/keys"}),
        "a key at x5u": signed(header={**HEADER, "x5u": "http://127.0.0.1/keys"}),
        "kid is a path": signed(header={**HEADER, "kid": "../../dev/null"}),
        "kid is SQL": signed(header={**HEADER, "kid": "' or 1=1 --"}),
        "crit": f"{raw({**HEADER, 'crit': ['exp']})}.{payload}.{signature}",
        "another typ": signed(header={"alg": "RS256", "typ": "at+jwt"}),
        "a foreign key": signed(key=FOREIGN),
        "signature stripped": f"{header}.{payload}.",
        "signature missing": f"{header}.{payload}",
        "a fourth part": f"{good}.{signature}",
        "another signature": f"{header}.{payload}.{last * len(signature)}",
        "another payload": f"{header}.{raw({**CLAIMS, 'sub': 'x'})}.{signature}",
        "expired": signed(exp=NOW),
        "expired long ago": signed(iat=NOW - DAY - 900, exp=NOW - DAY),
        "iat in the future": signed(iat=NOW + 61),
        "iat far in the future": signed(iat=NOW + 10 * DAY, exp=NOW + 10 * DAY + 900),
        "nbf in the future": signed(nbf=NOW + 61),
        "good for longer than a day": signed(exp=NOW + DAY + 1),
        "good for longer than a day since": signed(iat=NOW - 100, exp=NOW + DAY),
        "ends before it begins": signed(iat=NOW + 30, exp=NOW + 20),
        "no iat": without("iat"),
        "no jti": without("jti"),
        "no application": without("application_id"),
        "jti is empty": signed(jti=""),
        "jti is too long": signed(jti="j" * 256),
        "jti is a number": signed(jti=7),
        "application is no UUID": signed(application_id="nonsense"),
        "application is a path": signed(application_id="../" + APPLICATION),
        "exp is text": signed(exp=str(NOW + 900)),
        "exp is true": signed(exp=True),
        "exp is a fraction": signed(exp=NOW + 0.5),
        "exp is infinite": signed(json.dumps({**CLAIMS, "exp": 0})[:-2] + "1e400}"),
        "exp is Infinity": signed(exp=float("inf")),
        "exp has 5,000 digits": signed(json.dumps({**CLAIMS, "exp": 0})[:-2] + "9" * 5000 + "}"),
        "iat is negative": signed(iat=-1),
        "acl is a list": signed(acl=[]),
        "a claim twice": signed(json.dumps(CLAIMS)[:-1] + f', "exp": {NOW + 800}}}'),
        "the application twice": signed(json.dumps(CLAIMS)[:-1] + f', "application_id": "{APPLICATION}"}}'),
        "alg twice": f"{twice}.{payload}.{signature}",
        "payload is a list": signed("[]"),
        "payload is no JSON": signed("{"),
        "payload is deep": signed("[" * 3000),
        "payload is not UTF-8": f"{header}.{'_' * 12}.{signature}",
        "header is a list": f"{raw([])}.{payload}.{signature}",
        "padding": good + "=",
        "blank around it": f" {good}",
        "line feed behind it": f"{good}\n",
        "digits of another script": f"{header}.{payload}.{'٣' * 342}",
        "lone surrogate": f"{header}.{payload}.{chr(0xD800) * 342}",
        "empty": "",
        "two dots": "..",
        "many dots": "." * 8_000,
        "a megabyte": f"{header}.{'A' * 1_000_000}.{signature}",
    }


HOSTILE = hostile()


@pytest.mark.parametrize("label", HOSTILE)
def test_a_hostile_token_is_no_token(label: str) -> None:
    with pytest.raises(jwt.BadToken):
        jwt.read(HOSTILE[label], PUBLIC, NOW)


def test_a_token_that_was_signed_with_another_applications_key_is_none() -> None:
    with pytest.raises(jwt.BadToken):
        jwt.read(signed(), pair()[1], NOW)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="AZaz09-_.=", max_size=120) | st.text(max_size=40))
def test_no_text_at_all_is_more_than_a_bad_token(text: str) -> None:
    with pytest.raises(jwt.BadToken):
        jwt.claimed(text)


@pytest.mark.parametrize(
    ("acl", "method", "path", "good"),
    [
        (None, "POST", "/v1/messages", True),
        ({"paths": {"/*/messages/**": {}}}, "POST", "/v1/messages/x", True),
        ({"paths": {"/v1/messages": {}}}, "POST", "/v1/messages", True),
        ({"paths": {"/**": {}}}, "POST", "/v1/messages", True),
        ({"paths": {"/*/messages": {"methods": ["GET"]}}}, "POST", "/v1/messages", False),
        ({"paths": {"/*/messages": {"methods": ["POST"]}}}, "POST", "/v1/messages", True),
        ({"paths": {"/*/messages": {"methods": "POST"}}}, "POST", "/v1/messages", False),
        ({"paths": {"/*": {}}}, "POST", "/v1/messages", False),
        ({"paths": {"/*/users/**": {}}}, "POST", "/v1/messages", False),
        ({"paths": {"/v1.messages": {}}}, "POST", "/v1/messages", False),
        ({"paths": {}}, "POST", "/v1/messages", False),
        ({"paths": []}, "POST", "/v1/messages", False),
        ({}, "POST", "/v1/messages", False),
    ],
)  # fmt: skip
def test_a_token_for_some_paths_is_none_for_others(acl: Any, method: str, path: str, good: bool) -> None:
    token = signed() if acl is None else signed(acl=acl)
    assert jwt.allows(jwt.read(token, PUBLIC, NOW), method, path) is good


def allowed(pattern: str, path: str) -> bool:
    return jwt.allows(jwt.Claims("id", "jti", 0, 1, {"paths": {pattern: {}}}), "POST", path)


@given(st.text("ab/*", max_size=8), st.text("ab/", max_size=8))
def test_wildcards_mean_words_and_the_rest(pattern: str, path: str) -> None:
    words = {"**": ".*", "*": "[^/]*"}
    known = "".join(words.get(bit, bit) for bit in re.split(r"(\*\*|\*)", pattern))
    assert allowed(pattern, path) is (re.fullmatch(known, path) is not None)


@pytest.mark.parametrize("wild", ["**", "*", "*/", "**/", "***"])
def test_however_many_wildcards_a_stranger_writes_nobody_waits_for_them(wild: str) -> None:
    """A regular expression made of them would take years."""
    assert not allowed(wild * 1000 + "!", "/v1/messages/" + "a" * 200)
    assert not allowed("**", "/" + "a" * 5000)
