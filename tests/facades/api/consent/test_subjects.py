"""/api/exports and /api/erasures: what is held about a number."""

from typing import Any

import msgspec
import pytest

from tests.facades.api.house import PHONE, House, Tenant
from textwire.domain.arrival import Arrival
from textwire.domain.ids import MAX_INT

OTHER = "+447700900555"


async def held(tenant: Tenant, number: str) -> list[Any]:
    """All lines about a number, page by page."""
    lines: list[Any] = []
    path = f"/api/exports/{number}"
    while True:
        reply = await tenant.ask("GET", path)
        assert reply.status == 200, reply
        assert reply.headers["content-type"] == "application/x-ndjson"
        found = [msgspec.json.decode(line) for line in reply.body.splitlines()]
        assert found[-1]["kind"] == "end"
        lines += found[:-1]
        if (cursor := found[-1]["next"]) is None:
            return lines
        path = f"/api/exports/{number}?cursor={cursor}"


async def test_everything_about_a_number_is_exported_and_nothing_else(house: House) -> None:
    sent = [await house.alice.sent(text=f"text {n}") for n in range(3)]
    await house.alice.sent(to=OTHER)
    await house.bob.sent()
    await house.core.inlet.receive(
        [
            Arrival(
                carrier="simulated",
                sender=PHONE,
                recipient=house.alice.numbers[0],
                text="hi",
                at=house.core.clock.now(),
            )
        ]
    )
    await house.alice.ask("PUT", f"/api/opt-outs/{PHONE}")
    lines = await held(house.alice, PHONE)
    assert [line["kind"] for line in lines] == ["opt_out"] + ["message"] * 4
    told = [line["message"] for line in lines[1:]]
    assert {m["id"] for m in told} >= {m["id"] for m in sent}
    assert {m["text"] for m in told} == {"text 0", "text 1", "text 2", "hi"}
    assert all(m["timeline"] for m in told)
    assert (await house.alice.ask("GET", "/api/exports/+447700900556")).problem[:2] == (404, "not_found")
    assert len(await held(house.bob, PHONE)) == 1


async def test_long_exports_are_paged(house: House) -> None:
    await house.alice.sent(to=[PHONE] * 250)
    lines = await held(house.alice, PHONE)
    ids = [int(line["message"]["id"]) for line in lines]
    assert len(set(ids)) == 250
    assert ids == sorted(ids, reverse=True)


async def test_an_erased_number_leaves_nothing_to_export(house: House) -> None:
    later = house.core.clock.now() // 1_000_000 + 3600
    for _ in range(3):
        await house.alice.sent(send_at=later)
    await house.bob.sent(send_at=later)
    await house.alice.ask("PUT", f"/api/opt-outs/{PHONE}")
    reply = await house.alice.ask("POST", "/api/erasures", {"number": PHONE})
    assert reply.status == 202
    assert reply.json.items() >= {
        "state": "done", "messages": 3, "canceled": 3, "requested_by": house.alice.caller.public_id,
    }.items()  # fmt: skip
    assert PHONE[1:] not in reply.body.decode()
    assert await house.alice.get(f"/api/erasures/{reply.json['id']}") == reply.json
    assert (await house.alice.get("/api/erasures"))["items"] == [reply.json]
    assert (await house.alice.get("/api/messages"))["items"] == []
    assert (await house.alice.get("/api/opt-outs"))["items"] == []
    # Whoever still knows the number can ask, and the person is left in peace.
    assert (await house.alice.get(f"/api/opt-outs/{PHONE}"))["source"] == "api"
    assert (await house.alice.send()).problem[:2] == (403, "recipient_opted_out")
    assert [line["kind"] for line in await held(house.alice, PHONE)] == ["opt_out"]
    assert len(await held(house.bob, PHONE)) == 1
    assert (await house.alice.ask("DELETE", f"/api/opt-outs/{PHONE}")).status == 204
    await house.alice.sent(send_at=later)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({}, (400, "missing_field", ["number"])),
        ({"number": "nobody"}, (400, "invalid_address", ["number"])),
        ({"number": "+16139998877"}, (409, "own_number", ["number"])),
        ({"number": PHONE, "really": True}, (400, "unknown_field", ["really"])),
        ({"number": PHONE, "suppress": "yes"}, (400, "invalid_field", ["suppress"])),
        ({"number": "x" * 65}, (400, "invalid_field", ["number"])),
    ],
)
async def test_erasures_that_make_no_sense_are_refused(house: House, body: Any, problem: Any) -> None:
    assert (await house.alice.ask("POST", "/api/erasures", body)).problem == problem
    assert (await house.alice.get("/api/erasures"))["items"] == []


async def test_what_was_refused_for_a_number_is_exported_and_erased_too(house: House) -> None:
    house.core.desk.rejections.note(house.alice.account, "Acme", PHONE[1:], "15", "Illegal Sender")
    [line] = await held(house.alice, PHONE)
    assert line.pop("at").endswith("Z")
    assert line == {
        "kind": "refusal",
        "from": "Acme",
        "to": PHONE[1:],
        "status": "15",
        "reason": "Illegal Sender",
    }
    assert (await house.alice.ask("POST", "/api/erasures", {"number": PHONE})).status == 202
    kept = house.core.desk.rejections
    assert await kept.found(house.alice.account, PHONE[1:], 0, MAX_INT, 1) == []
