"""The vendor's table of statuses, row by row, for each call: what is answered, in which words, with which headers."""

import re
from typing import Any

import pytest

from textwire.domain.refusal import Refusal
from textwire.facades.kandy import errors
from textwire.facades.kandy.gate import Gate
from textwire.store.engines.engine import Unavailable

from .house import CHANNELS, SMS, House, Reply, Session, Tenant
from .test_door import has_cors

U, C = f"{SMS}/user-ada", f"{CHANNELS}/user-ada/channels"
TO = "+16131234567"
SEND, SUBSCRIBE, CHANNEL = f"{U}/outbound/default/requests", f"{U}/inbound/subscriptions", C
UNKNOWN = "0" * 36


def text(**changes: Any) -> dict[str, Any]:
    wanted = {"address": [TO], "outboundSMSTextMessage": {"message": "hi"}, **changes}
    return {"outboundSMSMessageRequest": wanted}


def subscription(channel: str = "wh-0", **more: Any) -> dict[str, Any]:
    return {"subscription": {"callbackReference": {"notifyURL": channel}, **more}}


def channel(**changes: Any) -> dict[str, Any]:
    data = {"x-webhookURL": "https://app.example/hook"}
    return {"notificationChannel": {"channelType": "webhooks", "channelData": data, **changes}}


BAD, MANY, FORBIDDEN = (400, "SVC0002"), (400, "POL0003"), (403, "POL0001")
MISSING, WRONG, LARGE, CODED = (404, "SVC0004"), (405, "SVC0001"), (413, "SVC0001"), (415, "SVC0001")

ROWS: list[tuple[str, str, Any, tuple[int, str], str]] = [
    # 400: malformed, missing, empty, bad address, unknown notifyURL
    ("POST", SEND, b"{", BAD, "body"),
    ("POST", SEND, b"", BAD, "body"),
    ("POST", SEND, b"null", BAD, "body"),
    ("POST", SEND, {}, BAD, "outboundSMSMessageRequest"),
    ("POST", SEND, text(address=None), BAD, "address"),
    ("POST", SEND, text(address=[]), BAD, "address"),
    ("POST", SEND, text(address=["hello"]), BAD, "address"),
    ("POST", SEND, text(address=[TO, "", TO]), BAD, "address[1]"),
    ("POST", SEND, text(outboundSMSTextMessage={}), BAD, "message"),
    ("POST", SEND, text(outboundSMSTextMessage={"message": ""}), BAD, "message"),
    ("POST", SEND, {"outboundSMSMessageRequest": {"address": [TO]}}, BAD, "message"),
    ("POST", f"{U}/outbound/x%0Ay/requests", text(), BAD, "senderAddress"),
    ("POST", SUBSCRIBE, b"{", BAD, "body"),
    ("POST", SUBSCRIBE, b"", BAD, "body"),
    ("POST", SUBSCRIBE, {}, BAD, "subscription"),
    ("POST", SUBSCRIBE, {"subscription": {}}, BAD, "notifyURL"),
    ("POST", SUBSCRIBE, subscription("wh-" + UNKNOWN), BAD, "notifyURL"),
    ("POST", SUBSCRIBE, subscription("ws-" + UNKNOWN), BAD, "notifyURL"),
    ("POST", SUBSCRIBE, subscription(destinationAddress="hello"), BAD, "destinationAddress"),
    ("POST", CHANNEL, b"{", BAD, "body"),
    ("POST", CHANNEL, b"", BAD, "body"),
    ("POST", CHANNEL, {}, BAD, "notificationChannel"),
    ("POST", CHANNEL, channel(channelType="pigeons"), BAD, "channelType"),
    ("POST", CHANNEL, channel(channelData=None), BAD, "x-webhookURL"),
    ("POST", CHANNEL, channel(channelData={}), BAD, "x-webhookURL"),
    ("POST", CHANNEL, channel(channelData={"x-webhookURL": "ftp://x"}), BAD, "x-webhookURL"),
    ("POST", CHANNEL, channel(channelType="Websockets", **{"x-connCheckRole": "x"}), BAD, "x-connCheckRole"),
    ("POST", CHANNEL, channel(channelType="Websockets", channelLifetime="x"), BAD, "channelLifetime"),
    ("PUT", f"{C}/ws-{UNKNOWN}", b"{", BAD, "body"),
    ("PUT", f"{C}/ws-{UNKNOWN}", {}, BAD, "notificationChannelLifetime"),
    ("PUT", f"{C}/ws-{UNKNOWN}", {"notificationChannelLifetime": {}}, BAD, "channelLifetime"),
    # 400: more destinations than allowed
    ("POST", SEND, text(address=[TO] * 101), MANY, "address"),
    # 403: not assigned to the principal
    ("POST", f"{U}/outbound/+16139998879/requests", text(), FORBIDDEN, "sender_forbidden"),
    ("POST", f"{U}/outbound/%2B16139998879/requests", text(), FORBIDDEN, "sender_forbidden"),
    # 404: unknown subscription, channel, path
    ("GET", f"{SUBSCRIBE}/{UNKNOWN}", b"", MISSING, "resourceURL"),
    ("DELETE", f"{SUBSCRIBE}/{UNKNOWN}", b"null", MISSING, "resourceURL"),
    ("GET", f"{SUBSCRIBE}/%F0%9F%98%80", b"", MISSING, "resourceURL"),
    ("GET", f"{C}/wh-{UNKNOWN}", b"", MISSING, "resourceURL"),
    ("DELETE", f"{C}/wh-{UNKNOWN}", b"", MISSING, "resourceURL"),
    ("DELETE", f"{C}/ws-{UNKNOWN}", b"null", MISSING, "resourceURL"),
    ("PUT", f"{C}/ws-{UNKNOWN}", {"notificationChannelLifetime": {"channelLifetime": 60}}, MISSING, "resourceURL"),
    ("GET", f"{U}/nothing", b"", MISSING, "resourceURL"),
    ("GET", f"{SMS}/user-adaremoteAddresses", b"", MISSING, "resourceURL"),  # the PHP SDK's own mistake
    # beyond the vendor's table: what HTTP has for it
    ("DELETE", SEND, b"", WRONG, "method_not_allowed"),
    ("PATCH", SUBSCRIBE, b"", WRONG, "method_not_allowed"),
    ("PUT", C, b"{}", WRONG, "method_not_allowed"),
    ("POST", SEND, b" " * 300_000, LARGE, "too_large"),
    ("POST", SUBSCRIBE, b" " * 70_000, LARGE, "too_large"),
    ("POST", CHANNEL, b" " * 70_000, LARGE, "too_large"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("method", "path", "body", "row", "variable"), ROWS,
    ids=[f"{n}: {row[0]} {row[3][0]} {row[4]}" for n, row in enumerate(ROWS)],
)  # fmt: skip
async def test_each_row_is_answered_exactly_so(
    session: Session, method: str, path: str, body: Any, row: tuple[int, str], variable: str
) -> None:
    reply = await session.ask(method, path, body)
    assert reply.refusal == (*row, [variable])
    is_readable_by_every_sdk(reply)


def is_readable_by_every_sdk(reply: Reply) -> None:
    """What the SDKs need of each refusal: kandy.md §3, rules 1 to 6."""
    assert reply.headers["content-type"] == "application/json"
    assert has_cors(reply.headers)
    exception = reply.json["requestError"]["serviceException"]
    words, variables = exception["text"], exception["variables"]
    assert all(isinstance(variable, str) for variable in variables)
    assert words.format(*variables) == words  # Python's SDK formats it
    assert re.findall(r"%\d", words) == [f"%{n}" for n in range(1, len(variables) + 1)]
    if reply.status == 403:
        assert "html" not in reply.body.decode()


async def test_subscribing_to_a_number_that_is_not_assigned_is_forbidden(session: Session) -> None:
    wanted = subscription(await session.channel(), destinationAddress="+16139998879")
    reply = await session.ask("POST", SUBSCRIBE, wanted)
    assert reply.refusal == (*FORBIDDEN, ["sender_forbidden"])
    is_readable_by_every_sdk(reply)


@pytest.mark.parametrize("path", [SEND, SUBSCRIBE, CHANNEL])
async def test_a_compressed_body_is_refused(session: Session, path: str) -> None:
    reply = await session.ask("POST", path, b"\x1f\x8b", content_encoding="gzip")
    assert reply.refusal == (*CODED, ["unsupported_encoding"])


FAULTS = [
    (ZeroDivisionError("secret words"), (500, "SVC0001", ["internal_error"]), None),
    (KeyError("secret words"), (500, "SVC0001", ["internal_error"]), None),
    (RecursionError("secret words"), (500, "SVC0001", ["internal_error"]), None),
    (Unavailable("secret words"), (503, "SVC0001", ["unavailable"]), "1"),
    (Refusal("queue_full", after=7), (429, "SVC0001", ["queue_full"]), "7"),
    (Refusal("queue_full"), (429, "SVC0001", ["queue_full"]), "1"),
]


@pytest.mark.parametrize(("fault", "refusal", "after"), FAULTS, ids=[repr(row[0]) for row in FAULTS])
async def test_whatever_breaks_every_call_says_so_in_the_vendors_shape_and_shows_nothing(
    house: House,
    ada: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    fault: Exception,
    refusal: Any,
    after: str | None,
) -> None:
    session = await house.session(ada)
    proved = Gate._caller

    async def broken(gate: Gate, request: Any) -> None:
        await proved(gate, request)
        raise fault

    monkeypatch.setattr(Gate, "_caller", broken)
    for method, path in house.calls():
        reply = await session.ask(method, path, b"{}")
        assert reply.refusal == refusal, (method, path)
        assert reply.headers.get("retry-after") == after
        assert b"secret" not in reply.body
        is_readable_by_every_sdk(reply)


async def test_every_call_answers_json_whatever_is_accepted(house: House, ada: Tenant) -> None:
    session = await house.session(ada)
    for accept in (
        "application/json",
        "application/json, text/plain, */*",
        "*/*",
        "",
        "text/html;q=1",
        "image/*",
    ):
        for method, path in house.calls():
            reply = await session.ask(method, path, b"{}", accept=accept, x_cpaas_agent="nodejs-sdk/1.2.3")
            assert reply.status != 406
            assert reply.status == 204 or reply.headers["content-type"] == "application/json", (method, path)
            assert (reply.status == 204) == (reply.body == b"")


@pytest.mark.parametrize("code", [code for code, (status, _) in errors.TABLE.items() if status == 403])
def test_no_403_has_the_word_that_makes_the_browser_lose_its_body(code: str) -> None:
    assert "html" not in code
