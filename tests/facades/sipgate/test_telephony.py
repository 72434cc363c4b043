"""Settings for calls, which are kept and shown as the vendor's library writes them, and the list of none."""

from typing import Any

import pytest

from textwire.store import people

from .house import House, User

PATH = "/settings/sipgateio"
AT_FIRST = {"incomingUrl": "", "outgoingUrl": "", "log": False, "whitelist": []}
SET = {
    "incomingUrl": "https://calls.example.com/in?key=1", "outgoingUrl": "http://127.0.0.1:9000/out", "log": True,
    "whitelist": ["p0", "g3", "w0"],
}  # fmt: skip


async def put(user: User, **fields: Any) -> tuple[int, str]:
    """What becomes of the settings with some of them changed; one that is Ellipsis is left out."""
    body = {name: value for name, value in {**AT_FIRST, **fields}.items() if value is not ...}
    reply = await user.ask("PUT", PATH, body)
    if reply.status == 204:
        assert reply.body == b""
        return 204, ""
    return reply.refusal


async def test_at_first_nothing_is_set(ada: User) -> None:
    assert await ada.get(PATH) == AT_FIRST


async def test_what_is_set_is_shown_again_to_everybody_of_the_account(
    house: House, ada: User, bob: User
) -> None:
    assert await put(ada, **SET) == (204, "")
    eve = await house.user(ada.account, "eve")
    assert await ada.get(PATH) == await eve.get(PATH) == SET
    assert await bob.get(PATH) == AT_FIRST


async def test_a_whitelist_may_be_switched_off_and_emptied(ada: User) -> None:
    for whitelist in (None, [], ["p0"], None):
        assert await put(ada, whitelist=whitelist) == (204, "")
        assert (await ada.get(PATH))["whitelist"] == whitelist


async def test_what_may_be_left_out_is_then_as_at_first(ada: User) -> None:
    await put(ada, **SET)
    assert await put(ada, log=..., whitelist=...) == (204, "")
    assert await ada.get(PATH) == AT_FIRST
    assert await put(ada, incomingUrl=None, outgoingUrl=None, log=None) == (204, "")
    assert await ada.get(PATH) == AT_FIRST


@pytest.mark.parametrize("url", ["incomingUrl", "outgoingUrl"])
@pytest.mark.parametrize(
    "value",
    [..., 7, [], "calls.example.com", "ftp://calls.example.com", "http://", "http://169.254.169.254/x", "http://10.0.0.1/",
     "http://127.0.0.1:8080/api", "https://u:p@calls.example.com/", "https://calls.example.com/\n", "https://x.example/" + "x" * 2048],
)  # fmt: skip
async def test_addresses_that_we_would_never_call_are_refused(ada: User, url: str, value: Any) -> None:
    assert await put(ada, **{url: value}) == (400, f"/{url}")
    assert await ada.get(PATH) == AT_FIRST


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("log", "yes"), ("log", 1), ("whitelist", "p0"), ("whitelist", {}), ("whitelist", [0]), ("whitelist", ["0p"]),
        ("whitelist", ["p00"]), ("whitelist", [None]), ("whitelist", [f"p{n}" for n in range(1001)]),
    ],
)  # fmt: skip
async def test_other_values_are_refused(ada: User, field: str, value: Any) -> None:
    assert await put(ada, **{field: value}) == (400, f"/{field}")
    assert await ada.get(PATH) == AT_FIRST


async def test_only_an_administrator_sets_them(house: House, ada: User) -> None:
    eve = await house.user(ada.account, "eve")
    await house.do(lambda unit: people.allow(unit, eve.principal.id, "password", "read send"))
    assert await put(eve, **SET) == (403, "")
    assert await ada.get(PATH) == AT_FIRST


async def test_the_audit_says_who_has_set_them(house: House, ada: User) -> None:
    await put(ada, **SET)
    from textwire.store import audit

    [entry] = await audit.page(house.engine, ada.account, before=2**63 - 1, limit=10)
    assert (entry.actor, entry.action) == (ada.principal.public_id, "call_hooks.changed")


async def test_no_text_is_told_there_and_the_log_is_empty(house: House, ada: User) -> None:
    await put(ada, **SET)
    await house.text("hello")
    assert await ada.get("/log/webhooks") == {"items": []}


@pytest.mark.parametrize("path", ["/w0/devices", "/w0/faxlines", "/w0/voicemails", "/voicemails"])
async def test_of_telephony_there_is_nothing(ada: User, path: str) -> None:
    assert await ada.get(path) == {"items": []}


@pytest.mark.parametrize(
    ("scope", "read", "write", "log"),
    [
        ("settings:read", 200, 403, 403), ("settings:sipgateio:read", 200, 403, 403), ("settings:write", 403, 204, 403),
        ("settings:sipgateio:write", 403, 204, 403), ("log:webhooks:read", 403, 403, 200), ("all", 200, 204, 200),
        ("sms:write", 403, 403, 403),
    ],
)  # fmt: skip
async def test_a_token_needs_a_scope_of_the_call(
    ada: User, scope: str, read: int, write: int, log: int
) -> None:
    token = await ada.token(scope)
    assert (await token.ask("GET", PATH)).status == read
    assert (await token.ask("PUT", PATH, SET)).status == write
    assert (await token.ask("GET", "/log/webhooks")).status == log
