"""Sending: who may, what comes back, and what bad input leaves behind, which is nothing."""

import asyncio
from random import Random
from typing import Any

import msgspec
import pytest

from textwire.domain.message import Message
from textwire.facades.kandy import send
from textwire.simnet.weather import Span, Weather
from textwire.store import exchanges, outbox
from textwire.store.engines.engine import Unavailable

from .house import BALANCE, PATIENCE, House, Reply, Session, Tenant

TO, TO_B, TO_C = "+16131234567", "+16131234568", "+16131234569"


def sent(reply: Reply) -> dict[str, Any]:
    """What a send was answered with, its frame checked."""
    assert reply.status == 201, reply
    assert list(reply.json) == ["outboundSMSMessageRequest"]
    answer: dict[str, Any] = reply.json["outboundSMSMessageRequest"]
    return answer


def destinations(answer: dict[str, Any]) -> list[tuple[str, str]]:
    infos = answer["deliveryInfoList"]["deliveryInfo"]
    assert all(info["address"] == info["destinationAddress"] for info in infos)
    assert [info["address"] for info in infos] == answer["address"]
    return [(info["address"], info["deliveryStatus"]) for info in infos]


async def only(house: House, tenant: Tenant) -> Message:
    """The one message of an account."""
    [message] = await house.messages(tenant)
    assert isinstance(message, Message)
    return message


async def nothing_happened(house: House, *tenants: Tenant) -> None:
    for tenant in tenants:
        assert await house.messages(tenant) == []
        assert await house.balance(tenant) == BALANCE


async def test_the_answer_is_the_vendors_to_the_letter(house: House, ada: Tenant, session: Session) -> None:
    answer = sent(await session.send(TO, sender="+16139998877"))
    message = await only(house, ada)
    url = f"{session.sms}/remoteAddresses/{TO}/localAddresses/+16139998877/messages/SM1-{message.id:016x}"
    assert answer == {
        "address": [TO],
        "clientCorrelator": "PUB-x-python",
        "deliveryInfoList": {
            "deliveryInfo": [
                {"address": TO, "destinationAddress": TO, "deliveryStatus": "DeliveredToNetwork"}
            ],
            "resourceURL": f"{url}/deliveryInfos",
        },
        "outboundSMSTextMessage": {"message": "hi :)"},
        "resourceURL": url,
        "senderAddress": "+16139998877",
    }


async def test_what_was_asked_for_is_what_is_kept(house: House, ada: Tenant, session: Session) -> None:
    await session.send(TO, text="Ünïcödé 😀 ünd mehr")
    message = await only(house, ada)
    assert (message.sender, message.recipient, message.text) == (ada.numbers[0], TO, "Ünïcödé 😀 ünd mehr")
    assert (message.principal, message.correlator, message.rights) == (
        ada.user.id,
        "PUB-x-python",
        "assigned",
    )


@pytest.mark.parametrize("sender", ["default", "DEFAULT", "user-ada"])
async def test_default_and_the_user_id_mean_the_default_number(
    house: House, ada: Tenant, session: Session, sender: str
) -> None:
    assert sent(await session.send(TO, sender=sender))["senderAddress"] == ada.numbers[0]


@pytest.mark.parametrize(
    "sender",
    [
        "+16139998878", "%2B16139998878", "%2b16139998878", "tel:+16139998878", "tel:%2B16139998878",
        "sip:+16139998878@domain", "sip:6139998878@domain", "sip%3A%2B16139998878%40domain", "6139998878",
    ],
)  # fmt: skip
async def test_every_form_of_an_assigned_number_is_that_number(session: Session, sender: str) -> None:
    assert sent(await session.send(TO, sender=sender))["senderAddress"] == "+16139998878"


@pytest.mark.parametrize(
    "written",
    [TO, f"tel:{TO}", f"sip:{TO}@domain", "sip:6131234567@domain", "613-123-4567", " +1 613 123 4567 "],
)
async def test_every_form_of_a_destination_is_kept_and_answered_in_e164(
    house: House, ada: Tenant, session: Session, written: str
) -> None:
    assert destinations(sent(await session.send(written))) == [(TO, "DeliveredToNetwork")]
    assert (await only(house, ada)).recipient == TO


async def test_one_address_may_come_without_its_list(session: Session) -> None:
    assert sent(await session.send(address=TO))["address"] == [TO]


async def test_a_request_without_correlator_gets_none_back(session: Session) -> None:
    answer = sent(await session.send(TO, clientCorrelator=None))
    assert "clientCorrelator" not in answer


SENDERS = [
    ("not the user's", "+16139998879", 403, "POL0001", "sender_forbidden"),
    ("another account's", "+447700900001", 403, "POL0001", "sender_forbidden"),
    ("nobody's", "+4915799900000", 403, "POL0001", "sender_forbidden"),
    ("a name", "Ada", 403, "POL0001", "sender_forbidden"),
    ("another user's id", "user-bob", 403, "POL0001", "sender_forbidden"),
    ("a short code", "12345", 403, "POL0001", "sender_forbidden"),
    ("a long name", "a" * 40, 400, "SVC0002", "senderAddress"),
    ("letters of two scripts", "Аda", 400, "SVC0002", "senderAddress"),
    ("zero-width", "+1613999\u200b8877", 400, "SVC0002", "senderAddress"),
    ("an encoded slash", "%2F..%2F", 400, "SVC0002", "senderAddress"),
    ("5,000 digits", "+" + "1" * 5000, 400, "SVC0002", "senderAddress"),
    ("a line feed", "%0A", 400, "SVC0002", "senderAddress"),
]


@pytest.mark.parametrize(
    ("sender", "status", "exception", "variable"), [r[1:] for r in SENDERS], ids=[r[0] for r in SENDERS]
)
async def test_a_sender_that_is_not_assigned_is_forbidden_and_nothing_happens(
    house: House,
    ada: Tenant,
    bob: Tenant,
    session: Session,
    sender: str,
    status: int,
    exception: str,
    variable: str,
) -> None:
    assert (await session.send(TO, sender=sender)).refusal == (status, exception, [variable])
    await nothing_happened(house, ada, bob)


async def test_default_without_any_number_is_forbidden(house: House) -> None:
    await house.tenant("eve", ("+4915799912345",))  # owned, assigned to nobody
    reply = await (await house.session_of("eve")).send(TO)
    assert reply.refusal == (403, "POL0001", ["no_default_number"])


async def test_a_project_sends_with_its_own_assignments(house: House, ada: Tenant) -> None:
    project = await house.project(ada)
    assert sent(await project.send(TO, sender="project-ada"))["senderAddress"] == ada.numbers[0]
    assert (await only(house, ada)).principal == ada.project.id


async def test_each_of_several_destinations_gets_a_message_and_an_info(
    house: House, ada: Tenant, session: Session
) -> None:
    answer = sent(await session.send(TO, f"tel:{TO_B}", TO))
    assert destinations(answer) == [(to, "DeliveredToNetwork") for to in (TO, TO_B, TO)]
    first, second, third = sorted(message.id for message in await house.messages(ada))
    assert first < second < third
    assert answer["resourceURL"].endswith(
        f"/remoteAddresses/{TO}/localAddresses/{ada.numbers[0]}/messages/SM1-{first:016x}"
    )


async def test_an_opted_out_destination_among_others_is_impossible(
    house: House, ada: Tenant, session: Session
) -> None:
    await house.opt_out(ada, TO)
    answer = sent(await session.send(f"tel:{TO}", TO_B))
    assert destinations(answer) == [(TO, "DeliveryImpossible"), (TO_B, "DeliveredToNetwork")]
    message = await only(house, ada)
    assert message.recipient == TO_B
    assert answer["resourceURL"].endswith(
        f"/remoteAddresses/{TO_B}/localAddresses/{ada.numbers[0]}/messages/SM1-{message.id:016x}"
    )


async def test_where_every_destination_is_refused_the_request_is(
    house: House, ada: Tenant, session: Session
) -> None:
    for to in (TO, TO_B):
        await house.opt_out(ada, to)
    for addresses in ((TO,), (TO, TO_B)):
        reply = await session.send(*addresses)
        assert reply.refusal == (403, "POL0001", ["recipient_opted_out"])
    await nothing_happened(house, ada)


async def test_what_the_balance_does_not_cover_is_impossible(
    house: House, ada: Tenant, session: Session
) -> None:
    await house.spend(ada, BALANCE - 2 * 7_000_000)  # two segments are left
    answer = sent(await session.send(TO, TO_B, TO_C))
    assert [status for _, status in destinations(answer)] == ["DeliveredToNetwork"] * 2 + [
        "DeliveryImpossible"
    ]
    assert (await session.send(TO)).refusal == (403, "POL0001", ["insufficient_balance"])


async def test_a_hundred_destinations_are_the_most(house: House, ada: Tenant, session: Session) -> None:
    many = [f"+1613123{n:04}" for n in range(send.MOST_ADDRESSES + 1)]
    assert (await session.send(*many)).refusal == (400, "POL0003", ["address"])
    await nothing_happened(house, ada)
    assert len(sent(await session.send(*many[:-1]))["address"]) == 100


REFUSED, BUSY = "+447700900003", "+447700900004"  # numbers with manners, which nobody owns here
TAKEN, IMPOSSIBLE = "DeliveredToNetwork", "DeliveryImpossible"


async def test_the_answer_says_what_the_network_said(house: House, ada: Tenant, session: Session) -> None:
    assert destinations(sent(await session.send(TO))) == [(TO, TAKEN)]
    assert (await only(house, ada)).state in ("sent", "delivered")


async def test_a_definite_refusal_is_impossible_paid_back_and_over(
    house: House, ada: Tenant, session: Session
) -> None:
    answer = sent(await session.send(REFUSED))
    assert destinations(answer) == [(REFUSED, IMPOSSIBLE)]
    message = await only(house, ada)
    assert message.state == "rejected"
    assert answer["resourceURL"].endswith(f"/messages/SM1-{message.id:016x}")
    assert await house.balance(ada) == BALANCE
    assert await outbox.next_due(house.core.store.engine, "depart:simulated") is None


async def test_each_of_several_destinations_has_its_own_status(
    house: House, ada: Tenant, session: Session
) -> None:
    answer = sent(await session.send(TO, REFUSED, TO_B, REFUSED))
    assert [status for _, status in destinations(answer)] == [TAKEN, IMPOSSIBLE, TAKEN, IMPOSSIBLE]
    assert await house.balance(ada) == BALANCE - 2 * 7_000_000


async def test_a_network_that_says_nothing_in_time_is_not_waited_for(
    house: House, ada: Tenant, session: Session
) -> None:
    slow = 3_600_000
    house.core.network.set_weather(Weather(latency=Span(min_ms=slow, max_ms=slow)))
    house.wait(0.02)
    assert destinations(sent(await session.send(TO, REFUSED))) == [(TO, TAKEN), (REFUSED, TAKEN)]
    assert {message.state for message in await house.messages(ada)} == {"submitting"}


async def test_without_a_wait_the_answer_says_that_it_is_on_its_way(
    house: House, ada: Tenant, session: Session
) -> None:
    house.wait(0)
    assert destinations(sent(await session.send(REFUSED))) == [(REFUSED, TAKEN)]


async def test_not_now_is_no_refusal(house: House, ada: Tenant, session: Session) -> None:
    house.wait(0.05)  # the network wants to be asked again a second later
    assert destinations(sent(await session.send(BUSY))) == [(BUSY, TAKEN)]
    message = await only(house, ada)
    assert (message.state, message.reason) == ("queued", "throttled")


async def test_a_text_that_may_not_leave_any_more_is_impossible_and_paid_back(
    house: House, ada: Tenant, session: Session
) -> None:
    """The number is taken away between the accept and the turn (reliability K1, W13)."""
    slow = 3_600_000
    house.core.network.set_weather(Weather(latency=Span(min_ms=slow, max_ms=slow)))
    windows = house.core.routing.windows["simulated"]
    held = windows.take(windows.free)
    sending = asyncio.create_task(session.send(TO))
    async with asyncio.timeout(PATIENCE):
        while not await house.messages(ada):
            await asyncio.sleep(0.005)
    await house.core.desk.numbers.unassign(ada.user.account, ada.numbers[0], ada.user.id)
    windows.release(held)
    assert destinations(sent(await sending)) == [(TO, IMPOSSIBLE)]
    message = await only(house, ada)
    assert (message.state, message.reason) == ("failed", "sender_unassigned")
    assert await house.balance(ada) == BALANCE


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("", TAKEN), ("sent", TAKEN), ("delivered", TAKEN), ("undelivered", TAKEN), ("ambiguous", TAKEN),
        ("quarantined", TAKEN), ("rejected", IMPOSSIBLE), ("failed", IMPOSSIBLE), ("expired", IMPOSSIBLE),
        ("canceled", IMPOSSIBLE),
    ],
)  # fmt: skip
def test_only_what_nobody_can_have_is_impossible(state: str, status: str) -> None:
    assert send.delivery_status(state) == status


FACELESS = {"outboundSMSTextMessage": {"message": "hi"}}
TEXT = {"outboundSMSTextMessage": {"message": "hi"}, "address": [TO]}


def body(**wanted: object) -> bytes:
    return msgspec.json.encode({"outboundSMSMessageRequest": wanted})


BODIES: list[tuple[str, bytes, str]] = [
    ("empty", b"", "body"),
    ("null", b"null", "body"),
    ("a list", b"[]", "body"),
    ("a text", b'"x"', "body"),
    ("an empty object", b"{}", "outboundSMSMessageRequest"),
    ("not JSON", b"{", "body"),
    ("two documents", body(**TEXT) * 2, "body"),
    ("a form", b"address=1&message=2", "body"),
    ("a byte order mark", b"\xef\xbb\xbf" + body(**TEXT), "body"),
    ("UTF-16", body(**TEXT).decode().encode("utf-16"), "body"),
    ("Latin-1", b'{"outboundSMSMessageRequest":{"address":["\xe9"]}}', "address[0]"),
    ("NaN", b'{"outboundSMSMessageRequest":NaN}', "outboundSMSMessageRequest"),
    ("5,000 digits", b'{"outboundSMSMessageRequest":' + b"9" * 5000 + b"}", "outboundSMSMessageRequest"),
    ("an infinite number", body(**TEXT).replace(b'["+16131234567"]', b"[1e999]"), "address[0]"),
    ("2**63", body(**TEXT).replace(b'["+16131234567"]', str(2**63).encode()), "address"),
    ("100,000 deep", b'{"outboundSMSMessageRequest":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "body"),
    ("33 deep, in what nobody reads", body(**TEXT, other="x").replace(b'"x"', b"[" * 33 + b"]" * 33), "body"),
    ("half a surrogate pair", body(**TEXT).replace(b'"hi"', b'"\\ud83d"'), "message"),
    ("NUL", body(**TEXT).replace(b'"hi"', b'"a\\u0000b"'), "message"),
    ("a raw control character", body(**TEXT).replace(b'"hi"', b'"a\x01b"'), "body"),
    ("no address", body(**FACELESS), "address"),
    ("no addresses", body(**FACELESS, address=[]), "address"),
    ("an empty address", body(**FACELESS, address=""), "address"),
    ("an empty address in a list", body(**FACELESS, address=[""]), "address"),
    ("address null", body(**FACELESS, address=None), "address"),
    ("address a number", body(**FACELESS, address=16131234567), "address"),
    ("addresses numbers", body(**FACELESS, address=[TO, 16131234567]), "address[1]"),
    ("address an object", body(**FACELESS, address={"0": TO}), "address"),
    ("one bad address of three", body(**FACELESS, address=[TO, "hello", TO_B]), "address[1]"),
    ("an address of digits", body(**FACELESS, address=["+" + "1" * 5000]), "address"),
    ("Arabic digits", body(**FACELESS, address=["+١٦١٣١٢٣٤٥٦٧"]), "address"),
    ("no text at all", body(address=[TO]), "message"),
    ("no message", body(address=[TO], outboundSMSTextMessage={}), "message"),
    ("an empty message", body(address=[TO], outboundSMSTextMessage={"message": ""}), "message"),
    ("message null", body(address=[TO], outboundSMSTextMessage={"message": None}), "message"),
    ("message a number", body(address=[TO], outboundSMSTextMessage={"message": 7}), "message"),
    ("text null", body(address=[TO], outboundSMSTextMessage=None), "outboundSMSTextMessage"),
    ("more than 255 segments", body(address=[TO], outboundSMSTextMessage={"message": "x" * 39_016}), "message"),
    ("an endless correlator", body(**TEXT, clientCorrelator="c" * 257), "clientCorrelator"),
    ("correlator a list", body(**TEXT, clientCorrelator=["c"]), "clientCorrelator"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "blamed"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
async def test_bad_input_is_an_invalid_value_of_some_part_and_nothing_happens(
    house: House, ada: Tenant, session: Session, given: bytes, blamed: str
) -> None:
    reply = await session.ask("POST", f"{session.sms}/outbound/default/requests", given)
    assert reply.refusal == (400, "SVC0002", [blamed])
    await nothing_happened(house, ada)


async def test_whatever_happens_to_a_body_on_its_way_it_is_sent_or_refused(session: Session) -> None:
    chance = Random(20)  # the same mutations each time
    whole = body(**TEXT, clientCorrelator="c", other=[1.5, True, None])
    for _ in range(300):
        given = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(given))
            given[at : at + chance.randint(0, 3)] = chance.choice(
                [
                    b"",
                    b"\xff",
                    b"\0",
                    b'"',
                    b"{",
                    b"]",
                    b"\\",
                    b"\\ud800",
                    b"9" * 30,
                    bytes([chance.randrange(256)]),
                ]
            )
        reply = await session.ask("POST", f"{session.sms}/outbound/default/requests", bytes(given))
        if reply.status != 201:
            assert reply.refusal[:2] == (400, "SVC0002"), bytes(given)


async def test_a_body_above_its_bound_is_refused_unread(house: House, ada: Tenant, session: Session) -> None:
    path = f"{session.sms}/outbound/default/requests"
    large = body(**TEXT, other="x" * send.BODY_LIMIT)
    assert (await session.ask("POST", path, large)).refusal == (413, "SVC0001", ["too_large"])
    encoded = await session.ask("POST", path, body(**TEXT), content_encoding="gzip")
    assert encoded.refusal == (415, "SVC0001", ["unsupported_encoding"])
    await nothing_happened(house, ada)


async def test_the_longest_text_fits_even_if_every_character_is_escaped(session: Session) -> None:
    text = "\\u0394" * (153 * 255)  # Δ is in the GSM alphabet; PHP and Python escape it
    given = body(address=[TO], outboundSMSTextMessage={"message": "?"}).replace(b'"?"', f'"{text}"'.encode())
    reply = await session.ask("POST", f"{session.sms}/outbound/default/requests", given)
    assert sent(reply)["outboundSMSTextMessage"]["message"] == "Δ" * (153 * 255)


async def test_unknown_members_are_ignored_and_of_a_repeated_one_the_last_counts(session: Session) -> None:
    reply = await session.send(TO, senderName="x", receiptRequest={"notifyURL": None}, principal=1, price=0)
    assert set(sent(reply)) == {
        "address", "clientCorrelator", "deliveryInfoList", "outboundSMSTextMessage", "resourceURL", "senderAddress",
    }  # fmt: skip
    twice = (
        b'{"outboundSMSMessageRequest":{"address":["x"],'
        + body(**TEXT)[len(b'{"outboundSMSMessageRequest":{') :]
    )
    again = await session.ask("POST", f"{session.sms}/outbound/default/requests", twice)
    assert sent(again)["address"] == [TO]


@pytest.mark.parametrize("kind", ["text/plain", "application/json; charset=utf-8", ""])
async def test_the_content_type_does_not_matter(session: Session, kind: str) -> None:
    reply = await session.ask(
        "POST", f"{session.sms}/outbound/default/requests", body(**TEXT), content_type=kind
    )
    assert reply.status == 201


@pytest.mark.parametrize(
    "text", ["{{x}}", "%1 {0} %(x)s", "<img src=x onerror=alert(1)>", "\u202e\u2028\u0301" * 20, "'; --"]
)
async def test_a_text_is_returned_and_kept_unchanged(
    house: House, ada: Tenant, session: Session, text: str
) -> None:
    assert sent(await session.send(TO, text=text))["outboundSMSTextMessage"] == {"message": text}
    assert (await only(house, ada)).text == text


async def test_an_account_that_is_suspended_sends_nothing(
    house: House, ada: Tenant, session: Session
) -> None:
    await house.suspend(ada)
    assert (await session.send(TO)).refusal == (403, "POL0001", ["account_suspended"])


async def test_a_store_that_cannot_write_is_a_503_that_says_when_to_come_back(
    house: House, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise Unavailable("disk full")

    monkeypatch.setattr(house.core.store.engine, "transact", full)
    reply = await session.send(TO)
    assert reply.refusal == (503, "SVC0001", ["unavailable"])
    assert reply.headers["retry-after"] == "1"


async def test_a_fault_of_ours_is_a_500_that_shows_nothing(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr(send, "send_request", broken)
    reply = await session.send(TO)
    assert reply.refusal == (500, "SVC0001", ["internal_error"])
    assert b"secret" not in reply.body


async def test_a_pair_that_answers_each_other_is_stopped_for_a_while(
    house: House, ada: Tenant, session: Session
) -> None:
    now = house.core.clock.now()
    await house._do(
        lambda unit: exchanges.came(
            unit, [(ada.user.account, ada.numbers[0], TO, now - n, n) for n in range(19)]
        )
    )
    reply = await session.send(TO)
    assert reply.refusal == (429, "POL0001", ["loop"])
    assert 0 < int(reply.headers["retry-after"]) <= 60
    await nothing_happened(house, ada)
