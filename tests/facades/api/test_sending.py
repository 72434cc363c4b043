import asyncio
import json
from typing import Any

import msgspec
import pytest

from textwire.facades.api.sending import Form
from textwire.store.engines.engine import Unavailable
from textwire.switch import retry
from textwire.web.request import Request

from .house import BALANCE, PHONE, House, Reply, Tenant

OURS, OTHER_OF_OURS, OF_BOB = "+16139998877", "+447700900001", "+4915799912345"
PRICE = 7_000_000


async def test_a_text_is_taken_and_answered_with_its_message(house: House) -> None:
    reply = await house.alice.send(text="hëllo")
    message = reply.json
    assert (reply.status, reply.headers["content-type"]) == (201, "application/json")
    assert (message["direction"], message["from"], message["to"], message["text"]) == (
        "out", OURS, PHONE, "hëllo",
    )  # fmt: skip
    assert message["state"] in ("submitting", "queued")
    assert (message["segments"], message["price"], message["batch"]) == (1, "0.07", None)
    [kept] = await house.alice.kept()
    assert (str(kept.id), kept.rights, kept.principal) == (message["id"], "owned", house.alice.caller.id)
    assert await house.alice.balance() == BALANCE - PRICE


async def test_everything_that_may_be_said_is_kept(house: House) -> None:
    said = {"from": OTHER_OF_OURS, "class": "otp", "ref": "order 7", "on_ambiguous": "hold", "flash": True}
    message = await house.alice.sent(**said, validity="2h")
    assert said.items() <= message.items()
    [kept] = await house.alice.kept()
    assert (kept.sender, kept.klass, kept.correlator, kept.on_ambiguous, kept.flash) == (
        OTHER_OF_OURS, "otp", "order 7", "hold", 1,
    )  # fmt: skip
    assert kept.valid_until - kept.created_at == 2 * retry.HOUR


async def test_null_means_the_same_as_leaving_a_field_out(house: House) -> None:
    names = ("from", "send_at", "validity", "ref", "class", "on_ambiguous", "flash")
    message = await house.alice.sent(**dict.fromkeys(names))
    assert (message["from"], message["send_at"], message["on_ambiguous"]) == (OURS, None, "resend")


@pytest.mark.parametrize("sender", ["default", "", None])
async def test_the_default_number_may_be_asked_for_by_name(house: House, sender: str | None) -> None:
    assert (await house.alice.sent(**{"from": sender}))["from"] == OURS


async def test_a_name_may_be_the_sender_while_no_real_phone_can_be_reached(house: House) -> None:
    assert (await house.alice.sent(**{"from": "Textwire"}))["from"] == "Textwire"


async def test_a_text_for_later_is_scheduled_by_either_way_to_write_a_time(house: House) -> None:
    now = house.core.clock.now() // 1_000_000
    by_number = await house.alice.sent(send_at=now + 3600)
    assert by_number["state"] == "scheduled"
    by_text = await house.alice.sent(send_at=by_number["send_at"])
    assert (by_text["state"], by_text["send_at"]) == ("scheduled", by_number["send_at"])


async def test_a_list_gets_a_message_each_in_order(house: House) -> None:
    to = [f"+4477009002{n:02}" for n in range(12)]
    answer = await house.alice.sent(to=to)
    assert list(answer) == ["batch", "messages"]
    assert [m["to"] for m in answer["messages"]] == to
    assert {m["batch"] for m in answer["messages"]} == {answer["batch"]}
    assert len(await house.alice.kept()) == 12
    assert await house.alice.balance() == BALANCE - 12 * PRICE


async def test_a_list_of_one_is_answered_as_a_list(house: House) -> None:
    answer = await house.alice.sent(to=[PHONE])
    assert answer["batch"] == answer["messages"][0]["id"]


async def test_a_thousand_recipients_are_the_most(house: House) -> None:
    to = [f"+44770090{n:04}" for n in range(1001)]
    assert (await house.alice.send(to=to)).problem == (400, "too_many_recipients", ["to"])
    assert await house.alice.kept() == []
    assert len((await house.alice.sent(to=to[:1000], text="x" * 10))["messages"]) == 1000


async def refused(tenant: Tenant, answer: tuple[int, str, list[str]], **fields: Any) -> None:
    """This text is refused in these words, and nothing has changed."""
    balance, kept = await tenant.balance(), await tenant.kept()
    assert (await tenant.send(**fields)).problem == answer
    assert (await tenant.balance(), await tenant.kept()) == (balance, kept)


@pytest.mark.parametrize(
    ("fields", "answer"),
    [
        ({"to": "nobody"}, (400, "invalid_address", ["to"])),
        ({"to": [PHONE, "nobody"]}, (400, "invalid_address", ["to[1]"])),
        ({"to": ["nobody"]}, (400, "invalid_address", ["to"])),
        ({"to": []}, (400, "missing_field", ["to"])),
        ({"to": "+٤٤٧٧٠٠٩٠٠١٢٣"}, (400, "invalid_address", ["to"])),
        ({"to": "+44770090012²"}, (400, "invalid_address", ["to"])),
        ({"to": PHONE + "\n"}, (400, "invalid_address", ["to"])),
        ({"to": "+" + "4" * 5000}, (400, "invalid_address", ["to"])),
        ({"to": 447700900123}, (400, "invalid_field", ["to"])),
        ({"to": [PHONE, 5]}, (400, "invalid_field", ["to[1]"])),
        ({"to": None}, (400, "invalid_field", ["to"])),
        ({"from": OF_BOB}, (403, "sender_forbidden", ["from"])),
        ({"from": "+447700900999"}, (403, "sender_forbidden", ["from"])),
        ({"from": "no\u200bname"}, (400, "invalid_address", ["from"])),
        ({"from": 5}, (400, "invalid_field", ["from"])),
        ({"text": ""}, (400, "text_empty", ["text"])),
        ({"text": "x" * 39_100}, (400, "text_too_long", ["text"])),
        ({"text": "x" * 1_000_000}, (400, "text_too_long", ["text"])),
        ({"text": ["x"]}, (400, "invalid_field", ["text"])),
        ({"text": "a\0b"}, (400, "invalid_field", ["text"])),
        ({"send_at": "tomorrow"}, (400, "invalid_field", ["send_at"])),
        ({"send_at": 0}, (400, "send_at_out_of_range", ["send_at"])),
        ({"send_at": 1e300}, (400, "invalid_field", ["send_at"])),
        ({"send_at": True}, (400, "invalid_field", ["send_at"])),
        ({"validity": 0}, (400, "validity_out_of_range", ["validity"])),
        ({"validity": "8d"}, (400, "validity_out_of_range", ["validity"])),
        ({"validity": "a while"}, (400, "invalid_field", ["validity"])),
        ({"ref": "x" * 256}, (400, "invalid_field", ["ref"])),
        ({"class": "Ω"}, (400, "invalid_field", ["class"])),
        ({"class": "otp\n"}, (400, "invalid_field", ["class"])),
        ({"on_ambiguous": "pray"}, (400, "invalid_field", ["on_ambiguous"])),
        ({"flash": 1}, (400, "invalid_field", ["flash"])),
        ({"recipient": PHONE}, (400, "unknown_field", ["recipient"])),
        ({"sender": OURS}, (400, "unknown_field", ["sender"])),
        ({"state": "delivered", "price": 0}, (400, "unknown_field", ["state"])),
        ({"account": 1}, (400, "unknown_field", ["account"])),
    ],
)  # fmt: skip
async def test_what_cannot_be_sent_is_refused_by_name(
    house: House, fields: dict[str, Any], answer: tuple[int, str, list[str]]
) -> None:
    await refused(house.alice, answer, **fields)


def body(value: str, field: str = "text") -> bytes:
    """A body in which one field is written by hand."""
    return b'{"to":"%s","text":"hi","%s":%s}' % (PHONE.encode(), field.encode(), value.encode())


BAD_BODIES: dict[str, tuple[bytes, int, str, list[str]]] = {
    "empty": (b"", 400, "invalid_body", []),
    "not JSON": (b"to=1&text=2", 400, "invalid_body", []),
    "cut off": (b'{"to":"' + PHONE.encode(), 400, "invalid_body", []),
    "two values": (body('"x"') + b"{}", 400, "invalid_body", []),
    "an array": (b"[]", 400, "invalid_body", []),
    "a word": (b'"text"', 400, "invalid_body", []),
    "missing text": (b'{"to":"%s"}' % PHONE.encode(), 400, "missing_field", ["text"]),
    "missing to": (b'{"text":"x"}', 400, "missing_field", ["to"]),
    "half a pair": (body('"\\ud83d"'), 400, "invalid_field", ["text"]),
    "half a pair in a key": (b'{"to":"%s","text":"x","\\udc00":1}' % PHONE.encode(), 400, "invalid_body", []),
    "NUL escaped": (body('"a\\u0000b"'), 400, "invalid_field", ["text"]),
    "NUL bare": (b'{"to":"%s","text":"a\0b"}' % PHONE.encode(), 400, "invalid_field", ["text"]),
    "a control character": (b'{"to":"%s","text":"a\nb"}' % PHONE.encode(), 400, "invalid_body", []),
    "not UTF-8": (b'{"to":"%s","text":"\xff"}' % PHONE.encode(), 400, "invalid_field", ["text"]),
    "UTF-16": (body('"x"').decode().encode("utf-16"), 400, "invalid_body", []),
    "a byte order mark": (b"\xef\xbb\xbf" + body('"x"'), 400, "invalid_body", []),
    "5,000 digits": (body("9" * 5000, "send_at"), 400, "invalid_field", ["send_at"]),
    "5,000 digits of validity": (body("9" * 5000, "validity"), 400, "invalid_field", ["validity"]),
    "beyond doubles": (body("1e400", "send_at"), 400, "invalid_field", ["send_at"]),
    "NaN": (body("NaN", "validity"), 400, "invalid_field", ["validity"]),
    "100,000 arrays": (b"[" * 100_000 + b"]" * 100_000, 400, "invalid_body", []),
    "100,000 objects": (b'{"to":' * 100_000 + b"1" + b"}" * 100_000, 400, "invalid_body", []),
    "too large": (body('"' + "x" * 1_100_000 + '"'), 413, "too_large", []),
}


@pytest.mark.parametrize("name", BAD_BODIES)
async def test_a_poisonous_body_is_refused_and_changes_nothing(house: House, name: str) -> None:
    raw, status, code, fields = BAD_BODIES[name]
    reply = await house.alice.ask("POST", "/api/messages", raw=raw)
    assert reply.problem == (status, code, fields)
    assert await house.alice.kept() == []
    assert await house.alice.balance() == BALANCE


async def test_of_duplicate_keys_the_last_wins(house: House) -> None:
    raw = b'{"to":"%s","text":"first","text":"last"}' % PHONE.encode()
    reply = await house.alice.ask("POST", "/api/messages", raw=raw)
    assert (reply.status, reply.json["text"]) == (201, "last")


@pytest.mark.parametrize("coding", ["gzip", "br", "deflate", "identity, gzip"])
async def test_a_compressed_body_is_not_unpacked(house: House, coding: str) -> None:
    reply = await house.alice.ask("POST", "/api/messages", raw=b"\x1f\x8b", content_encoding=coding)
    assert reply.problem == (415, "unsupported_encoding", [])


async def test_another_kind_of_body_is_named(house: House) -> None:
    reply = await house.alice.ask("POST", "/api/messages", raw=b"to=1", content_type="text/plain")
    assert reply.problem == (415, "unsupported_media_type", [])


@pytest.mark.parametrize(
    "text",
    [
        "مرحبا بك",
        "\u200bhidden\u200d",
        "😀👨‍👩‍👧‍👦",
        "a\tb\r\nc",
        "\u202etxet",
        "\ufeffmark",
        "{{x}} \\ \" ' <b>",
    ],
)
async def test_a_text_comes_back_unchanged(house: House, text: str) -> None:
    message = await house.alice.sent(text=text)
    assert (await house.alice.get("/api/messages/" + message["id"]))["text"] == text


async def test_without_balance_for_it_nothing_is_sent(house: House) -> None:
    poor = await house.tenant("poor", ("+447700900555",), balance=PRICE)
    await refused(poor, (402, "insufficient_balance", []), text="x" * 161)
    first, second = await asyncio.gather(poor.send(), poor.send())
    assert sorted((first.status, second.status)) == [201, 402]
    assert await poor.balance() == 0


async def test_a_key_without_a_default_number_has_to_name_one(house: House) -> None:
    bare = await house.tenant("bare", ())
    await refused(bare, (403, "no_default_number", ["from"]))
    assert (await bare.send(**{"from": "Bare"})).status == 201


async def test_when_nothing_can_be_stored_the_answer_is_503_and_when_to_come_back(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def gone(work: object) -> None:
        raise Unavailable("/data/textwire.db: database or disk is full")

    monkeypatch.setattr(house.engine, "transact", gone)
    reply = await house.alice.send()
    monkeypatch.undo()
    assert reply.problem == (503, "unavailable", [])
    assert reply.headers["retry-after"] == "1"
    assert b"textwire.db" not in reply.body


async def test_a_failure_of_ours_is_a_problem_too(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: Request) -> bytes:
        raise ZeroDivisionError("of +447700900123")

    monkeypatch.setattr(Request, "body", broken)
    reply = await house.alice.send()
    assert reply.problem == (500, "internal_error", [])
    assert b"447700900123" not in reply.body


async def keyed(tenant: Tenant, key: str, **fields: Any) -> Reply:
    body = {"to": PHONE, "text": "hello", **fields}
    return await tenant.ask("POST", "/api/messages", body, idempotency_key=key)


async def test_the_same_key_with_the_same_body_gets_the_same_answer(house: House) -> None:
    first = await keyed(house.alice, "k-1")
    again = await keyed(house.alice, "k-1")
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(await house.alice.kept()) == 1
    assert await house.alice.balance() == BALANCE - PRICE


async def test_a_list_is_replayed_whole(house: House) -> None:
    to = [PHONE, "+447700900124"]
    first = await keyed(house.alice, "k-1", to=to)
    assert (await keyed(house.alice, "k-1", to=to)).body == first.body
    assert len(await house.alice.kept()) == 2


async def test_what_is_stored_is_what_was_sent(house: House) -> None:
    reply = await keyed(house.alice, "k-1", text="hëllo 😀")
    await house.event("message.delivered", reply.json["id"])
    assert (await keyed(house.alice, "k-1", text="hëllo 😀")).body == reply.body


async def test_two_at_once_with_one_key_send_one_message(house: House) -> None:
    replies = await asyncio.gather(*(keyed(house.alice, "k-1") for _ in range(20)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.body for reply in replies}) == 1
    assert len(await house.alice.kept()) == 1


async def test_the_same_key_with_another_body_is_a_conflict(house: House) -> None:
    await keyed(house.alice, "k-1")
    reply = await keyed(house.alice, "k-1", text="other")
    assert reply.problem == (409, "idempotency_mismatch", [])
    assert len(await house.alice.kept()) == 1


async def test_a_key_of_another_tenant_is_another_key(house: House) -> None:
    ours, theirs = await asyncio.gather(keyed(house.alice, "k-1"), keyed(house.bob, "k-1"))
    assert (ours.status, theirs.status) == (201, 201)
    assert ours.json["id"] != theirs.json["id"]
    assert json.loads((await keyed(house.bob, "k-1")).body)["id"] == theirs.json["id"]


async def test_a_retry_after_its_time_to_send_still_gets_the_first_answer(house: House) -> None:
    send_at = house.core.clock.now() // 1_000_000 + 3600
    first = await keyed(house.alice, "k-1", send_at=send_at)
    assert first.json["state"] == "scheduled"
    house.core.clock.advance(2 * retry.HOUR)
    again = await keyed(house.alice, "k-1", send_at=send_at)
    assert (again.status, again.body) == (201, first.body)
    assert again.headers["idempotent-replayed"] == "true"
    assert len(await house.alice.kept()) == 1


async def test_another_body_after_its_time_to_send_is_refused_for_its_own_fault(house: House) -> None:
    send_at = house.core.clock.now() // 1_000_000 + 3600
    await keyed(house.alice, "k-1", send_at=send_at)
    house.core.clock.advance(2 * retry.HOUR)
    reply = await keyed(house.alice, "k-1", send_at=send_at, text="other")
    assert reply.problem == (400, "send_at_out_of_range", ["send_at"])


async def test_a_refusal_is_not_remembered(house: House) -> None:
    poor = await house.tenant("poor", ("+447700900555",), balance=PRICE)
    long = "x" * 161
    assert (await keyed(poor, "k-1", text=long)).status == 402
    assert (await keyed(poor, "k-1")).status == 201


@pytest.mark.parametrize("key", ["", "x" * 256, "tab\there", "ümlaut"])
async def test_a_key_that_is_none_is_refused(house: House, key: str) -> None:
    assert (await keyed(house.alice, key)).problem == (400, "invalid_field", ["Idempotency-Key"])
    assert await house.alice.kept() == []


async def test_a_key_may_have_255_printable_characters(house: House) -> None:
    key = "~ !" + "x" * 252
    assert (await keyed(house.alice, key)).body == (await keyed(house.alice, key)).body


def test_the_form_is_the_contracts() -> None:
    fields = {field.encode_name for field in msgspec.structs.fields(Form)}
    assert fields == {
        "to", "from", "text", "send_at", "validity", "ref", "class", "on_ambiguous", "flash",
    }  # fmt: skip
