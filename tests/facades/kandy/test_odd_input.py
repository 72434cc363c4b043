"""Whatever comes, on whatever path: an answer in the vendor's shape, never a fault of ours."""

from random import Random
from urllib.parse import quote

from textwire.facades.kandy.oauth import ERRORS

from .house import CHANNELS, SMS, House, Session, Tenant
from .test_door import has_cors
from .test_login import FORM, LOGIN, client_form, password_form, refresh_form
from .test_status_table import is_readable_by_every_sdk

ROUNDS = 400
ODD = [
    b"", b"\0", b"%00", b"%ff", b"%", b"%%%", b"&&", b"=", b"+", b"\xf0\x9f\x98\x80", b"%F0%9F%98%80", b"null", b"[]", b"'", b"<>",
    b"\r\n", b"..", b"%2F", b";", b"9" * 500, b"grant_type", b"scope=x",
]  # fmt: skip
SEGMENTS = [
    "", ".", "..", "%2e%2e", "%2F", "%5C", "%00", "%ff", "%", "%zz", "+", "%2B", " ", "%20", "tel:+1", "sip:@", "@", ":", ";a=b", "*",
    "{user}", "default", "user-ada", "messages", "channels", "subscriptions", "outbound", "inbound", "requests", "remoteAddresses",
    "localAddresses", "%F0%9F%98%80", "9" * 300, "SM1-0", "wh-", "ws-", "null", "undefined", "websocket", "status",
]  # fmt: skip
METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "PROPFIND"]


def bent(chance: Random, octets: bytes) -> bytes:
    """Something that was right, with a few odd pieces in it."""
    given = bytearray(octets)
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(given) + 1)
        given[at : at + chance.randint(0, 8)] = chance.choice(ODD)
    return bytes(given)


async def test_a_bent_login_is_answered_or_refused_in_oauths_words(house: House, ada: Tenant) -> None:
    chance = Random(4)
    first = (await house.login(**password_form(ada))).json
    forms = [
        "&".join(f"{name}={quote(value)}" for name, value in form.items()).encode()
        for form in (password_form(ada), client_form(ada), refresh_form(ada.public_client, first))
    ]
    for _ in range(ROUNDS):
        house.times.after(60)  # so that nobody who guesses wrong has to wait
        body = bent(chance, chance.choice(forms))
        reply = await house.ask("POST", LOGIN, body, FORM)
        assert has_cors(reply.headers), body
        if reply.status != 200:
            assert reply.status == ERRORS[reply.json["error"]][0], body
            assert reply.json["message"] == reply.json["error_description"]


async def test_an_odd_path_is_answered_in_the_vendors_shape(session: Session) -> None:
    chance = Random(5)
    roots = [f"{SMS}/user-ada", f"{CHANNELS}/user-ada/channels", SMS, CHANNELS, "/cpaas", "/cpaas/"]
    for _ in range(ROUNDS):
        path = "/".join([chance.choice(roots), *chance.choices(SEGMENTS, k=chance.randint(1, 7))])
        method = chance.choice(METHODS)
        reply = await session.ask(method, path, chance.choice([b"", b"null", b"{}", b"\xff"]))
        assert has_cors(reply.headers), path
        if reply.status >= 400:
            assert reply.status in (400, 401, 403, 404, 405, 413, 426), (method, path, reply)
            is_readable_by_every_sdk(reply)


async def test_an_odd_header_opens_nothing(session: Session) -> None:
    chance = Random(6)
    for _ in range(ROUNDS):
        header = bent(chance, f"Bearer {session.token}".encode())
        if header.decode("latin-1").split(" ")[-1] == session.token:
            continue  # only the scheme was bent
        given = {"authorization": header.decode("latin-1")}
        reply = await session.house.ask("GET", session.channels, b"", given)
        assert reply.refusal == (401, "SVC0001", ["unauthorized"]), header
