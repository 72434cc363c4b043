import asyncio
from urllib.parse import quote

import pytest

from tests.facades.api.house import PHONE, House
from textwire.domain.refusal import Refusal
from textwire.facades.api.simnet.handsets import Bells

OURS, FRIEND = "+16139998877", "+447700900124"
AT = f"/api/simnet/phones/{PHONE}"


async def test_a_handset_shows_what_was_sent_to_it(house: House) -> None:
    await house.alice.sent(text="hello")
    found = await house.alice.get(AT + "/messages?wait=10")
    [shown] = found["items"]
    assert (shown["direction"], shown["from"], shown["to"], shown["text"]) == ("in", OURS, PHONE, "hello")
    assert found["next"] is None
    phone = await house.alice.get(AT)
    assert phone == {"number": PHONE, "state": "on", "answer": None, "messages": [shown]}


async def test_a_wait_ends_with_the_next_message_and_not_with_one_seen_before(house: House) -> None:
    await house.alice.sent(text="first")
    [first] = (await house.alice.get(AT + "/messages?wait=10"))["items"]
    waiting = asyncio.create_task(house.alice.get(f"{AT}/messages?wait=30&after={first['id']}"))
    await asyncio.sleep(0)
    assert not waiting.done()
    await house.alice.sent(text="second")
    assert [m["text"] for m in (await waiting)["items"]] == ["second"]
    both = (await house.alice.get(AT + "/messages"))["items"]
    assert [m["text"] for m in both] == ["second", "first"]


async def test_a_wait_for_nothing_ends(house: House) -> None:
    assert (await house.alice.get(AT + "/messages?wait=0.05")) == {"items": [], "next": None}
    assert (await house.alice.get(AT + "/messages")) == {"items": [], "next": None}


@pytest.mark.parametrize(
    "query", ["wait=31", "wait=-1", "wait=x", "wait=1e2", "wait=nan", "after=x", "after=-1", "since=1"]
)
async def test_a_wait_that_makes_no_sense_is_refused(house: House, query: str) -> None:
    status, _, fields = (await house.alice.ask("GET", f"{AT}/messages?{query}")).problem
    assert (status, fields) == (400, [query.partition("=")[0]])


async def test_the_handsets_messages_come_in_pages(house: House) -> None:
    for n in range(3):
        await house.alice.ask("POST", AT + "/messages", {"to": FRIEND, "text": f"text {n}"})
    first = await house.alice.get(AT + "/messages?limit=2")
    rest = await house.alice.get(f"{AT}/messages?limit=2&cursor={first['next']}")
    assert [m["text"] for m in first["items"] + rest["items"]] == ["text 2", "text 1", "text 0"]


async def test_what_a_person_texts_to_an_owned_number_is_kept_when_answered(house: House) -> None:
    reply = await house.alice.ask("POST", AT + "/messages", {"to": OURS, "text": "hi"})
    assert reply.status == 201
    assert (reply.json["direction"], reply.json["from"], reply.json["to"]) == ("out", PHONE, OURS)
    [kept] = await house.alice.kept()
    assert (kept.direction, kept.text, kept.sender) == ("in", "hi", PHONE)


async def test_a_person_may_text_another_person(house: House) -> None:
    await house.alice.ask("POST", AT + "/messages", {"to": FRIEND, "text": "hi"})
    found = await house.alice.get(f"/api/simnet/phones/{FRIEND}/messages?wait=10")
    assert [(m["from"], m["text"]) for m in found["items"]] == [(PHONE, "hi")]
    assert await house.alice.kept() == []


@pytest.mark.parametrize("spelling", ["447700900123", "%2B447700900123", "+44%207700%20900123"])
async def test_a_handset_is_the_same_however_its_number_is_written(house: House, spelling: str) -> None:
    await house.alice.ask("PATCH", AT, {"state": "off"})
    assert (await house.alice.get(f"/api/simnet/phones/{spelling}"))["state"] == "off"


async def test_a_handset_that_is_off_gets_its_messages_when_it_is_on(house: House) -> None:
    await house.alice.ask("PATCH", AT, {"state": "off"})
    sent = await house.alice.sent()
    await house.event("message.sent", sent["id"])
    assert (await house.alice.get(AT + "/messages?wait=0.3"))["items"] == []
    assert (await house.alice.ask("PATCH", AT, {"state": "on"})).json["state"] == "on"
    assert len((await house.alice.get(AT + "/messages?wait=10"))["items"]) == 1


async def test_an_answer_alone_makes_a_handset_answer(house: House) -> None:
    phone = (await house.alice.ask("PATCH", AT, {"answer": "you said {text}"})).json
    assert (phone["state"], phone["answer"]) == ("answering", "you said {text}")
    await house.alice.sent(text="hi")
    [received] = (await house.alice.get(AT + "/messages?wait=10"))["items"][-1:]
    later = await house.alice.get(f"{AT}/messages?wait=10&after={received['id']}")
    assert [(m["direction"], m["to"], m["text"]) for m in later["items"]] == [("out", OURS, "you said hi")]


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({}, (400, "missing_field", ["state"])),
        ({"state": "lost"}, (400, "invalid_field", ["state"])),
        ({"state": "on", "answer": "x"}, (400, "invalid_field", ["answer"])),
        ({"answer": ""}, (400, "invalid_field", ["answer"])),
        ({"colour": "red"}, (400, "unknown_field", ["colour"])),
    ],
)
async def test_a_state_that_makes_no_sense_is_refused(
    house: House, body: object, answer: tuple[int, str, list[str]]
) -> None:
    assert (await house.alice.ask("PATCH", AT, body)).problem == answer
    assert (await house.alice.get(AT))["state"] == "on"


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        ({"text": "hi"}, (400, "missing_field", ["to"])),
        ({"to": "nobody", "text": "hi"}, (400, "invalid_address", ["to"])),
        ({"to": OURS, "text": ""}, (400, "invalid_field", ["text"])),
        ({"to": OURS, "text": "x" * 5001}, (400, "invalid_field", ["text"])),
        ({"to": OURS, "text": 1}, (400, "invalid_field", ["text"])),
        ({"to": OURS, "text": "hi", "from": "me"}, (400, "unknown_field", ["from"])),
    ],
)
async def test_a_text_that_makes_no_sense_is_refused(
    house: House, body: object, answer: tuple[int, str, list[str]]
) -> None:
    assert (await house.alice.ask("POST", AT + "/messages", body)).problem == answer
    assert await house.alice.kept() == []


async def test_a_handset_that_is_off_cannot_text(house: House) -> None:
    await house.alice.ask("PATCH", AT, {"state": "off"})
    reply = await house.alice.ask("POST", AT + "/messages", {"to": OURS, "text": "hi"})
    assert reply.problem == (400, "invalid_field", ["state"])


@pytest.mark.parametrize("number", ["nobody", "+" + "4" * 500, "²", "+٤٤٧٧٠٠٩٠٠١٢٣"])
async def test_what_is_no_number_has_no_handset(house: House, number: str) -> None:
    reply = await house.alice.ask("GET", "/api/simnet/phones/" + quote(number))
    assert reply.problem == (400, "invalid_address", ["number"])


async def test_only_so_many_may_wait_and_leaving_makes_room() -> None:
    bells = Bells(most=2)
    waiting = [asyncio.create_task(bells.wait(PHONE, 30)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(Refusal) as caught:
        await bells.wait(FRIEND, 30)
    assert caught.value.code == "queue_full"
    bells.ring(FRIEND)
    await asyncio.sleep(0)
    assert not any(task.done() for task in waiting)
    bells.ring(PHONE)
    await asyncio.gather(*waiting)
    await bells.wait(FRIEND, 0)


async def test_nobody_waits_for_a_handset_of_a_server_that_stops() -> None:
    bells = Bells()
    waiting = [asyncio.create_task(bells.wait(number, 30)) for number in (PHONE, PHONE, FRIEND)]
    await asyncio.sleep(0)
    bells.close()
    async with asyncio.timeout(5):
        await asyncio.gather(*waiting)
        await bells.wait(PHONE, 30)


async def test_what_is_no_text_comes_in_as_octets(house: House) -> None:
    form = {"to": OURS, "data": "48656C6C6F", "udh": "06050415811581"}
    reply = await house.alice.ask("POST", AT + "/messages", form)
    assert (reply.status, reply.json["text"]) == (201, "0605041581158148656c6c6f")
    [kept] = (await house.alice.get("/api/messages?direction=in"))["items"]
    assert (kept["encoding"], kept["text"]) == ("octets", "48656c6c6f")
    story = await house.alice.get("/api/messages/" + kept["id"])
    assert story["raw"] == "0605041581158148656c6c6f"


async def test_another_handset_shows_octets_as_hex(house: House) -> None:
    await house.alice.ask("POST", AT + "/messages", {"to": FRIEND, "data": "00FF"})
    found = await house.alice.get(f"/api/simnet/phones/{FRIEND}/messages?wait=10")
    assert [m["text"] for m in found["items"]] == ["00ff"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({}, "text"),
        ({"text": "hi", "data": "00"}, "data"),
        ({"text": "hi", "udh": "00"}, "data"),
        ({"udh": "00"}, "text"),
        ({"data": "0"}, "data"),
        ({"data": "0x"}, "data"),
        ({"data": "00" * 141}, "data"),
        ({"data": "00" * 134, "udh": "06050415811581"}, "data"),
        ({"data": "00", "udh": "0605"}, "udh"),
    ],
)
async def test_octets_that_no_segment_holds_are_refused(
    house: House, form: dict[str, str], field: str
) -> None:
    status, _, fields = (await house.alice.ask("POST", AT + "/messages", {"to": OURS, **form})).problem
    assert (status, fields) == (400, [field])


async def test_octets_ask_for_nothing_though_their_hex_reads_like_a_word(house: House) -> None:
    await house.alice.ask("PUT", "/api/keywords", {"stop": ["abba"]})
    await house.alice.ask("POST", AT + "/messages", {"to": OURS, "data": "ABBA"})
    assert (await house.alice.get("/api/opt-outs"))["items"] == []
    await house.alice.ask("POST", AT + "/messages", {"to": OURS, "text": "abba"})
    assert [one["number"] for one in (await house.alice.get("/api/opt-outs"))["items"]] == [PHONE]
